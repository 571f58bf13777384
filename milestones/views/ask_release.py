"""Asking for a release, taking the request back, sending it back with what is missing; the files of the work (P32)."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config import steps, uploads
from config.refusals import WrongState
from milestones.forms import AskReleaseForm, ReasonForm
from milestones.models import ReleaseFile, ReleaseRequest
from milestones.views import facts
from milestones.views.back import take_back, visible
from milestones.views.fetch import visible_milestone


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = visible_milestone(request.user, pk)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AskReleaseForm(milestone, *sent)
    try:
        if form.is_valid():
            about, key = form.cleaned_data, steps.key_for(request, form.cleaned_data)
            ReleaseRequest.make(milestone, by=request.user, key=key, seen=steps.once(request), **about)
            words = _("%(name)s has been asked to release the money.")
            messages.success(request, words % {"name": milestone.employer})
            return steps.done(request, milestone)
        if not form.is_bound or form.errors:
            ReleaseRequest(award=milestone.award, milestone=milestone).require("ask", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    context = {"milestone": milestone, "form": form, "key": steps.key_of(request)}
    return render(request, "milestones/ask_release.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible(ReleaseRequest, request.user, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].label = _("What is missing")
    try:
        if form.is_valid():
            key, seen = steps.key_for(request, form.cleaned_data), steps.once(request)
            asked.take("send_back", by=request.user, key=key, seen=seen, note=form.cleaned_data["reason"])
            messages.success(request, _("%(name)s has been told what is missing.") % {"name": asked.award.freelancer})
            return steps.done(request, asked.milestone)
        asked.require("send_back", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, asked.milestone, facts.of_milestone(asked.milestone_id))
    context = {"asked": asked, "milestone": asked.milestone, "form": form, "key": steps.key_of(request)}
    return render(request, "milestones/release_send_back.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible(ReleaseRequest, request.user, pk)
    words = _("The money stays held. You can ask again at any time.")
    return take_back(request, asked, words, _("You took the request back."))


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of the work: for the two sides, and for staff who may read such files; 404 for anybody else."""
    files = ReleaseFile.objects.all()
    if not (admin.site.has_permission(request) and request.user.has_perm("milestones.view_releasefile")):
        files = files.filter(request__in=ReleaseRequest.objects.visible_to(request.user))
    return uploads.send(get_object_or_404(files, pk=pk))
