"""What of the milestones' floor one can write to support about."""

from django.urls import reverse

from config import subjects
from milestones.models import Milestone
from projects.models import Award


def register() -> None:
    """Make milestones and awards known, each to its two sides."""
    subjects.register(
        "milestone",
        subjects.Kind(
            Milestone.objects.visible_to,
            lambda milestone: f"{milestone.reference} · {milestone.task}",
            lambda milestone: milestone.get_absolute_url(),
        ),
    )
    subjects.register(
        "award",
        subjects.Kind(
            lambda member: Award.objects.visible_to(member).select_related("project"),
            lambda award: f"A{award.pk} · {award.project.title}",
            lambda award: reverse("milestones:award-money", args=[award.pk]),
        ),
    )
