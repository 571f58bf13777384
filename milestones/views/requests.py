"""A freelancer asks for a milestone, changes or withdraws the request; the employer declines it (P30, P31).

Accepting is the form that creates a milestone, filled in: ``views/create.py`` with ``?request=7``.
"""

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Member
from config import steps
from config.refusals import WrongState
from config.seen import Seen
from config.templatetags.money import money
from milestones import request_rows
from milestones.forms_requests import DeclineForm, RequestForm
from milestones.models import Milestone, MilestoneRequest, Sums
from milestones.views import facts
from projects.models import Award

FORM = "milestones/request_form.html"


def visible_request(user: Member, pk: int) -> MilestoneRequest:
    """Return the request with the people that a page names; 404 for anybody but its parties."""
    requests: Any = MilestoneRequest.objects.visible_to(user).with_people().with_payments()
    return get_object_or_404(requests, pk=pk)  # type: ignore[no-any-return]


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request.user, pk)
    as_employer = request.user.pk == asked.award.employer_id
    context = {"asked": asked, "row": request_rows.row(asked, request.user), "as_employer": as_employer}
    return render(request, "milestones/request.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, award_id: int) -> HttpResponse:
    awards = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    award = get_object_or_404(awards, pk=award_id)
    form = RequestForm(award, request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            typed = form.cleaned_data
            key, seen = steps.key_for(request, typed), _seen(request, typed)
            MilestoneRequest.ask(award, by=request.user, key=key, seen=seen, **typed)
            messages.success(request, _("%(name)s has been told of your request.") % {"name": award.employer})
            return steps.done(request, award.project)
        MilestoneRequest(award=award).require("ask", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, award.project, [(_("Award"), award.get_state_display())])
    return _show_form(request, award, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request.user, pk)
    form = RequestForm(asked.award, request.POST if request.method == "POST" else None, asked=asked)
    try:
        if form.is_valid():
            typed = form.cleaned_data
            key, seen = steps.key_for(request, typed), _seen(request, typed, request.POST.get("version", ""))
            asked.edit(by=request.user, key=key, seen=seen, **typed)
            messages.success(request, _("Your request was changed."))
            return steps.done(request, asked.award.project)
        asked.require("edit", request.user)
    except WrongState as refusal:
        return _stale(request, refusal, asked)
    return _show_form(request, asked.award, form, asked)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request.user, pk)
    try:
        if request.method == "POST":
            asked.take("withdraw", by=request.user, key=steps.key_for(request), seen=_seen(request, {}))
            messages.success(request, _("Your request was withdrawn."))
            return steps.done(request, asked.award.project)
        asked.require("withdraw", request.user)
    except WrongState as refusal:
        return _stale(request, refusal, asked)
    return render(request, "milestones/request_withdraw.html", _about(request, asked))


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request.user, pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            typed = form.cleaned_data
            key, seen = steps.key_for(request, typed), _seen(request, typed, request.POST.get("version", ""))
            asked.take("decline", by=request.user, key=key, seen=seen, note=typed["reason"])
            messages.success(request, _("You declined. %(name)s has been told.") % {"name": asked.award.freelancer})
            return steps.done(request, asked.award.project)
        asked.require("decline", request.user)
    except WrongState as refusal:
        return _stale(request, refusal, asked)
    context = {**_about(request, asked), "form": form}
    return render(request, "milestones/request_decline.html", context, status=422 if form.is_bound else 200)


def _about(request: HttpRequest, asked: MilestoneRequest) -> dict[str, Any]:
    """What the dialogs about one request say; a form that is shown again keeps its key and what was seen first."""
    return {
        "asked": asked,
        "award": asked.award,
        "sum": money(asked.amount, asked.award.currency),
        "key": steps.key_of(request),
        "version": request.POST.get("version", asked.seen_version),
    }


def _show_form(
    request: HttpRequest, award: Award, form: RequestForm, asked: MilestoneRequest | None = None
) -> HttpResponse:
    sums = Milestone.objects.filter(award=award).sums_by_award().get(award.pk, Sums())
    committed, code = sums.committed, award.currency
    context = {
        "award": award,
        "form": form,
        "key": steps.key_of(request),
        "agreed": money(award.amount, code),
        "committed": money(committed, code),
        "left": money(max(award.amount - committed, 0), code),
        **(_about(request, asked) if asked else {}),
    }
    return render(request, FORM, context, status=422 if form.is_bound else 200)


def _stale(request: HttpRequest, refusal: WrongState, asked: MilestoneRequest) -> HttpResponse:
    return steps.stale(request, refusal, asked, facts.of_request(asked.award, asked.pk))


def _seen(request: HttpRequest, typed: dict[str, Any], version: str | None = None) -> Seen:
    return dataclasses.replace(steps.once(request), version=version, shown=typed)
