"""A dispute prepared for templates: everything is formatted here, once."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from config import fees
from config.money import format_minor
from config.templatetags.money import money
from config.times import moment
from disputes import moves, rows_arbitration, rows_evidence
from disputes.models import Dispute, Offer
from milestones.models import MilestoneEvent

TONES = {
    "opened": "negative",
    "negotiation": "negative",
    "arbitration": "negative",
    "resolved": "positive",
    "withdrawn": "neutral",
}
# Which page takes each action of the table; the first of those that can be taken is the primary one.
PAGES = {
    "accept": "accept",
    "offer": "offer",
    "execute": "execute",
    "escalate": "escalate",
    "accept_proposal": "accept-proposal",
    "refuse_proposal": "refuse-proposal",
    "evidence": "evidence",
    "absence": "absence",
    "withdraw": "withdraw",
}
STAGES = ("opened", "negotiation", "arbitration", "resolved")


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
        "stages": stages(dispute),
        "move": moves.of(dispute, user),
        "absences": absences(dispute),
        "clocks": clocks(dispute),
        "actions": actions(dispute, user),
        "write": reverse("milestones:messages", args=[dispute.award_id]),
        **offers(dispute, user),
        **settlement(dispute, user),
        **rows_evidence.of_case(dispute, user),
        **rows_arbitration.of_case(dispute, user),
    }


def parts(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the disputed milestones: task, address and what is (or was) in dispute of each."""
    return [
        {
            "task": part.milestone.task,
            "reference": part.milestone.reference,
            "url": part.milestone.get_absolute_url(),
            "held": money(part.held, dispute.currency),
            "criteria": [line.words for line in part.milestone.criteria.all()],
        }
        for part in dispute.milestones
    ]


def actions(dispute: Dispute, user: Member) -> list[dict[str, Any]]:
    """Return what *user* may do now and has a page for, in the order of ``PAGES``."""
    may = {row.name: row.label for row in dispute.actions_for(user)}
    found: list[dict[str, Any]] = []
    for name, page in PAGES.items():
        try:
            url = reverse(f"disputes:{page}", args=[dispute.pk])
        except NoReverseMatch:
            continue
        if name in may:
            found.append({"name": name, "label": may[name], "url": url, "primary": not found and name != "withdraw"})
    return found


