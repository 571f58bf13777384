"""What the events of a dispute vouch for, held against the rows that say it: each row must be as its event says.

Each check yields sentences. What no event tells of, and what an event tells of that is gone, is a difference too.
"""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from disputes import chain
from disputes.models import Dispute, DisputeEvent, EvidenceItem
from finances.ledger.models import Transfer
from milestones.models import MilestoneEvent

# A row is written a moment before its event; a time that is farther from it was changed.
MOMENT = datetime.timedelta(minutes=2)

NAMES = {
    "text": gettext_lazy("the text"),
    "words": gettext_lazy("the words"),
    "links": gettext_lazy("the links"),
    "files": gettext_lazy("the files"),
    "to_freelancer": gettext_lazy("the sums"),
    "cites": gettext_lazy("the cited evidence"),
    "question": gettext_lazy("the question that it answers"),
    "of": gettext_lazy("who was asked"),
    "accepted": gettext_lazy("the answer"),
    "until": gettext_lazy("until when"),
    "claim": gettext_lazy("the claim"),
    "milestones": gettext_lazy("the milestones"),
    "held": gettext_lazy("what was held"),
    "terms": gettext_lazy("the times and the fee"),
    "state": gettext_lazy("the state"),
    "outcome": gettext_lazy("how it ended"),
    "arbitrator": gettext_lazy("the arbitrator"),
    "awaited": gettext_lazy("the verdict that waits"),
    "deadlines": gettext_lazy("the deadlines"),
    "ended": gettext_lazy("when it ended"),
    "by": gettext_lazy("who"),
    "at": gettext_lazy("when"),
}


@dataclass(frozen=True)
class Case:
    """All rows of one dispute, read once; ``receipts`` are the events of its milestones that it made."""

    dispute: Dispute
    events: list[DisputeEvent]
    evidence: list[EvidenceItem]
    offers: list[Any]
    questions: list[Any]
    proposals: list[Any]
    verdicts: list[Any]
    absences: list[Any]
    receipts: list[MilestoneEvent]

    @classmethod
    def of(cls, dispute: Dispute) -> "Case":
        """Read it. A fixed number of queries."""
        return cls(
            dispute=dispute,
            events=list(dispute.events.order_by("number")),
            evidence=list(dispute.evidence.prefetch_related("files").order_by("number")),
            offers=list(dispute.offers.order_by("pk")),
            questions=list(dispute.questions.order_by("number")),
            proposals=list(dispute.proposals.prefetch_related("answers").order_by("pk")),
            verdicts=list(dispute.verdicts.order_by("pk")),
            absences=list(dispute.absences.order_by("pk")),
            receipts=list(MilestoneEvent.objects.filter(cause=dispute.reference).select_related("milestone")),
        )

    def by_action(self, *actions: str) -> list[DisputeEvent]:
        """Return the events of these steps, in order."""
        return [event for event in self.events if event.action in actions]


# What a row must say of which its event says nothing.
UNSAID: dict[str, Any] = {"words": chain.of_text(""), "question": None}

Told = tuple[str, Any, Mapping[str, Any]]  # what a row is called, the row, and what its event must say of it


def compared(events: Iterable[tuple[DisputeEvent, Any]], rows: Mapping[Any, Told]) -> Iterator[str]:
    """Hold *rows*, by what names them in an event, against *events*, each with the name in it."""
    left = dict(rows)
    for event, name in events:
        told = left.pop(name, None)
        if told is None:
            yield _("Something that event %(number)d (%(words)s) tells of is gone.") % {
                "number": event.number,
                "words": event.words,
            }
            continue
        called, row, facts = told
        differ = [field for field, value in facts.items() if event.data.get(field, UNSAID.get(field)) != value]
        if getattr(row, "by_id", getattr(row, "member_id", None)) != event.actor_id:
            differ.append("by")
        if abs(row.at - event.at) > MOMENT:
            differ.append("at")
        if differ:
            yield _changed(called, event, differ)
    for called, _row, _facts in left.values():
        yield _("%(what)s: no event tells of it.") % {"what": called}


def _changed(called: str, event: DisputeEvent, fields: Iterable[str]) -> str:
    told = ", ".join(str(NAMES[field]) for field in fields)
    about = {"what": called, "number": event.number, "fields": told}
    return _("%(what)s is not as event %(number)d recorded it: %(fields)s.") % about


def of_opening(case: Case) -> Iterator[str]:
    """The claim, what is in dispute, its rules, who opened it and when."""
    dispute, opened = case.dispute, case.by_action("open")
    if len(opened) != 1:
        yield _("It was opened %(number)d times.") % {"number": len(opened)}
        return
    event = opened[0]
    facts = {
        "claim": chain.of_text(dispute.claim),
        "milestones": [part.milestone_id for part in dispute.milestones],
        "held": dispute.held,
        "terms": dispute.terms,
    }
    differ = [field for field, value in facts.items() if event.data.get(field) != value]
    differ += ["by"] * (dispute.opened_by_id != event.actor_id)
    differ += ["at"] * (abs(dispute.opened_at - event.at) > MOMENT)
    if differ:
        yield _changed(_("The opening"), event, differ)


