"""What projects need from a floor above them.

An award that is marked complete must hold nothing, and nothing about it may be open (``register_matter``).
An award that ends without being accepted gives every held milestone back in the same transaction (P4), and the pages
that ask about it say how much that is. Milestones stand above projects, so they are called through this port:
``milestones.apps`` plugs itself in at start, and an award refuses to end while nothing is plugged in.
"""

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from config.seen import Seen

if TYPE_CHECKING:
    from accounts.models import Member
    from projects.models import Award


class Escrow(Protocol):
    """What keeps money for awards."""

    def give_back_all(self, award: "Award", *, by: "Member | None", key: uuid.UUID, seen: Seen) -> None:
        """Give back whatever is held for *award*, inside the caller's transaction; the award's row is locked.

        It is part of the operation *key*, which ends the award, and of what *by* had *seen* of it.
        """

    def held_for(self, award: "Award") -> int:
        """Return what is held for *award* now, in minor units of its currency."""

    def set_aside_for(self, award: "Award") -> int:
        """Return what is set aside for its employer's fees now, in minor units of its currency."""

    def paid_for(self, award: "Award") -> int:
        """Return what *award* has paid so far: released, less what was given back, in minor units of its currency."""

    def wind_up(self, award: "Award") -> None:
        """Give all that only waits for an answer about *award* its end: it is completed in this transaction."""


Matter = Callable[["Award"], Iterable[str]]
_matters: list[Matter] = []
_plugged: list[Escrow] = []


def plug(escrow: Escrow) -> None:
    """Name the one that keeps the money."""
    _plugged[:] = [escrow]


def give_back_all(award: "Award", *, by: "Member | None", key: uuid.UUID, seen: Seen) -> None:
    """Give back all that is held for *award*. RuntimeError if nothing is plugged in."""
    _escrow().give_back_all(award, by=by, key=key, seen=seen)


def held_for(award: "Award") -> int:
    """Return what is held for *award* now. RuntimeError if nothing is plugged in."""
    return _escrow().held_for(award)


def set_aside_for(award: "Award") -> int:
    """Return what is set aside for its employer's fees now. RuntimeError if nothing is plugged in."""
    return _escrow().set_aside_for(award)


def paid_for(award: "Award") -> int:
    """Return what *award* has paid so far. RuntimeError if nothing is plugged in."""
    return _escrow().paid_for(award)


def wind_up(award: "Award") -> None:
    """End all that waits about *award*, which is completed. RuntimeError if nothing is plugged in."""
    _escrow().wind_up(award)


def register_matter(matter: Matter) -> None:
    """Let *matter* say, in whole sentences, what about an award is open still. A second time does nothing."""
    if matter not in _matters:
        _matters.append(matter)


def open_matters(award: "Award") -> list[str]:
    """Return what keeps *award* from being completed, as the floors above say it; the award's row is locked."""
    return [sentence for matter in _matters for sentence in matter(award)]


def _escrow() -> Escrow:
    if not _plugged:
        raise RuntimeError("no escrow is plugged in, so an award can't end safely")
    return _plugged[0]
