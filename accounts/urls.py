"""Pages about members themselves."""

from django.urls import path

from accounts.views import home, notifications, preferences, theme

urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", theme.theme, name="theme"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read, name="notifications-read"),
]
