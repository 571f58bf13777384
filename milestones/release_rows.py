"""Requests for release and checklists, prepared for the pages that show them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from config.money import format_minor
from config.templatetags.money import money
from milestones.models import Ask, CriteriaChange, Criterion, Milestone, ReleaseRequest

FIRST = 30  # requests that stand above a list
PAGES = {
    "send_back": "milestones:release-send-back",
    "withdraw": "milestones:release-withdraw",
}
OF_CHANGE = {
    "agree": "milestones:criteria-agree",
    "refuse": "milestones:criteria-refuse",
    "withdraw": "milestones:criteria-withdraw",
}


def asked_release(milestone: Milestone) -> ReleaseRequest | None:
    """Return the request for its release that waits, with its files, if one does."""
    waiting = ReleaseRequest.objects.filter(milestone=milestone, state=Ask.WAITING)
    asked = waiting.prefetch_related("files").first()
    if asked:
        asked.milestone, asked.award = milestone, milestone.award
    return asked  # type: ignore[no-any-return]


def request_row(asked: ReleaseRequest, user: Member) -> dict[str, Any]:
    """One request, as the milestone's page and the release dialog show it."""
    code = asked.milestone.currency
    return {
        "sentence": _("%(who)s asks for the release of %(sum)s.")
        % {"who": asked.award.freelancer.get_short_name(), "sum": format_minor(asked.sum, code)},
        "state": asked.get_state_display(),
        "tone": "caution" if asked.state == Ask.WAITING else "neutral",
        "note": asked.note,
        "at": asked.asked_at,
        "answer": asked.answer,
        "answered_by": asked.award.employer.get_short_name(),
        "refused": asked.state == Ask.REFUSED,
        "ticks": asked.ticks,
        "unticked": asked.unticked,
        "files": [{"name": file.name, "url": file.get_absolute_url(), "size": file.size} for file in asked.files.all()],
        "actions": [
            {"name": row.name, "label": row.label, "url": reverse(PAGES[row.name], args=[asked.pk])}
            for row in asked.actions_for(user)
        ],
    }


def of_milestone(milestone: Milestone, user: Member) -> dict[str, Any]:
    """What a milestone's page shows: the request that waits or was sent back last, the checklist and its change."""
    newest = ReleaseRequest.objects.filter(milestone=milestone).prefetch_related("files").order_by("-id").first()
    asked = None
    if newest:
        newest.milestone, newest.award = milestone, milestone.award
        sent_back = newest.state == Ask.REFUSED and milestone.state == Milestone.State.HELD
        asked = request_row(newest, user) if newest.state == Ask.WAITING or sent_back else None
    new = ReleaseRequest(award=milestone.award, milestone=milestone)
    can_ask = new.allows("ask", user)
    return {
        "asked": asked,
        "ask": reverse("milestones:ask-release", args=[milestone.pk]) if can_ask else "",
        "lines": [line.words for line in milestone.criteria.all()],
        "change": _change(milestone, user),
        "edit": _way_to_edit(milestone, user),
    }


def _way_to_edit(milestone: Milestone, user: Member) -> dict[str, str]:
    """Where *user* can change the checklist or propose a change, if they can now."""
    url = reverse("milestones:criteria", args=[milestone.pk])
    if milestone.state != Milestone.State.HELD:
        return {}
    if milestone.award.state == "awaiting":
        return {"url": url, "label": _("Edit")} if user.pk == milestone.employer_id else {}
    change = CriteriaChange(award=milestone.award, milestone=milestone, proposed_by=user)
    return {"url": url, "label": _("Propose a change")} if change.allows("ask", user) else {}


def _change(milestone: Milestone, user: Member) -> dict[str, Any] | None:
    waiting = CriteriaChange.objects.filter(milestone=milestone, state=Ask.WAITING).select_related("proposed_by")
    change = waiting.first()
    if change is None:
        return None
    change.milestone, change.award = milestone, milestone.award
    return change_row(change, user)


def change_row(change: CriteriaChange, user: Member) -> dict[str, Any]:
    """A proposed checklist beside the one that stands."""
    mine = change.proposed_by_id == user.pk
    words = _("You propose that done means:") if mine else _("%(name)s proposes that done means:")
    return {
        "sentence": words % {"name": change.proposed_by.get_short_name()},
        "note": change.note,
        "at": change.asked_at,
        "lines": compared([line.words for line in change.milestone.criteria.all()], change.lines),
        "actions": [
            {"name": row.name, "label": row.label, "url": reverse(OF_CHANGE[row.name], args=[change.pk])}
            for row in change.actions_for(user)
        ],
    }


def compared(before: list[str], after: list[str]) -> list[dict[str, str]]:
    """Each line of *after*, and what falls away of *before*, with a word for what becomes of it."""
    lines = [{"words": line, "fate": "" if line in before else _("new"), "tone": "positive"} for line in after]
    gone = [{"words": line, "fate": _("falls away"), "tone": "negative"} for line in before if line not in after]
    return lines + gone


def first_in_list(user: Member, currency: str) -> list[dict[str, Any]]:
    """The milestones whose release is asked of *user* in *currency*, those that wait longest first (P32)."""
    waiting = ReleaseRequest.objects.waiting().filter(asked_of=user, award__currency=currency)
    named = ("milestone__escrow", "award__project", "award__freelancer")
    return [line(asked) for asked in waiting.select_related(*named)[:FIRST]]


def line(asked: ReleaseRequest) -> dict[str, Any]:
    """A request as a line of a list, with the way to release."""
    milestone = asked.milestone
    return {
        "task": milestone.task,
        "url": f"{milestone.get_absolute_url()}#release-request",
        "release": reverse("milestones:release", args=[milestone.pk]),
        "other": str(asked.award.freelancer),
        "project": asked.award.project.title,
        "sum": money(asked.sum, milestone.currency),
        "at": asked.asked_at,
    }


def add_to_panels(panels: Iterable[dict[str, Any]], user: Member) -> None:
    """Put what waits and the checklists' lengths into the awards' *panels*. Two queries, however many there are."""
    panels = list(panels)
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    if panels:
        waiting = ReleaseRequest.objects.filter(
            state=Ask.WAITING, award__in=[panel["award"].pk for panel in panels]
        ).order_by("id")
        for asked in waiting.select_related("milestone__escrow", "award__project", "award__freelancer")[:FIRST]:
            found[asked.award_id].append(line(asked))
    lines: defaultdict[int, int] = defaultdict(int)
    shown = [row["id"] for panel in panels for row in panel["rows"]]
    if shown:
        for milestone in Criterion.objects.filter(milestone__in=shown).values_list("milestone", flat=True):
            lines[milestone] += 1
    for panel in panels:
        panel["asked"] = found[panel["award"].pk]
        panel["may_release"] = panel["award"].employer_id == user.pk
        for row in panel["rows"]:
            row["criteria"] = lines[row["id"]]
