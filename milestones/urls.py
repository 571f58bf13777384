"""Milestones: /milestones/7/release/ is ``views/release.py`` is ``milestones/release.html``."""

from django.urls import path

from milestones.views.award_money import award_money
from milestones.views.cancel import cancel
from milestones.views.create import create
from milestones.views.detail import detail
from milestones.views.discard import discard
from milestones.views.receipt import receipt, receipt_as_file
from milestones.views.release import release
from milestones.views.requests import ask, decline, edit, withdraw
from milestones.views.requests import detail as request_detail

app_name = "milestones"
urlpatterns = [
    path("awards/<int:award_id>/milestones/new/", create, name="create"),
    path("awards/<int:pk>/money/", award_money, name="award-money"),
    path("milestones/<int:pk>/", detail, name="detail"),
    path("milestones/<int:pk>/release/", release, name="release"),
    path("milestones/<int:pk>/cancel/", cancel, name="cancel"),
    path("unfunded/<int:pk>/discard/", discard, name="discard"),
    path("receipts/<int:pk>/", receipt, name="receipt"),
    path("receipts/<int:pk>.pdf", receipt_as_file, {"kind": "pdf"}, name="receipt-pdf"),
    path("receipts/<int:pk>.csv", receipt_as_file, {"kind": "csv"}, name="receipt-csv"),
    path("awards/<int:award_id>/milestone-requests/new/", ask, name="request-new"),
    path("milestone-requests/<int:pk>/", request_detail, name="request"),
    path("milestone-requests/<int:pk>/edit/", edit, name="request-edit"),
    path("milestone-requests/<int:pk>/withdraw/", withdraw, name="request-withdraw"),
    path("milestone-requests/<int:pk>/decline/", decline, name="request-decline"),
]
