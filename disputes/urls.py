"""Disputes: /disputes/7/offer/ is ``views/offer.py`` is ``disputes/offer.html``."""

from django.urls import path

from disputes.views.case import case
from disputes.views.how import how
from disputes.views.mine import mine
from disputes.views.offer import offer
from disputes.views.open import open_dispute
from disputes.views.twice import STEPS, twice

app_name = "disputes"
urlpatterns = [
    path("milestones/<int:pk>/dispute/", open_dispute, name="open"),
    path("disputes/", mine, name="list"),
    path("disputes/<int:pk>/", case, name="case"),
    path("disputes/<int:pk>/offer/", offer, name="offer"),
    *(path(f"disputes/<int:pk>/{step}/", twice, {"step": step}, name=step) for step in STEPS),
    path("disputes/how-it-works/", how, name="how"),
]
