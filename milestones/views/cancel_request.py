"""The employer asks to cancel; the freelancer agrees, twice asked, which cancels the milestone (P35)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from milestones.forms import ReasonForm
from milestones.models import CancelRequest
from milestones.views import facts
from milestones.views.back import visible
from milestones.views.fetch import visible_milestone
from milestones.ways_on import ways_on

AGREE = "cancel-request-agree"


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = visible_milestone(request.user, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    new = CancelRequest(award=milestone.award, milestone=milestone)
    try:
        if form.is_valid():
            about = {"milestone": milestone, "note": form.cleaned_data["reason"]}
            key = steps.key_for(request, form.cleaned_data)
            CancelRequest.ask(milestone.award, by=request.user, key=key, seen=steps.once(request), **about)
            words = _("%(name)s has been asked to cancel the milestone.")
            messages.success(request, words % {"name": milestone.freelancer})
            return steps.done(request, milestone)
        new.require("ask", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    context = {
        "milestone": milestone,
        "form": form,
        "key": steps.key_of(request),
        "ways": ways_on(milestone, request.user, dispute=False),
    }
    return render(request, "milestones/cancel_request.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    if "token" in request.POST:
        return _agree(request, pk)
    ask = visible(CancelRequest, request.user, pk)
    milestone = ask.milestone
    try:
        ask.require("agree", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(milestone.pk))
    context = {
        "ask": ask,
        "milestone": milestone,
        "released": milestone.released_in_all(),
        "sum": format_minor(milestone.held, milestone.currency),
    }
    if request.method == "POST":
        shown = {
            "amount": milestone.held,
            "currency": milestone.currency,
            "payee": str(milestone.employer),
            "task": milestone.task,
            "asked_because": ask.note,
        }
        context["token"] = confirmation.sign(request, AGREE, ask.pk, ask.seen_version, **shown)
    return render(request, "milestones/cancel_request_agree.html", context)


def _agree(request: HttpRequest, pk: int) -> HttpResponse:
    ask = visible(CancelRequest, request.user, pk)
    confirmed = confirmation.read(request, AGREE, pk)
    try:
        event = ask.agree(by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed))
    except WrongState as refusal:
        return steps.stale(request, refusal, ask.milestone, facts.of_milestone(ask.milestone_id))
    return steps.done(request, event)