def of_offers(case: Case) -> Iterator[str]:
    rows: dict[int, Told] = {
        offer.pk: (
            _("Offer %(number)d") % {"number": number},
            offer,
            {"to_freelancer": offer.to_freelancer, "words": chain.of_text(offer.words)},
        )
        for number, offer in enumerate(case.offers, start=1)
    }
    yield from compared([(event, event.data.get("offer")) for event in case.by_action("open", "offer")], rows)


def of_evidence(case: Case) -> Iterator[str]:
    rows: dict[int, Told] = {}
    for item in case.evidence:
        facts = {**item.digests(), "question": item.question_id}
        rows[item.number] = (item.reference, item, facts)
    yield from compared([(event, event.data.get("evidence")) for event in case.by_action("evidence")], rows)


def of_questions(case: Case) -> Iterator[str]:
    rows: dict[int, Told] = {}
    for question in case.questions:
        sides = {"employer": question.employer_by, "freelancer": question.freelancer_by}
        facts = {"text": chain.of_text(question.text), "of": sorted(side for side, until in sides.items() if until)}
        rows[question.number] = (question.reference, question, facts)
    events = case.by_action("ask")
    yield from compared([(event, event.data.get("question")) for event in events], rows)
    for event in events:
        told = rows.get(event.data.get("question") or 0)
        until = case.dispute.rules.after("question", event.at)
        deadlines = (told[1].employer_by, told[1].freelancer_by) if told else ()
        if told and not all(_holds(case, deadline, until) for deadline in deadlines if deadline):
            yield _changed(told[0], event, ["deadlines"])


def of_proposals(case: Case) -> Iterator[str]:
    rows: dict[int, Told] = {}
    answers: dict[tuple[int, int], Told] = {}
    for number, proposal in enumerate(case.proposals, start=1):
        called = _("Proposal %(number)d") % {"number": number}
        facts = {"to_freelancer": proposal.to_freelancer, "words": chain.of_text(proposal.words)}
        rows[proposal.pk] = (called, proposal, facts)
        for answer in proposal.answers.all():
            called_answer = _("An answer to proposal %(number)d") % {"number": number}
            answers[proposal.pk, answer.by_id] = (called_answer, answer, {})
    yield from compared([(event, event.data.get("proposal")) for event in case.by_action("propose")], rows)
    answered = case.by_action("accept_proposal", "refuse_proposal")
    yield from compared([(event, (event.data.get("proposal"), event.actor_id)) for event in answered], answers)
    for event in answered:
        told = answers.get((event.data.get("proposal") or 0, event.actor_id or 0))
        if told and told[1].accepted != (event.action == "accept_proposal"):
            yield _changed(told[0], event, ["accepted"])


def of_verdicts(case: Case) -> Iterator[str]:
    rows: dict[int, Told] = {}
    for number, verdict in enumerate(case.verdicts, start=1):
        words = chain.of_text(verdict.words)
        facts = {"to_freelancer": verdict.to_freelancer, "words": words, "cites": verdict.cites}
        rows[verdict.pk] = (_("Verdict %(number)d") % {"number": number}, verdict, facts)
    yield from compared([(event, event.data.get("verdict")) for event in case.by_action("decide")], rows)


def of_absences(case: Case) -> Iterator[str]:
    rows: dict[int, Told] = {absence.member_id: (_("An absence"), absence, {}) for absence in case.absences}
    events = case.by_action("absence")
    yield from compared([(event, event.actor_id) for event in events], rows)
    for event in events:  # it names the time in whatever zone it was given
        told = rows.get(event.actor_id or 0)
        if told and told[1].until != datetime.datetime.fromisoformat(event.data["until"]):
            yield _changed(told[0], event, ["until"])


def of_progress(case: Case) -> Iterator[str]:
    """Its state, its end, its arbitrator and its deadlines, which the steps lead to."""
    dispute, now = case.dispute, _replayed(case)
    is_now = {
        "state": dispute.state,
        "outcome": dispute.outcome,
        "arbitrator": dispute.arbitrator_id,
        "awaited": dispute.awaited_id,
    }
    differ = [field for field, value in is_now.items() if now[field] != value]
    differ += ["ended"] * (not _about(dispute.ended_at, now["ended"]))
    differ += ["deadlines"] * (not _deadlines_hold(case, now))
    if differ and case.events:
        yield _changed(_("What the dispute is now"), case.events[-1], differ)


