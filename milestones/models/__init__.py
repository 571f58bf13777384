"""Milestone payments, what happened to them, what funds them, and their sums."""

from milestones.models.asks import Ask, AskEvent, AskQuerySet
from milestones.models.criteria import Criterion
from milestones.models.funding import Funding, FundingPart
from milestones.models.milestones import Milestone, MilestoneEvent, MilestoneQuerySet, Newest, Sums
from milestones.models.totals import FoldedMonths, HeldTotal, MonthTotal

__all__ = [
    "Ask",
    "AskEvent",
    "AskQuerySet",
    "Criterion",
    "FoldedMonths",
    "Funding",
    "FundingPart",
    "HeldTotal",
    "Milestone",
    "MilestoneEvent",
    "MilestoneQuerySet",
    "MonthTotal",
    "Newest",  # migrations name it here
    "Sums",
]
