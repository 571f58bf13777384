"""Evidence: adding it, answering an arbitrator, and the files of it (P44)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config import private_files, steps, uploads
from config.refusals import WrongState
from disputes import files
from disputes.forms import EvidenceForm
from disputes.models import EvidenceFile, Question
from disputes.views import facts
from disputes.views.fetch import visible_dispute

FILE = "disputes:file"


@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = visible_dispute(request.user, pk)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    try:
        if form.is_valid():
            key = steps.key_for(request, form.cleaned_data)
            dispute.add_evidence(form.said, by=request.user, key=key, seen=steps.once(request))
            return steps.done(request, dispute)
        dispute.require("evidence", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, dispute, facts.of_dispute(pk))
    return _form(request, {"dispute": dispute, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    question = get_object_or_404(Question.objects.select_related("dispute"), pk=pk)
    dispute = visible_dispute(request.user, question.dispute_id)
    until = question.until_of(dispute.role_of(request.user))
    if until is None:
        raise PermissionDenied(_("This question was asked of the other side."))
    form = EvidenceForm(request.POST or None, request.FILES or None)
    try:
        if form.is_valid():
            key = steps.key_for(request, form.cleaned_data)
            dispute.answer(question, form.said, by=request.user, key=key, seen=steps.once(request))
            return steps.done(request, dispute)
        dispute.require("evidence", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, dispute, facts.of_dispute(dispute.pk))
    return _form(request, {"dispute": dispute, "form": form, "question": question, "until": until})


def _form(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    context["key"] = steps.key_of(request)
    return render(request, "disputes/evidence.html", context, status=422 if context["form"].is_bound else 200)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _file(request, pk)
    state = private_files.state(request, FILE, pk)
    if state == "bad":
        raise Http404
    if state == "expired":
        return render(request, "disputes/file_expired.html", {"file": found, "dispute": found.item.dispute}, status=410)
    return uploads.send(found)


@require_safe
def file_link(request: HttpRequest, pk: int) -> HttpResponse:
    found = _file(request, pk)
    response = redirect(private_files.address(FILE, found.pk, request.user))
    response["Cache-Control"] = "private, no-store"
    return response


def _file(request: HttpRequest, pk: int) -> EvidenceFile:
    """Return the file; 404 for anybody who may not see it."""
    try:
        found = files.file_of(pk)
    except EvidenceFile.DoesNotExist as error:
        raise Http404 from error
    if not files.may_see(found, request.user):
        raise Http404
    return found
