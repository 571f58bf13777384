"""Who hears of what happens to bids and awards."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projects.models import Award, Bid


def bid_placed(bid: "Bid") -> None:
    """The employer hears of a new bid."""


def awarded(award: "Award") -> None:
    """The freelancer hears of the award."""


def answered(award: "Award", action: str) -> None:
    """The other side hears of the answer; of a lapse both do."""
