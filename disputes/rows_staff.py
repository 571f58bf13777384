"""A case as staff read it in the admin."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from accounts.models import Member
from config.money import format_minor
from disputes import chronology, event_words, files, rows_evidence
from disputes.models import Dispute, Proposal, Verdict
from disputes.models.offers import Split


def case(dispute: Dispute, reader: Member) -> dict[str, Any]:
    """Return the whole case, with the steps that *reader* may take, in a bounded number of queries."""
    told = chronology.of(dispute, reader)
    return {
        "dispute": dispute,
        "parts": parts(dispute),
        "disputed": format_minor(dispute.disputed, dispute.currency),
        "fee": format_minor(dispute.rules.fee(dispute.disputed), dispute.currency),
        "offers": [split_row(dispute, offer) for offer in dispute.offers.select_related("by").order_by("id")],
        "questions": questions(dispute),
        "proposals": [split_row(dispute, each) for each in dispute.proposals.select_related("by").order_by("id")],
        "verdicts": [verdict_row(dispute, each) for each in dispute.verdicts.select_related("by").order_by("id")],
        "events": record(dispute),
        "entries": told.entries,
        "cut": told.cut,
        "may_read_files": files.may_read(dispute, reader),
        "steps": [
            {"label": row.label, "url": reverse("admin:disputes_dispute_step", args=[dispute.pk, row.name])}
            for row in dispute.actions_for(reader)
            if row.name in STEPS
        ],
        **rows_evidence.of_case(dispute, reader),
    }


def record(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the events with what only staff read: why it was handed over, and to whom, or a verdict sent back."""
    events = list(dispute.events.select_related("actor").order_by("number"))
    names = Member.objects.in_bulk({event.data["to"] for event in events if event.data.get("to")})
    rows = event_words.rows(dispute, events)
    for event, row in zip(events, rows, strict=True):
        row["why"] = event.data.get("why", "")
        row["to"] = str(names.get(event.data.get("to"), ""))
    return rows


STEPS = ("take", "ask", "propose", "decide", "confirm", "send_back", "hand_over")


def parts(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the milestones that are in dispute, with their pages in the admin."""
    return [
        {
            "task": part.milestone.task,
            "reference": part.milestone.reference,
            "url": reverse("admin:milestones_milestone_change", args=[part.milestone_id]),
            "held": format_minor(part.held, dispute.currency),
            "criteria": [line.words for line in part.milestone.criteria.all()],
            "to_freelancer": "" if part.to_freelancer is None else format_minor(part.to_freelancer, dispute.currency),
        }
        for part in dispute.milestones
    ]


def split(dispute: Dispute, to_freelancer: Sequence[int]) -> list[dict[str, str]]:
    """Return what each side would get of each milestone, and of all of them."""
    code = dispute.currency
    names = [(part.milestone.task, part.held) for part in dispute.milestones]
    lines = [
        {"task": task, "freelancer": format_minor(minor, code), "employer": format_minor(held - minor, code)}
        for (task, held), minor in zip(names, to_freelancer, strict=True)
    ]
    theirs = sum(to_freelancer)
    total = {"freelancer": format_minor(theirs, code), "employer": format_minor(dispute.disputed - theirs, code)}
    return [*lines, {"task": "", **total}]


def split_row(dispute: Dispute, row: Split) -> dict[str, Any]:
    """Return an offer, a proposal or a verdict: who, when, the split, and what was said to it."""
    answers = list(row.answers.select_related("by")) if isinstance(row, Proposal) else []
    return {
        "by": str(row.by),
        "at": row.at,
        "split": split(dispute, row.to_freelancer),
        "words": row.words,
        "answers": [{"by": str(answer.by), "accepted": answer.accepted} for answer in answers],
    }


def verdict_row(dispute: Dispute, row: Verdict) -> dict[str, Any]:
    """Return a verdict with what it cites, and whether it waits."""
    return {
        **split_row(dispute, row),
        "pk": row.pk,
        "cites": [f"E{number}" for number in row.cites],
        "waits": row.pk == dispute.awaited_id,
    }


def questions(dispute: Dispute) -> list[dict[str, Any]]:
    """Return the questions with whom they were asked, until when, and which evidence answers them."""
    rows = dispute.questions.select_related("by").prefetch_related("answers").order_by("number")
    return [
        {
            "reference": row.reference,
            "by": str(row.by),
            "at": row.at,
            "text": row.text,
            "asked": [
                (str(side), until)
                for side, until in (
                    (dispute.award.employer, row.employer_by),
                    (dispute.award.freelancer, row.freelancer_by),
                )
                if until
            ],
            "answers": [answer.reference for answer in row.answers.all()],
        }
        for row in rows
    ]
