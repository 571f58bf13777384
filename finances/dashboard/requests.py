"""Requests for milestones that wait for this employer's answer (P30, P50)."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Member
from config.templatetags.money import money
from milestones.models import MilestoneRequest

MOST = 10


def requests_waiting(user: Member) -> list[dict[str, Any]]:
    """Return lines for the panel of what waits: the requests that have waited longest, ten at most. One query."""
    waiting: Any = MilestoneRequest.objects.filter(award__employer=user, state=MilestoneRequest.WAITING)
    return [
        {
            "mine": not asked.being_paid,
            "title": _title(asked) % {"name": asked.award.freelancer.get_short_name()},
            "project": f"{asked.task} · {asked.award.project.title}",
            "url": asked.get_absolute_url(),
            "since": asked.asked_at,
            "agreed": money(asked.amount, asked.award.currency),
        }
        for asked in waiting.with_people().with_payments().order_by("id")[:MOST]
    ]


def _title(asked: MilestoneRequest) -> str:
    if asked.being_paid:
        return _("A payment for what %(name)s asked for is under way")
    return _("%(name)s asks you for an advance") if asked.advance else _("%(name)s asks you for a milestone")
