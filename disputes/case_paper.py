"""The whole case on paper: what both sides and the arbitrator said and did, with the digests that vouch for it."""

import re
from collections.abc import Sequence
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import Member
from config.money import format_minor
from config.papers import Item, Section
from config.times import moment
from disputes import chain, chronology, event_words
from disputes.models import Dispute


def rows(dispute: Dispute) -> list[tuple[str, str]]:
    """Return what stands on top."""
    found = [
        (_("Project"), dispute.award.project.title),
        (_("Employer"), dispute.award.employer.name),
        (_("Freelancer"), dispute.award.freelancer.name),
        (_("Opened by"), f"{dispute.opened_by.name}, {moment(dispute.opened_at)}"),
        (_("State"), str(dispute.get_outcome_display() or dispute.get_state_display())),
        (_("In dispute"), format_minor(dispute.disputed, dispute.currency)),
    ]
    if dispute.arbitrator:
        found.append((_("Arbitrator"), dispute.arbitrator.name))
    if dispute.ended_at:
        found.append((_("Ended"), moment(dispute.ended_at)))
    return found


def sections(dispute: Dispute, reader: Member) -> list[Section]:
    """Return the case as *reader*, one of its sides, may see it, in a bounded number of queries."""
    verdict = dispute.verdicts.order_by("-id").first() if dispute.outcome == Dispute.Outcome.VERDICT else None
    offers = dispute.offers.select_related("by").order_by("id")
    proposals = dispute.proposals.select_related("by").order_by("id")
    found = [
        Section(_("What is in dispute"), rows=_milestones(dispute)),
        Section(
            _("Claim"), items=[Item(dispute.opened_by.name, moment(dispute.opened_at), _paragraphs(dispute.claim))]
        ),
        Section(_("Offers"), items=[_split(dispute, offer) for offer in offers]),
        Section(_("Evidence"), items=_evidence(dispute)),
        Section(_("Questions of the arbitrator"), items=_questions(dispute)),
        Section(_("Proposals of the arbitrator"), items=[_split(dispute, proposal) for proposal in proposals]),
        Section(_("Verdict"), items=[_verdict(dispute, verdict)] if verdict else []),
        Section(_("All that happened"), items=_chronology(dispute, reader)),
        Section(_("Record"), items=_record(dispute)),
    ]
    return [section for section in found if section.rows or section.items]


def last_digest(dispute: Dispute) -> tuple[int, str]:
    """Return the number and the digest of the last event; where somebody took all of them away, 0 and the first."""
    last = dispute.events.order_by("-number").values_list("number", "digest").first()
    return last or (0, chain.FIRST)


def grouped(digest: str) -> str:
    """Return *digest* in groups of eight, as one can read it off paper; ``checking.plain_digest`` reads it."""
    return " ".join(re.findall(".{8}", digest))


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n") if part.strip()]


def _milestones(dispute: Dispute) -> list[tuple[str, str]]:
    found = []
    for part in dispute.milestones:
        held = format_minor(part.held, dispute.currency)
        if part.to_freelancer is None:
            value = held
        else:
            sums = {
                "held": held,
                "freelancer": format_minor(part.to_freelancer, dispute.currency),
                "employer": format_minor(part.held - part.to_freelancer, dispute.currency),
            }
            value = _("%(held)s: %(freelancer)s to the freelancer, %(employer)s back to the employer") % sums
        found.append((f"{part.milestone.reference} {part.milestone.task}", value))
    return found


def _split(dispute: Dispute, row: Any) -> Item:
    sums = [
        _("%(task)s: %(freelancer)s for the freelancer, %(employer)s back to the employer")
        % {
            "task": part.milestone.task,
            "freelancer": format_minor(minor, dispute.currency),
            "employer": format_minor(part.held - minor, dispute.currency),
        }
        for part, minor in zip(dispute.milestones, row.to_freelancer, strict=True)
    ]
    return Item(row.by.name, moment(row.at), [*sums, *_paragraphs(row.words)])


def _verdict(dispute: Dispute, verdict: Any) -> Item:
    item = _split(dispute, verdict)
    cites = ", ".join(f"E{number}" for number in verdict.cites)
    return Item(
        item.head, item.about, [*item.body, _("It cites %(items)s.") % {"items": cites}] if cites else item.body
    )


def _evidence(dispute: Dispute) -> list[Item]:
    items = []
    for item in dispute.evidence.select_related("by", "question").prefetch_related("files").order_by("number"):
        files = [
            f"{file.name}, {filesizeformat(file.size)}, SHA-256 {grouped(file.sha256)}" for file in item.files.all()
        ]
        head = f"{item.reference} · {item.by.name}"
        if item.question:
            head = head + " · " + _("answer to %(question)s") % {"question": item.question.reference}
        items.append(Item(head, moment(item.at), [*_paragraphs(item.text), *item.links, *files]))
    return items


def _questions(dispute: Dispute) -> list[Item]:
    asked = dispute.questions.select_related("by").order_by("number")
    return [Item(f"{row.reference} · {row.by.name}", moment(row.at), _paragraphs(row.text)) for row in asked]


def _chronology(dispute: Dispute, reader: Member) -> list[Item]:
    found = chronology.of(dispute, reader)
    items = [Item(_("What happened before is not on this paper: it is too long."))] if found.cut else []
    for entry in found.entries:
        head = entry.get("sentence") or str(entry.get("who", ""))
        if entry.get("about"):
            head = f"{head} · {entry['about']}"
        said = [*_paragraphs(entry.get("text", "")), *_paragraphs(entry.get("note", ""))]
        files = [file["name"] for file in entry.get("files", ())]
        items.append(Item(head, moment(entry["at"]), [*said, *files]))
    return items


def _record(dispute: Dispute) -> Sequence[Item]:
    events = event_words.rows(dispute, dispute.events.select_related("actor").order_by("number"))
    return [
        Item(f"{event['number']} · {event['sentence']}", f"{moment(event['at'])} · {grouped(event['digest'])}")
        for event in events
    ]
