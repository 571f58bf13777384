"""Where to go on where two don't agree: never into nothing (P35, P36)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from config.doors import address_if_there
from config.subjects import way_to_support
from milestones.models import Milestone


def ways_on(milestone: Milestone, user: Member, *, dispute: bool) -> list[dict[str, Any]]:
    """Return the ways on from *milestone* for *user*, each with its ``label`` and ``url``: at least one.

    To the other side, to the dispute service where something in *dispute* is still held, and to support. A page that
    this site does not have is left out.
    """
    award = milestone.award
    other = award.freelancer if user.pk == award.employer_id else award.employer
    messages = reverse("milestones:messages", args=[award.pk])
    ways = [{"label": _("Write to %(name)s") % {"name": other.get_short_name()}, "url": messages}]
    if dispute and milestone.state == Milestone.State.HELD and (url := address_if_there("disputes:open", milestone.pk)):
        ways.append({"label": _("Open a dispute"), "url": url})
    return ways + way_to_support("milestone", milestone.pk)
