"""Requests to cancel and to return, prepared for the pages that show them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.money import format_minor
from milestones.models import Ask, CancelRequest, Milestone, ReturnRequest
from milestones.ways_on import ways_on

Back = CancelRequest | ReturnRequest
KINDS: tuple[type[Back], ...] = (CancelRequest, ReturnRequest)
# The first part of the addresses of each kind's steps, and of the page that asks.
ADDRESSES = {CancelRequest: "cancel-request", ReturnRequest: "return-request"}
TITLES: dict[type[Back], Promise] = {
    CancelRequest: gettext_lazy("Request to cancel"),
    ReturnRequest: gettext_lazy("Request to return what was released"),
}
STEPS = ("agree", "refuse", "withdraw")
IN_A_PANEL = 10  # that wait


def address(ask: Back, step: str) -> str:
    """The page of a *step* on *ask*."""
    return reverse(f"milestones:{ADDRESSES[type(ask)]}-{step}", args=[ask.pk])


def of_milestone(milestone: Milestone, user: Member) -> dict[str, Any]:
    """What a milestone's page shows of both kinds: what can be asked, and what waits or was refused last."""
    shown, to_ask = [], []
    for kind in KINDS:
        newest = kind.objects.filter(milestone=milestone).order_by("-id").first()
        if newest and (newest.state == Ask.WAITING or _still_matters(newest, milestone)):
            newest.milestone, newest.award = milestone, milestone.award
            shown.append(row(newest, user))
        new = kind(award=milestone.award, milestone=milestone)
        if not (newest and newest.state == Ask.WAITING) and new.allows("ask", user):
            url = reverse(f"milestones:{ADDRESSES[kind]}", args=[milestone.pk])
            to_ask.append({"label": kind.lifecycle["ask"].label, "url": url})
    return {"shown": shown, "to_ask": to_ask}


def _still_matters(ask: Back, milestone: Milestone) -> bool:
    """Whether what was refused is still in somebody's way: something is held, or was released and not returned."""
    if ask.state != Ask.REFUSED:
        return False
    return milestone.returnable() > 0 if isinstance(ask, ReturnRequest) else milestone.state == Milestone.State.HELD


def row(ask: Back, user: Member) -> dict[str, Any]:
    """One that waits or was refused: what it says, whose move it is, and where it was refused the ways on."""
    refused = ask.state == Ask.REFUSED
    return {
        "name": ask.kind,
        "title": TITLES[type(ask)],
        "state": ask.get_state_display(),
        "tone": "negative" if refused else "caution",
        "sentence": sentence(ask, user),
        "note": ask.note,
        "at": ask.asked_at,
        "answer": ask.answer,
        "answered": _answered(ask, user) if refused else "",
        "actions": [
            {"label": action.label, "name": action.name, "url": address(ask, action.name)}
            for action in ask.actions_for(user)
        ],
        "ways": ways_on(ask.milestone, user, dispute=isinstance(ask, CancelRequest)) if refused else [],
    }


def sentence(ask: Back, user: Member) -> str:
    """Say who asks whom for what."""
    mine = user.pk == ask.award.employer_id
    words = {
        "employer": ask.award.employer.get_short_name(),
        "freelancer": ask.award.freelancer.get_short_name(),
        "sum": format_minor(ask.amount, ask.award.currency) if isinstance(ask, ReturnRequest) else "",
    }
    if isinstance(ask, ReturnRequest):
        if mine:
            return _("You asked %(freelancer)s to return %(sum)s of what was released.") % words
        return _("%(employer)s asks you to return %(sum)s of what was released to you.") % words
    if mine:
        return _("You asked %(freelancer)s to cancel this milestone and return what is held.") % words
    return _("%(employer)s asks you to cancel this milestone and return what is held.") % words


def _answered(ask: Back, user: Member) -> str:
    if user.pk == ask.award.freelancer_id:
        return _("You refused.")
    return _("%(name)s refused.") % {"name": ask.award.freelancer.get_short_name()}


def add_to_panels(panels: Iterable[dict[str, Any]], user: Member) -> None:
    """Put what waits into the awards' *panels*, as ``back``. Two queries, however many there are."""
    panels = list(panels)
    found: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    for kind in KINDS if panels else ():
        waiting = kind.objects.waiting().filter(award__in=[panel["award"].pk for panel in panels])
        for ask in waiting.select_related("milestone", "award__employer", "award__freelancer"):
            if len(found[ask.award_id]) < IN_A_PANEL:
                found[ask.award_id].append(_line(ask, user))
    for panel in panels:
        panel["back"] = found[panel["award"].pk]


def _line(ask: Back, user: Member) -> dict[str, str]:
    return {
        "task": ask.milestone.task,
        "url": f"{ask.milestone.get_absolute_url()}#{ask.kind}",
        "sentence": sentence(ask, user),
        "state": _("Waiting for you") if user.pk == ask.award.freelancer_id else str(ask.get_state_display()),
    }
