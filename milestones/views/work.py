"""My work: what waits for me, what runs, on both sides."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milestones.rows import award_panels
from projects.models import Award, Bid, Project

RECENT = 20


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    awards = list(
        Award.objects.visible_to(request.user)
        .filter(state__in=Award.STANDING)
        .select_related("project", "employer", "freelancer")
        .order_by("-id")[: 3 * RECENT]
    )
    panels = award_panels(awards, request.user)
    mine = [panel for panel in panels if panel["award"].freelancer_id == request.user.pk]
    context = {
        "to_answer": [panel for panel in mine if "accept" in panel["allowed"]],
        "working": [panel for panel in mine if panel["award"].state == Award.State.ACCEPTED],
        "hiring": [panel for panel in panels if panel["award"].employer_id == request.user.pk],
        "bids": Bid.objects.filter(freelancer=request.user, state=Bid.State.PLACED)
        .select_related("project")
        .order_by("-id")[:RECENT],
        "projects": Project.objects.filter(employer=request.user).order_by("-id")[:RECENT],
    }
    return render(request, "milestones/work.html", context)
