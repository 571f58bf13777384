"""Who hears of what happens to milestones."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from milestones.models import Milestone, MilestoneEvent


def created(milestone: "Milestone") -> None:
    """The freelancer hears that money is held for them (P18)."""


def released(milestone: "Milestone", event: "MilestoneEvent") -> None:
    """The freelancer hears that they were paid."""


def cancelled(milestone: "Milestone", event: "MilestoneEvent") -> None:
    """The other side hears of a cancelled milestone."""
