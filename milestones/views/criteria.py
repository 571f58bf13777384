"""What "done" means: written by the employer until the project is accepted, changed by consent from then on."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from config.seen import Seen
from milestones import release_rows
from milestones.forms import CriteriaForm, ReasonForm
from milestones.models import CriteriaChange, Milestone
from milestones.models.criteria_changes import edit, require_edit
from milestones.views import facts
from milestones.views.back import take_back, visible
from milestones.views.fetch import visible_milestone


@require_http_methods(["GET", "HEAD", "POST"])
def criteria(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = visible_milestone(request.user, pk)
    # The employer's to write; from acceptance on a change is proposed. A form of before tells which it was.
    own = milestone.award.state == "awaiting" or "own" in request.POST
    form = CriteriaForm(milestone, own, request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            return _save(request, milestone, own, form.cleaned_data)
        if own:
            require_edit(milestone, request.user)
        else:
            change = CriteriaChange(award=milestone.award, milestone=milestone, proposed_by=request.user)
            change.require("ask", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    context = {"milestone": milestone, "form": form, "own": own}
    # A form that is shown again keeps what was seen first.
    context["seen"] = request.POST.get("seen", milestone.seen_version)
    context["key"] = steps.key_of(request)
    return render(request, "milestones/criteria.html", context, status=422 if form.is_bound else 200)


def _save(request: HttpRequest, milestone: Milestone, own: bool, wanted: dict[str, Any]) -> HttpResponse:
    key, by = steps.key_for(request, wanted), request.user
    # What the form was filled with: a list that was changed in another window since is not written over.
    seen = Seen(request.POST.get("seen", ""), {}, steps.once(request).address)
    if own:
        edit(milestone, wanted["criteria"], by=by, key=key, seen=seen)
        messages.success(request, _("What done means is saved. The freelancer has been told."))
    else:
        CriteriaChange.propose(milestone, wanted["criteria"], by=by, key=key, seen=seen, note=wanted["note"])
        other = milestone.freelancer if by.pk == milestone.employer_id else milestone.employer
        messages.success(request, _("%(name)s has been asked to agree to the change.") % {"name": other})
    return steps.done(request, milestone)


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    change = visible(CriteriaChange, request.user, pk)
    try:
        if request.method == "POST":
            seen = Seen(request.POST.get("seen", ""), {}, steps.once(request).address)
            change.agree(by=request.user, key=steps.key_for(request), seen=seen)
            messages.success(request, _("What done means has changed."))
            return steps.done(request, change.milestone)
        change.require("agree", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, change.milestone, facts.of_milestone(change.milestone_id))
    context = {
        "change": release_rows.change_row(change, request.user),
        "milestone": change.milestone,
        "seen": change.seen_version,
        "key": steps.key_of(request),
    }
    return render(request, "milestones/criteria_agree.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    change = visible(CriteriaChange, request.user, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            key, seen = steps.key_for(request, form.cleaned_data), steps.once(request)
            change.take("refuse", by=request.user, key=key, seen=seen, note=form.cleaned_data["reason"])
            messages.success(request, _("You refused. What done means stays as it was."))
            return steps.done(request, change.milestone)
        change.require("refuse", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, change.milestone, facts.of_milestone(change.milestone_id))
    context = {
        "change": release_rows.change_row(change, request.user),
        "milestone": change.milestone,
        "form": form,
        "key": steps.key_of(request),
    }
    return render(request, "milestones/criteria_refuse.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    change = visible(CriteriaChange, request.user, pk)
    return take_back(request, change, _("What done means stays as it is."), _("You took the change back."))
