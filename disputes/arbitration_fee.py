"""What a verdict costs each side, and taking it. Who settles without a verdict pays nothing."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from accounts.models import Member
from config.seen import Seen
from milestones import escrow
from milestones.disputing import Settled

if TYPE_CHECKING:
    from disputes.models import Dispute


class Parts(NamedTuple):
    """What each side pays, in minor units."""

    employer: int = 0
    freelancer: int = 0


def parts(fee: int, disputed: int, to_freelancer: int, freelancer_gets: int) -> Parts:
    """Divide *fee* of *disputed* by what each side gets: the employer's part rounded half-even, the rest the other's.

    *freelancer_gets* is what arrives of *to_freelancer* after the fee on it. Neither pays more than arrives; what that
    leaves is not charged. All in minor units.
    """
    to_employer = disputed - to_freelancer
    employer = _half_even(fee * to_employer, disputed)
    return Parts(min(employer, to_employer), min(fee - employer, freelancer_gets))


def _half_even(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def charge(dispute: "Dispute", settled: Sequence[Settled], *, by: Member, key: uuid.UUID, seen: Seen) -> Parts:
    """Take the fee for the verdict that *settled* the dispute in this transaction, and record it.

    An operation of its own, whose key follows from *key*.
    """
    released = [each.release for each in settled if each.release]
    gets = sum(event.amount - event.freelancer_fee for event in released)
    paid = parts(dispute.rules.fee(dispute.disputed), dispute.disputed, sum(event.amount for event in released), gets)
    if any(paid):
        own = uuid.uuid5(key, "fee")
        escrow.charge_arbitration(settled[0].milestone, paid.employer, paid.freelancer, key=own)
        dispute.record("charge", by=by, key=own, seen=seen, employer=paid.employer, freelancer=paid.freelancer)
    return paid
