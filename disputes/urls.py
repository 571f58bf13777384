"""Disputes: /disputes/7/offer/ is ``views/offer.py`` is ``disputes/offer.html``."""

from django.urls import path

from disputes.views import evidence, settlement
from disputes.views.absence import absence
from disputes.views.case import case
from disputes.views.case_pdf import case_as_pdf
from disputes.views.check import check
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
    path("disputes/<int:pk>/case.pdf", case_as_pdf, name="pdf"),
    path("disputes/<int:pk>/check/", check, name="check"),
    path("disputes/<int:pk>/settlement/", settlement.settlement, name="settlement"),
    path("disputes/<int:pk>/settlement.pdf", settlement.settlement_as_file, {"kind": "pdf"}, name="settlement-pdf"),
    path("disputes/<int:pk>/settlement.csv", settlement.settlement_as_file, {"kind": "csv"}, name="settlement-csv"),
    path("disputes/how-it-works/", how, name="how"),
]
