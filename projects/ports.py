"""What projects need from a floor above them.

An award that ends without being accepted gives every held milestone back in the same transaction (P4). Milestones
stand above projects, so they are called through this port: ``milestones.apps`` plugs itself in at start, and an
award refuses to end while nothing is plugged in.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from accounts.models import Member
    from projects.models import Award


class Escrow(Protocol):
    """Gives back whatever is held for an award, inside the caller's transaction; the award's row is locked."""

    def __call__(self, award: "Award", *, by: "Member | None") -> None: ...


_plugged: list[Escrow] = []


def plug(escrow: Escrow) -> None:
    """Name the one that gives held money back."""
    _plugged[:] = [escrow]


def give_back_all(award: "Award", *, by: "Member | None") -> None:
    """Give back all that is held for *award*. RuntimeError if nothing is plugged in."""
    if not _plugged:
        raise RuntimeError("no escrow is plugged in, so an award can't end safely")
    _plugged[0](award, by=by)
