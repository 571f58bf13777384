"""What a dispute does to the milestones it is about: it holds them fast, lets them go again, or splits their money.

Each runs inside the caller's transaction, which has checked who may do so, and writes what it was for.
"""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Member
from config import fees
from config.refusals import WrongState
from config.seen import Seen
from milestones import escrow, statements
from milestones.models import Milestone
from projects.models import Award

if TYPE_CHECKING:
    from milestones.models import MilestoneEvent


class Settled(NamedTuple):
    """What a split came to for one milestone: the events, which are the receipts; None where nothing went that way."""

    milestone: Milestone
    release: "MilestoneEvent | None"
    back: "MilestoneEvent | None"


def lock(award: int, numbers: Sequence[int]) -> list[Milestone]:
    """Return the milestones with these numbers, by number, with the award's row and theirs locked.

    WrongState where one is no milestone of that award, or none is named.
    """
    locked = Award.locked(award)
    milestones = list(
        Milestone.objects.select_for_update(of=("self",), no_key=True)
        .filter(award=locked, pk__in=set(numbers))
        .with_people()
        .order_by("id")
    )
    if not milestones or len(milestones) != len(set(numbers)):
        raise WrongState(_("Choose milestones of this project on which money is held."))
    for milestone in milestones:
        milestone.award = locked
    return milestones


def hold_fast(milestones: Sequence[Milestone]) -> None:
    """Let nothing of *milestones* (locked) be released or cancelled. WrongState where one isn't simply held."""
    for milestone in milestones:
        if milestone.state != Milestone.State.HELD:
            words = _("“%(task)s” is “%(state)s” now, so it can't be disputed.")
            raise WrongState(words % {"task": milestone.task, "state": milestone.get_state_display()})
    _all_become(milestones, Milestone.State.DISPUTED)
    statements.overtake([milestone.pk for milestone in milestones], released=False, ended=True)


def let_go(milestones: Sequence[Milestone]) -> None:
    """Let *milestones* (locked) be simply held again. WrongState where one isn't in dispute."""
    _require_disputed(milestones)
    _all_become(milestones, Milestone.State.HELD)


def settle(
    milestones: Sequence[Milestone], parts: Sequence[int], *, by: Member | None, key: uuid.UUID, seen: Seen, cause: str
) -> list[Settled]:
    """Pay of each of *milestones* (locked) its one of *parts* to the freelancer, and give the rest back.

    In minor units, from nothing to all that is held: ValueError for anything else, WrongState where one isn't in
    dispute. The fees are those of a release of that part; what was set aside for the rest goes back with it.
    Each milestone is an operation of its own, whose key follows from *key*; *cause* says what it was for.
    """
    _require_disputed(milestones)
    if any(not 0 <= part <= each.held for each, part in zip(milestones, parts, strict=True)):
        raise ValueError("a part is from nothing to all that is held")
    escrow.lock(milestones)
    settled = [
        _settle(milestone, part, by=by, key=uuid.uuid5(key, str(milestone.pk)), seen=seen, cause=cause)
        for milestone, part in zip(milestones, parts, strict=True)
    ]
    milestones[0].award.touch()
    return settled


def _settle(milestone: Milestone, part: int, *, by: Member | None, key: uuid.UUID, seen: Seen, cause: str) -> Settled:
    cost = milestone.fees_of(part)
    back = fees.Sums(employer=milestone.fee_set_aside() - cost.employer)
    released, returned = escrow.split(milestone, part, cost, back.employer, key=key)
    milestone.escrow.balance = 0
    milestone.state = Milestone.State.RELEASED if part else Milestone.State.CANCELLED
    milestone.version += 1
    statements.settle(milestone)
    about: dict[str, Any] = {"by": by, "seen": seen, "cause": cause}
    return Settled(
        milestone,
        milestone.record("release", released, key=uuid.uuid5(key, "release"), cost=cost, **about) if released else None,
        milestone.record("return", returned, key=uuid.uuid5(key, "return"), cost=back, **about) if returned else None,
    )


def _require_disputed(milestones: Sequence[Milestone]) -> None:
    if any(milestone.state != Milestone.State.DISPUTED for milestone in milestones):
        raise WrongState(_("It isn't in dispute any more, so nothing was done."))


def _all_become(milestones: Sequence[Milestone], state: str) -> None:
    for milestone in milestones:
        milestone.state = state
        milestone.version += 1
        statements.settle(milestone)
    milestones[0].award.touch()