def stages(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the stages from the opening to the end: which are behind, and where it stands."""
    now = dispute.state if dispute.state != Dispute.State.WITHDRAWN else Dispute.State.RESOLVED
    labels = {**dict(Dispute.State.choices), "resolved": dispute.get_state_display()} if dispute.ended_at else None
    labels = labels or dict(Dispute.State.choices)
    skipped = set()
    if dispute.ended_at:
        skipped = set() if dispute.escalated_at else {"arbitration"}
        if dispute.outcome == Dispute.Outcome.EXECUTED or not dispute.offers.exclude(by=dispute.opened_by).exists():
            skipped.add("negotiation")
    shown = [stage for stage in STAGES if stage not in skipped]
    place = shown.index(now)
    return [
        {"label": labels[stage], "done": number < place, "now": number == place} for number, stage in enumerate(shown)
    ]


def clocks(dispute: Dispute) -> list[tuple[str, datetime.datetime]]:
    """Return the deadlines that run now, as both see them."""
    found = []
    if dispute.state == Dispute.State.OPENED:
        found.append((_("Answer until"), dispute.answer_by))
    negotiable = dispute.state in (Dispute.State.OPENED, Dispute.State.NEGOTIATION)
    if negotiable and dispute.escalate_from > timezone.now():
        found.append((_("An arbitrator can be called from"), dispute.escalate_from))
    if dispute.state == Dispute.State.ARBITRATION and dispute.verdict_by:
        found.append((_("A verdict is due by"), dispute.verdict_by))
    return found


def absences(dispute: Dispute) -> list[str]:
    """Return who was or is away until when, in sentences."""
    rows = dispute.absences.select_related("member").order_by("pk")
    words = _("%(name)s said to be away until %(until)s: the clock stood still so long.")
    return [words % {"name": row.member, "until": moment(row.until)} for row in rows]


def own_side(dispute: Dispute, to_freelancer: Sequence[int], user: Member) -> list[tuple[str, str]]:
    """Return what a split means to *user* (P42): what they get and, to the employer, what they pay; as words and sums.

    A freelancer gets what is theirs before their fee; an employer pays that and gets the rest back.
    """
    theirs = sum(to_freelancer)
    back = dispute.disputed - theirs
    if user.pk == dispute.freelancer_id:
        return [(_("You get"), money(theirs, dispute.currency))]
    return [(_("You pay"), money(theirs, dispute.currency)), (_("You get back"), money(back, dispute.currency))]


def offers(dispute: Dispute, user: Member) -> dict[str, Any]:
    """Return all offers, newest first, and which two are the latest of each side."""
    rows, latest = [], []
    seen: set[int] = set()
    for offer in dispute.offers.select_related("by").order_by("-id"):
        row = offer_row(dispute, offer, user)
        rows.append(row)
        if offer.by_id not in seen:
            seen.add(offer.by_id)
            latest.append(row)
    return {"offers": rows, "latest": sorted(latest, key=lambda row: not row["mine"])}


def offer_row(dispute: Dispute, offer: Offer, user: Member) -> dict[str, Any]:
    """Return one offer: who made it when, what it means to *user*, and each milestone's sum where there are several."""
    mine = offer.by_id == user.pk
    each = [
        {"task": part.milestone.task, "sum": money(minor, dispute.currency)}
        for part, minor in zip(dispute.milestones, offer.to_freelancer, strict=True)
    ]
    return {
        "mine": mine,
        "who": _("You") if mine else offer.by.get_short_name(),
        "title": _("Your offer") if mine else _("%(name)s's offer") % {"name": offer.by.get_short_name()},
        "at": offer.at,
        "own": own_side(dispute, offer.to_freelancer, user),
        "each": each if len(each) > 1 else [],
        "words": offer.words,
    }


def split_rows(dispute: Dispute, to_freelancer: Sequence[int], user: Member) -> dict[str, Any]:
    """Return exactly what a split will move, as a dialog shows it to *user* before it is confirmed.

    ``own_fee`` is the reader's own on what is released; ``arrives`` is what reaches the freelancer after theirs.
    """
    code, employer = dispute.currency, user.pk == dispute.employer_id
    cost = fees.NONE
    each = []
    for part, minor in zip(dispute.milestones, to_freelancer, strict=True):
        released = part.milestone.amount - part.held
        of_part = dispute.award.terms.between(released, released + minor)
        cost = fees.Sums(cost.freelancer + of_part.freelancer, cost.employer + of_part.employer)
        sums = {"freelancer": money(minor, code), "employer": money(part.held - minor, code)}
        each.append({"task": part.milestone.task, "held": money(part.held, code), **sums})
    theirs = sum(to_freelancer)
    own = cost.employer if employer else cost.freelancer
    return {
        "each": each,
        "disputed": money(dispute.disputed, code),
        "freelancer_total": money(theirs, code),
        "employer_total": money(dispute.disputed - theirs, code),
        "own_fee": money(own, code) if own else "",
        "arrives": money(theirs - cost.freelancer, code) if cost.freelancer and not employer else "",
        "is_employer": employer,
    }


def settlement(dispute: Dispute, user: Member) -> dict[str, Any]:
    """Return what each milestone was split into, with both receipts; nothing before the dispute is resolved."""
    if dispute.state != Dispute.State.RESOLVED:
        return {"settled": []}
    receipts: dict[tuple[int, str], MilestoneEvent] = {}
    for event in MilestoneEvent.objects.filter(
        milestone__in=[part.milestone_id for part in dispute.milestones], cause=dispute.reference
    ):
        receipts[event.milestone_id, event.action] = event
    return {
        "settled": [
            {
                "task": part.milestone.task,
                "url": part.milestone.get_absolute_url(),
                "freelancer": _receipt(receipts.get((part.milestone_id, "release")), dispute.currency),
                "employer": _receipt(receipts.get((part.milestone_id, "return")), dispute.currency),
            }
            for part in dispute.milestones
        ],
        "settled_own": own_side(dispute, [part.to_freelancer or 0 for part in dispute.milestones], user),
    }


def _receipt(event: MilestoneEvent | None, currency: str) -> dict[str, str]:
    """Return the sum that one way was taken, with its receipt; a plain nothing where none was."""
    if event is None:
        return {"sum": money(0, currency), "reference": "", "url": ""}
    return {"sum": money(event.amount, currency), "reference": event.reference, "url": event.get_absolute_url()}


def line(dispute: Dispute, user: Member) -> dict[str, Any]:
    """Return a dispute as a line of a list. It comes ``with_people().with_sums()``."""
    running = clocks(dispute)
    return {
        "reference": dispute.reference,
        "url": dispute.get_absolute_url(),
        "project": dispute.award.project.title,
        "other": dispute.other(user.pk).name,
        "state": dispute.get_state_display(),
        "tone": TONES[dispute.state],
        "sum": money(dispute.disputed_sum, dispute.currency),
        "move": moves.of(dispute, user).words,
        "until": running[0] if running else None,
        "opened_at": dispute.opened_at,
    }


def sum_words(dispute: Dispute) -> str:
    """Return what is in dispute, as plain text."""
    return format_minor(dispute.disputed, dispute.currency)
