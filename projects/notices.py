"""Who hears of what happens to awards. (Filled with ``accounts.notices``.)"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projects.models import Award


def awarded(award: "Award") -> None:
    """The freelancer hears of the award."""


def answered(award: "Award", action: str) -> None:
    """The other side hears of the answer; of a lapse both do."""
