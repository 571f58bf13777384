"""What making a milestone needs of the requests for milestones (P30): one that is asked for is answered by making it.

Requests are plugged in when the site starts; a milestone that says it answers one is refused while nothing is.
"""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import Member
from config.refusals import WrongState
from config.seen import Seen
from projects.models import Award

if TYPE_CHECKING:
    from milestones.models import Milestone

# ``fulfil(number, milestone, by=…, key=…, seen=…)``: within the transaction that made the milestone, the request of
# that number is agreed to. It raises WrongState where the request is another award's, waits no more, or has changed
# since it was *seen*. ``require(number, award, by=…, seen=…)`` raises the same before a payment for it begins.
Fulfil = Callable[..., object]
_plugged: list[tuple[Fulfil, Fulfil]] = []


def plug(fulfil: Fulfil, require: Fulfil) -> None:
    """Name what answers requests."""
    _plugged[:] = [(fulfil, require)]


def fulfil(number: int, milestone: "Milestone", *, by: Member, key: uuid.UUID, seen: Seen) -> None:
    """Answer the request *number* with *milestone*. WrongState where it can't be answered (any more)."""
    _there()[0](number, milestone, by=by, key=key, seen=seen)


def require(number: int, award: Award, *, by: Member, seen: Seen) -> None:
    """Raise WrongState where the request *number* can't be answered (any more). The award's row is locked."""
    _there()[1](number, award, by=by, seen=seen)


def _there() -> tuple[Fulfil, Fulfil]:
    if not _plugged:
        raise WrongState(_("This request can't be answered here. Nothing was done."))
    return _plugged[0]
