"""Disputes: /disputes/7/accept/ is ``views/accept.py`` is ``disputes/accept.html``."""

from django.urls import path

from disputes.views.case import case
from disputes.views.how import how

app_name = "disputes"
urlpatterns = [
    path("disputes/<int:pk>/", case, name="case"),
    path("disputes/how-it-works/", how, name="how"),
]
