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

if TYPE_CHECKING:
    from milestones.models import Milestone

# ``fulfil(number, milestone, by=…, key=…, seen=…)``: within the transaction that made the milestone, the request of
# that number is agreed to. It raises WrongState where the request is another award's, or waits no more.
Fulfil = Callable[..., None]
_plugged: list[Fulfil] = []


def plug(fulfil: Fulfil) -> None:
    """Name what answers requests."""
    _plugged[:] = [fulfil]


def fulfil(number: int, milestone: "Milestone", *, by: Member, key: uuid.UUID, seen: Seen) -> None:
    """Answer the request *number* with *milestone*. WrongState where it can't be answered (any more)."""
    if not _plugged:
        raise WrongState(_("This request can't be answered here. Nothing was done."))
    _plugged[0](number, milestone, by=by, key=key, seen=seen)
