"""Making milestones: one or several at once, all of them or none (P13–P16)."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.models import Member
from config import fees
from config.refusals import KeyConflict
from config.seen import Seen
from finances.ledger.models import Account
from milestones import escrow, notices, requests_port, statements
from milestones.parts import MOST_PARTS, Part
from projects.models import Award

if TYPE_CHECKING:
    from milestones.models import Milestone

# What the operation made before, in the order of its parts.
MADE = """
    SELECT e.action, m.id, m.award_id, m.task, m.amount, m.advance
    FROM ledger_transfer t
    JOIN milestones_milestoneevent e ON e.transfer_id = t.id
    JOIN milestones_milestone m ON m.id = e.milestone_id
    WHERE t.key = %s ORDER BY t.leg
"""


def made(model: "type[Milestone]", award: Award, parts: Sequence[Part], key: uuid.UUID) -> "list[Milestone]":
    """Return the milestones that *key* made before; none where it is new. KeyConflict if it did anything else."""
    rows = statements.run(MADE, [key])
    if not rows:
        return []
    then = [(action, award_id, *content) for action, _pk, award_id, *content in rows]
    if then != [("create", award.pk, part.task, part.amount, part.advance) for part in parts]:
        raise KeyConflict(f"operation {key} was “{rows[0][0]}” of M{rows[0][1]}")
    found = model.objects.with_people().in_bulk([row[1] for row in rows])
    return [found[row[1]] for row in rows]


def make(
    model: "type[Milestone]", award: Award, parts: Sequence[Part], *, by: Member, key: uuid.UUID, seen: Seen
) -> "list[Milestone]":
    """Make a milestone of each of *parts*, with its money on hold. The award's row is locked, and *by* may do it.

    All the money moves in one operation, *key*; an event's key is that one where it is alone, else one made from it.
    """
    if not 0 < len(parts) <= MOST_PARTS:
        raise ValueError(f"1 to {MOST_PARTS} milestones are made at once, not {len(parts)}")
    costs = [award.terms.employer.on(part.amount) for part in parts]
    milestones = [_written(model, award, part, cost) for part, cost in zip(parts, costs, strict=True)]
    transfers = escrow.fund(milestones, costs, key=key)
    award.touch()
    for place, (milestone, part) in enumerate(zip(milestones, parts, strict=True)):
        own = key if len(parts) == 1 else uuid.uuid5(key, str(place))
        cost = fees.Sums(employer=costs[place])
        milestone.record("create", transfers[place], by=by, key=own, seen=seen, cost=cost)
        if part.request is not None:
            requests_port.fulfil(part.request, milestone, by=by, key=own, seen=seen)
    # A request that was answered is told of by itself.
    if unasked := [m for m, part in zip(milestones, parts, strict=True) if part.request is None]:
        notices.created(unasked)
    return milestones


def _written(model: "type[Milestone]", award: Award, part: Part, cost: int) -> "Milestone":
    """Write the milestone of *part* and its criteria. Its accounts are there, and empty."""
    milestone: Milestone = model.objects.create(
        award=award,
        employer_id=award.employer_id,
        freelancer_id=award.freelancer_id,
        currency=award.currency,
        task=part.task,
        amount=part.amount,
        advance=part.advance,
        escrow=Account.open_escrow(award.currency),
        fee_escrow=Account.open_escrow(award.currency) if cost else None,
    )
    if part.criteria:
        criterion = milestone.criteria.model
        lines = [criterion(milestone=milestone, position=n, words=words) for n, words in enumerate(part.criteria)]
        milestone.criteria.bulk_create(lines)
    return milestone
