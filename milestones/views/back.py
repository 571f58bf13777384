"""Answers to what is asked back that move nothing: refusing, and taking the request back (P35, P36)."""

from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from config import steps
from config.refusals import WrongState
from milestones.back_rows import Back, sentence
from milestones.forms import ReasonForm
from milestones.models import Ask
from milestones.views import facts

T = TypeVar("T", bound=Ask)
# What a page about one names.
NAMED: Any = (
    "award__project", "award__employer", "award__freelancer", "milestone__escrow", "milestone__fee_escrow",
)  # fmt: skip


def visible(kind: type[T], user: Member, pk: int) -> T:
    """Return the request with the people and the milestone that a page names; 404 for anybody but its parties."""
    asks = kind.objects.visible_to(user).select_related(*NAMED)
    ask: Any = get_object_or_404(asks, pk=pk)
    ask.milestone.award = ask.award
    ask.milestone.employer, ask.milestone.freelancer = ask.award.employer, ask.award.freelancer
    return ask  # type: ignore[no-any-return]


@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, pk: int, kind: type[Back]) -> HttpResponse:
    ask = visible(kind, request.user, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            key, seen = steps.key_for(request, form.cleaned_data), steps.once(request)
            ask.take("refuse", by=request.user, key=key, seen=seen, note=form.cleaned_data["reason"])
            messages.success(request, _("You refused. %(name)s has been told.") % {"name": ask.award.employer})
            return steps.done(request, ask.milestone)
        ask.require("refuse", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, ask.milestone, facts.of_milestone(ask.milestone_id))
    context = {"ask": ask, "form": form, "sentence": sentence(ask, request.user), "key": steps.key_of(request)}
    return render(request, "milestones/back_refuse.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int, kind: type[Back]) -> HttpResponse:
    ask = visible(kind, request.user, pk)
    words = sentence(ask, request.user)
    return take_back(request, ask, words, _("You took the request back."), "milestones/back_withdraw.html")


def take_back(
    request: HttpRequest, ask: Any, words: str, done: str, template: str = "milestones/ask_withdraw.html"
) -> HttpResponse:
    """Let who asked take *ask*, which is about a milestone, back: *words* say what it means, *done* that it is."""
    try:
        if request.method == "POST":
            ask.take("withdraw", by=request.user, key=steps.key_for(request), seen=steps.once(request))
            messages.success(request, done)
            return steps.done(request, ask.milestone)
        ask.require("withdraw", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, ask.milestone, facts.of_milestone(ask.milestone_id))
    return render(request, template, {"ask": ask, "sentence": words, "key": steps.key_of(request)})
