"""Post a project, and edit it while it is open (P1)."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from projects.forms import ProjectForm
from projects.models import Project
from projects.page import state_now


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        project = Project.post(by=request.user, key=_key(request), **form.cleaned_data)
        messages.success(request, _("Your project is open for bids."))
        return redirect(project)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "back": reverse("projects:list"), "key": _key(request)}
    return render(request, "projects/form.html", context, status=status)


def _key(request: HttpRequest) -> uuid.UUID:
    """The key that the form carries, or a fresh one for a form that is shown first."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    form = ProjectForm(request.POST if request.method == "POST" else None, project=project)
    try:
        project.require("edit", request.user)
        if request.method == "POST" and form.is_valid():
            project.edit(by=request.user, **form.cleaned_data)
            messages.success(request, _("Your changes are saved."))
            return redirect(project)
    except WrongState as refusal:
        return steps.stale(request, refusal, project, facts=state_now(project))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "project": project, "back": project.get_absolute_url()}
    return render(request, "projects/form.html", context, status=status)
