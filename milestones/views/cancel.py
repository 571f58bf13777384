"""Cancelling: the employer before acceptance, the freelancer whenever something is held (P33, P34)."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from milestones.forms import CancelForm
from milestones.models import Milestone
from milestones.views import facts
from milestones.views.fetch import visible_milestone

TEMPLATE = "milestones/cancel.html"


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    if "token" in request.POST:
        return _cancel(request, pk)
    milestone = visible_milestone(request.user, pk)
    try:
        action = milestone.require(milestone.cancel_action(request.user), request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    form = CancelForm(request.POST if request.method == "POST" else None)
    as_employer = action.name == "withdraw"
    # The employer's fee is the employer's affair: the freelancer is asked about what is held.
    fee = milestone.fee_set_aside() if as_employer else 0
    context = {
        "milestone": milestone,
        "form": form,
        "as_employer": as_employer,
        "fee": fee,
        "whole": milestone.held + fee,
        "sum": format_minor(milestone.held + fee, milestone.currency),
    }
    if not form.is_valid():
        return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
    return _ask(request, milestone, form.cleaned_data["reason"], context)


def _ask(request: HttpRequest, milestone: Milestone, reason: str, context: dict[str, object]) -> HttpResponse:
    shown = {
        "amount": milestone.held,
        "currency": milestone.currency,
        "payee": str(milestone.employer),
        "task": milestone.task,
        "reason": reason,
        "fee_back": context["fee"],
    }
    token = confirmation.sign(request, "cancel", milestone.pk, milestone.seen_version, **shown)
    return render(request, TEMPLATE, {**context, "token": token, "reason": reason})


def _cancel(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        confirmed = confirmation.read(request, "cancel", pk)
    except confirmation.BadConfirmation:
        visible_milestone(request.user, pk)  # a stranger learns nothing, not even that it exists
        raise
    try:
        event = Milestone(pk=pk).cancel(
            by=request.user,
            key=confirmed.key,
            seen=steps.seen(request, confirmed),
            reason=confirmed.shown["reason"],
        )
    except (WrongState, PermissionDenied) as refusal:
        # Who was asked had the right then; acceptance took it away since. What is true now says more than a 403 (P25).
        return steps.stale(request, refusal, reverse("milestones:detail", args=[pk]), facts.of_milestone(pk))
    return steps.done(request, event)
