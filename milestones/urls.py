"""Milestones: /milestones/7/release/ is ``views/release.py`` is ``milestones/release.html``."""

from django.urls import path

from milestones.models import CancelRequest, ReturnRequest
from milestones.views import ask_release, back, cancel_request, criteria, return_request
from milestones.views.after_award import after_award
from milestones.views.award_money import award_money
from milestones.views.cancel import cancel
from milestones.views.consent import consent
from milestones.views.create import create
from milestones.views.detail import detail
from milestones.views.discard import discard
from milestones.views.divide import divide
from milestones.views.messages import hint, message_file, messages
from milestones.views.receipt import receipt, receipt_as_file
from milestones.views.release import release
from milestones.views.requests import ask, decline, edit, withdraw
from milestones.views.requests import detail as request_detail

app_name = "milestones"
urlpatterns = [
    path("awards/<int:award_id>/milestones/new/", create, name="create"),
    path("awards/<int:award_id>/milestones/", after_award, name="after-award"),
    path("awards/<int:award_id>/milestones/divide/", divide, name="divide"),
    path("awards/<int:pk>/money/", award_money, name="award-money"),
    path("milestones/<int:pk>/", detail, name="detail"),
    path("milestones/<int:pk>/release/", release, name="release"),
    path("milestones/<int:pk>/cancel/", cancel, name="cancel"),
    path("milestones/<int:pk>/consent/", consent, name="consent"),
    path("milestones/<int:pk>/cancel-request/", cancel_request.ask, name="cancel-request"),
    path("cancel-requests/<int:pk>/agree/", cancel_request.agree, name="cancel-request-agree"),
    path("cancel-requests/<int:pk>/refuse/", back.refuse, {"kind": CancelRequest}, name="cancel-request-refuse"),
    path("cancel-requests/<int:pk>/withdraw/", back.withdraw, {"kind": CancelRequest}, name="cancel-request-withdraw"),
    path("milestones/<int:pk>/return-request/", return_request.ask, name="return-request"),
    path("return-requests/<int:pk>/agree/", return_request.agree, name="return-request-agree"),
    path("return-requests/<int:pk>/refuse/", back.refuse, {"kind": ReturnRequest}, name="return-request-refuse"),
    path("return-requests/<int:pk>/withdraw/", back.withdraw, {"kind": ReturnRequest}, name="return-request-withdraw"),
    path("milestones/<int:pk>/ask-release/", ask_release.ask, name="ask-release"),
    path("release-requests/<int:pk>/send-back/", ask_release.send_back, name="release-send-back"),
    path("release-requests/<int:pk>/withdraw/", ask_release.withdraw, name="release-withdraw"),
    path("release-files/<int:pk>/", ask_release.file, name="release-file"),
    path("milestones/<int:pk>/criteria/", criteria.criteria, name="criteria"),
    path("criteria-changes/<int:pk>/agree/", criteria.agree, name="criteria-agree"),
    path("criteria-changes/<int:pk>/refuse/", criteria.refuse, name="criteria-refuse"),
    path("criteria-changes/<int:pk>/withdraw/", criteria.withdraw, name="criteria-withdraw"),
    path("unfunded/<int:pk>/discard/", discard, name="discard"),
    path("receipts/<int:pk>/", receipt, name="receipt"),
    path("receipts/<int:pk>.pdf", receipt_as_file, {"kind": "pdf"}, name="receipt-pdf"),
    path("receipts/<int:pk>.csv", receipt_as_file, {"kind": "csv"}, name="receipt-csv"),
    path("awards/<int:pk>/messages/", messages, name="messages"),
    path("awards/<int:pk>/messages/hint/", hint, name="message-hint"),
    path("message-files/<int:pk>/", message_file, name="message-file"),
    path("awards/<int:award_id>/milestone-requests/new/", ask, name="request-new"),
    path("milestone-requests/<int:pk>/", request_detail, name="request"),
    path("milestone-requests/<int:pk>/edit/", edit, name="request-edit"),
    path("milestone-requests/<int:pk>/withdraw/", withdraw, name="request-withdraw"),
    path("milestone-requests/<int:pk>/decline/", decline, name="request-decline"),
]
