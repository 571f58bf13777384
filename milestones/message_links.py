"""The way to an award's messages, from wherever the award stands."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from milestones.models.messages import unread_by_award
from projects.models import Award


def message_links(awards: Sequence[Award], user: Member) -> dict[int, dict[str, Any]]:
    """For each of *awards* its page of messages, how many are unread, and that in words. One query for all."""
    unread = unread_by_award(user, [award.pk for award in awards])
    return {award.pk: _link(award, unread.get(award.pk, 0)) for award in awards}


def add_messages(panels: Sequence[dict[str, Any]], user: Member) -> None:
    """Give each of *panels* (``milestones/rows.py``) the way to its award's messages."""
    links = message_links([panel["award"] for panel in panels], user)
    for panel in panels:
        panel["talk"] = links[panel["award"].pk]


def _link(award: Award, unread: int) -> dict[str, Any]:
    words = ngettext("%(number)d new message", "%(number)d new messages", unread) % {"number": unread}
    return {
        "url": reverse("milestones:messages", args=[award.pk]),
        "unread": unread,
        "words": words if unread else _("Messages"),
    }
