"""Requests for milestones, prepared for the pages that show them: formatted here, once, not in a template's loop."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import Member
from config.money import format_minor, typed_minor
from config.templatetags.money import money
from milestones.models import Milestone, MilestoneRequest

TONES = {"waiting": "caution", "agreed": "positive", "refused": "negative"}
ANSWERED = 3  # of each award, the newest ones
# Which page takes each action of lifecycle.REQUEST; "fulfil" is the form that makes a milestone.
PAGES = {"decline": "request-decline", "edit": "request-edit", "withdraw": "request-withdraw"}


def create_address(asked: MilestoneRequest) -> str:
    """Return the form that makes a milestone of the request, filled in with what was asked for."""
    typed = {"amount": typed_minor(asked.amount, asked.award.currency), "task": asked.task}
    typed |= {"advance": "1"} if asked.advance else {}
    query = urlencode(typed | {"request": str(asked.pk)})
    return f"{reverse('milestones:create', args=[asked.award_id])}?{query}"


def row(asked: MilestoneRequest, user: Member) -> dict[str, Any]:
    """One request. *asked* comes from ``with_payments().with_people()``."""
    award, made = asked.award, asked.made
    as_employer = user.pk == award.employer_id
    actions = [
        {
            "name": action.name,
            "label": str(action.label),
            "url": create_address(asked) if action.name == "fulfil" else reverse(_page(action.name), args=[asked.pk]),
        }
        for action in asked.actions_for(user)
        if action.name in PAGES or (action.name == "fulfil" and award.allows("fund", user))
    ]
    return {
        "id": asked.pk,
        "url": asked.get_absolute_url(),
        "task": asked.task,
        "sum": money(asked.amount, award.currency),
        "advance": asked.advance,
        "note": asked.note,
        "first_words": Truncator(asked.note).words(24),
        "state": asked.get_state_display(),
        "tone": TONES.get(asked.state, "neutral"),
        "waiting": asked.state == MilestoneRequest.WAITING,
        "asked_at": asked.asked_at,
        "answered_at": asked.answered_at,
        "answer": asked.answer,
        # The freelancer sees money that is held, and nothing before (P18).
        "being_paid": as_employer and asked.state == MilestoneRequest.WAITING and asked.being_paid,
        "made": made.get_absolute_url() if made else "",
        "outcome": _outcome(asked, made) if made else "",
        "actions": actions,
    }


def _page(action: str) -> str:
    return f"milestones:{PAGES[action]}"


def _outcome(asked: MilestoneRequest, made: Milestone) -> str:
    """What became of the request, and that it was another sum where it was."""
    held, wanted = format_minor(made.amount, asked.award.currency), format_minor(asked.amount, asked.award.currency)
    if made.amount == asked.amount:
        return _("%(sum)s was put on hold.") % {"sum": held}
    return _("%(sum)s was put on hold, not the %(asked)s that was asked for.") % {"sum": held, "asked": wanted}


def into(panels: list[dict[str, Any]], user: Member) -> list[dict[str, Any]]:
    """Put into each award's panel its requests: those that wait, the last few answered. One query for all of them."""
    awards = {panel["award"].pk: panel["award"] for panel in panels}
    lines: dict[int, list[MilestoneRequest]] = {pk: [] for pk in awards}
    ours: Any = MilestoneRequest.objects.filter(award__in=list(awards)).for_panels(ANSWERED).with_payments()
    for asked in ours.select_related("made"):
        asked.award = awards[asked.award_id]
        lines[asked.award_id].append(asked)
    for panel in panels:
        panel["requests"] = _part(panel["award"], lines[panel["award"].pk], user)
    return panels


def _part(award: Any, lines: list[MilestoneRequest], user: Member) -> dict[str, Any]:
    new = MilestoneRequest(award=award)
    rows = [row(asked, user) for asked in lines]
    new.waiting_beside = sum(line["waiting"] for line in rows)
    return {
        "rows": rows,
        "ask_url": reverse("milestones:request-new", args=[award.pk]) if new.allows("ask", user) else "",
        "ask_label": str(MilestoneRequest.lifecycle["ask"].label),
        "advice": user.pk == award.employer_id and any(line["waiting"] and line["advance"] for line in rows),
    }


def of_milestone(milestone: Milestone) -> dict[str, str] | None:
    """The request that the milestone answers, in words, if it answers one."""
    asked: Any = MilestoneRequest.objects.filter(made=milestone).first()
    if asked is None:
        return None
    wanted = format_minor(asked.amount, milestone.currency)
    words = _("Made of a request for %(sum)s") % {"sum": wanted}
    return {"words": words, "url": asked.get_absolute_url()}
