"""Releasing: the amount first, then what it means (P20–P27)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from milestones import release_rows
from milestones.forms import ReleaseForm
from milestones.models import Milestone, ReleaseRequest
from milestones.views import facts
from milestones.views.fetch import visible_milestone
from projects import fee_words

TEMPLATE = "milestones/release.html"


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    if "token" in request.POST:
        return _release(request, pk)
    milestone = visible_milestone(request.user, pk)
    try:
        milestone.require("release", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    asked = release_rows.asked_release(milestone)
    form = ReleaseForm(milestone, asked, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"milestone": milestone, "form": form, **_work(request, milestone, asked), **_rates(milestone)}
        return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
    return _ask(request, milestone, form.cleaned_data["amount"], asked)


def _work(request: HttpRequest, milestone: Milestone, asked: ReleaseRequest | None) -> dict[str, Any]:
    """What the freelancer says of the work, or else what "done" means."""
    if asked:
        return {"asked": release_rows.request_row(asked, request.user)}
    return {"lines": [line.words for line in milestone.criteria.all()]}


def _rates(milestone: Milestone) -> dict[str, str]:
    """What the fees are, in words, where there are any."""
    return {
        side: fee_words.rate(fee, milestone.currency)
        for side, fee in zip(("freelancer_rate", "employer_rate"), milestone.award.terms, strict=True)
        if fee
    }


def _ask(request: HttpRequest, milestone: Milestone, amount: int, asked: ReleaseRequest | None) -> HttpResponse:
    cost = milestone.fees_of(amount)
    shown = {
        "amount": amount,
        "currency": milestone.currency,
        "payee": str(milestone.freelancer),
        "task": milestone.task,
        "held": milestone.held,
        "stays_held": milestone.held - amount,
        "fee": cost.freelancer,
        "arrives": amount - cost.freelancer,
        "employer_fee": cost.employer,
        "unticked": asked.unticked if asked else [],
    }
    context = {
        "milestone": milestone,
        "token": confirmation.sign(request, "release", milestone.pk, milestone.seen_version, **shown),
        "amount": amount,
        "sum": format_minor(amount, milestone.currency),
        "stays_held": milestone.held - amount,
        "cost": cost,
        "unticked": shown["unticked"],
        "arrives": amount - cost.freelancer,
        **_rates(milestone),
    }
    return render(request, TEMPLATE, context)


def _release(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        confirmed = confirmation.read(request, "release", pk)
    except confirmation.BadConfirmation:
        visible_milestone(request.user, pk)  # a stranger learns nothing, not even that it exists
        raise
    try:
        event = Milestone(pk=pk).release(
            confirmed.shown["amount"], by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed)
        )
    except WrongState as refusal:
        return steps.stale(request, refusal, reverse("milestones:detail", args=[pk]), facts.of_milestone(pk))
    return steps.done(request, event)
