"""Pages about members themselves."""

from django.urls import path

from accounts.views import home, mail_choice, notifications, preferences, switches

urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", switches.theme, name="theme"),
    path("language/", switches.language, name="language"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read, name="notifications-read"),
    path("notifications/count/", notifications.count, name="notifications-count"),
    path("notifications/<int:pk>/", notifications.notification, name="notification"),
    path("notifications/unsubscribe/<str:token>/", mail_choice.unsubscribe, name="notifications-unsubscribe"),
    path("preferences/notifications/", mail_choice.choose, name="preferences-notifications"),
]
