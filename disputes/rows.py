"""A dispute prepared for templates: everything is formatted here, once."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Member
from config.templatetags.money import money
from disputes.models import Dispute

TONES = {
    "opened": "negative",
    "negotiation": "negative",
    "arbitration": "negative",
    "resolved": "positive",
    "withdrawn": "neutral",
}


def case(dispute: Dispute, user: Member) -> dict[str, Any]:
    """Return what the page of a case shows to *user*, one of its sides."""
    return {
        "dispute": dispute,
        "project": dispute.award.project,
        "other": dispute.other(user.pk),
        "tone": TONES[dispute.state],
        "disputed": money(dispute.disputed, dispute.currency),
        "parts": parts(dispute),
        "mine": user.pk == dispute.opened_by_id,
    }


def parts(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the disputed milestones: task, address and what is (or was) in dispute of each."""
    return [
        {
            "task": part.milestone.task,
            "url": part.milestone.get_absolute_url(),
            "held": money(part.held, dispute.currency),
        }
        for part in dispute.milestones
    ]


def own_side(dispute: Dispute, to_freelancer: Sequence[int], user: Member) -> list[tuple[str, str]]:
    """Return what a split means to *user* (P42): what they get and, to the employer, what they pay; as words and sums.

    A freelancer gets what is theirs before their fee; an employer pays that and gets the rest back.
    """
    theirs = sum(to_freelancer)
    back = dispute.disputed - theirs
    if user.pk == dispute.freelancer_id:
        return [(_("You get"), money(theirs, dispute.currency))]
    return [(_("You pay"), money(theirs, dispute.currency)), (_("You get back"), money(back, dispute.currency))]
