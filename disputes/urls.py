"""Disputes: /disputes/7/offer/ is ``views/offer.py`` is ``disputes/offer.html``."""

from django.urls import path

from disputes.views import evidence
from disputes.views.absence import absence
from disputes.views.case import case
from disputes.views.chronology import chronology
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
    path("disputes/<int:pk>/absence/", absence, name="absence"),
    path("disputes/<int:pk>/evidence/", evidence.evidence, name="evidence"),
    path("disputes/questions/<int:pk>/answer/", evidence.answer, name="answer"),
    path("disputes/files/<int:pk>/", evidence.file, name="file"),
    path("disputes/files/<int:pk>/open/", evidence.file_link, name="file-link"),
    path("disputes/<int:pk>/chronology/", chronology, name="chronology"),
    path("disputes/how-it-works/", how, name="how"),
]