def _replayed(case: Case) -> dict[str, Any]:
    """Return what the steps lead to, as the events tell them."""
    now: dict[str, Any] = {
        **{"state": "opened", "outcome": "", "arbitrator": None, "awaited": None, "ended": None},
        **{"answered": None, "escalated": None},
    }
    for event in case.events:
        if event.action == "offer" and now["state"] == "opened":
            now |= {"state": "negotiation", "answered": event.at}
        elif event.action == "escalate":
            now |= {"state": "arbitration", "escalated": event.at}
        elif event.action in ("take", "hand_over"):
            now["arbitrator"] = event.actor_id if event.action == "take" else event.data.get("to")
        elif event.action == "decide":
            now["awaited"] = event.data.get("verdict")
        elif event.action == "send_back":
            now["awaited"] = None
        elif event.action == "resolve":
            now |= {"state": "resolved", "outcome": event.data.get("outcome"), "ended": event.at, "awaited": None}
        elif event.action == "withdraw":
            now |= {"state": "withdrawn", "ended": event.at}
    return now


def _deadlines_hold(case: Case, told: Mapping[str, Any]) -> bool:
    """Whether the deadlines are those of the rules."""
    dispute, rules = case.dispute, case.dispute.rules
    answer_by = rules.after("answer", dispute.opened_at)
    escalate_from = rules.after("negotiation", told["answered"]) if told["answered"] else answer_by
    wanted: list[tuple[datetime.datetime | None, datetime.datetime]]
    wanted = [(dispute.answer_by, answer_by), (dispute.escalate_from, escalate_from)]
    if told["escalated"]:
        verdict_by = rules.after("verdict", told["escalated"])
        wanted += [(dispute.escalated_at, told["escalated"]), (dispute.verdict_by, verdict_by)]
    return all(_holds(case, is_now, said) for is_now, said in wanted)


def _holds(case: Case, deadline: datetime.datetime | None, said: datetime.datetime) -> bool:
    """Whether a deadline is the one that was *said*. Absences move it on, by what they last at most, and never back."""
    away = sum((absence.until - absence.at for absence in case.absences), datetime.timedelta())
    return deadline is not None and said - MOMENT <= deadline <= said + away + MOMENT


def _about(one: datetime.datetime | None, other: datetime.datetime | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) <= MOMENT


def of_settlement(case: Case) -> Iterator[str]:
    """What the end gave to each side, and what moved: the milestones' receipts and the fee for the arbitration."""
    resolved = case.by_action("resolve")
    split = resolved[-1].data.get("to_freelancer", []) if resolved else []
    parts = case.dispute.milestones
    if resolved and [part.to_freelancer for part in parts] != split:
        yield _changed(_("The split"), resolved[-1], ["to_freelancer"])
    moved: dict[tuple[int, str], int] = defaultdict(int)
    for receipt in case.receipts:
        moved[receipt.milestone_id, receipt.action] += receipt.amount
    wanted: dict[tuple[int, str], int] = {}
    if len(split) == len(parts):
        for part, sum_ in zip(parts, split, strict=True):
            wanted |= {(part.milestone_id, "release"): sum_, (part.milestone_id, "return"): part.held - sum_}
    for milestone, action in sorted({*wanted, *moved}):
        said, did = wanted.get((milestone, action), 0), moved.get((milestone, action), 0)
        if said != did:
            about = {"milestone": milestone, "action": MilestoneEvent.ACTIONS[action], "said": said, "did": did}
            yield _("M%(milestone)d, %(action)s: its receipts say %(did)d, the dispute %(said)d.") % about
    yield from _of_fee(case)


def _of_fee(case: Case) -> Iterator[str]:
    charged = {event.key: event for event in case.by_action("charge") if event.key}
    paid: dict[Any, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    for transfer in Transfer.objects.filter(key__in=charged).select_related("debit_account"):
        paid[transfer.key][transfer.debit_account.owner_id] += transfer.amount
    for key, event in charged.items():
        sides = {case.dispute.employer_id: "employer", case.dispute.freelancer_id: "freelancer"}
        said = {member: event.data[side] for member, side in sides.items() if event.data.get(side)}
        if dict(paid[key]) != said:
            yield _("The fee for the arbitration is not what event %(number)d says.") % {"number": event.number}


CHECKS: tuple[Callable[[Case], Iterable[str]], ...] = (
    of_opening,
    of_offers,
    of_evidence,
    of_questions,
    of_proposals,
    of_verdicts,
    of_absences,
    of_progress,
    of_settlement,
)


def of_files(case: Case, most_bytes: int | None = None) -> Iterator[str]:
    """Hold the files on the disk against the digests of them, *most_bytes* of them altogether at most."""
    left = most_bytes
    for item in case.evidence:
        for file in sorted(item.files.all(), key=lambda file: file.pk):
            if left is not None:
                if file.size > left:
                    return
                left -= file.size
            about = {"item": item.reference, "name": file.name}
            try:
                with file.file.open("rb") as kept:
                    digest = hashlib.file_digest(kept, "sha256").hexdigest()
            except OSError:
                yield _("%(item)s: the file “%(name)s” is missing on the disk.") % about
                continue
            if digest != file.sha256:
                yield _("%(item)s: the file “%(name)s” is not the one that was handed in.") % about
