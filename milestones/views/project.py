"""The project page: the awards' money on top, the project and its bids below.

It stands on this floor, not on the projects' one, because it shows milestones.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from milestones.rows import award_panels
from projects.models import Award, Project
from projects.page import project_context


@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    projects = Project.objects.visible_to(request.user).select_related("employer")
    project = get_object_or_404(projects, pk=pk)
    awards = list(
        Award.objects.visible_to(request.user)
        .filter(project=project)
        .select_related("project", "employer", "freelancer")
        .order_by("-id")
    )
    # Those that stand come first; the ended ones follow, for the record.
    awards.sort(key=lambda award: award.state not in Award.STANDING)
    context = {"panels": award_panels(awards, request.user), **project_context(project, request.user)}
    return render(request, "milestones/project.html", context)
