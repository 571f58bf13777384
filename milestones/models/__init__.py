"""Milestone payments, what happened to them, what funds them, and their sums."""

from milestones.models.asks import Ask, AskEvent, AskQuerySet
from milestones.models.criteria import Criterion
from milestones.models.funding import Funding
from milestones.models.milestones import Milestone, MilestoneEvent, MilestoneQuerySet, Newest, Sums
from milestones.models.requests import MilestoneRequest
from milestones.models.totals import FoldedMonths, HeldTotal, MonthTotal

__all__ = [
    "Ask",
    "AskEvent",
    "AskQuerySet",
    "Criterion",
    "FoldedMonths",
    "Funding",
    "HeldTotal",
    "Milestone",
    "MilestoneEvent",
    "MilestoneQuerySet",
    "MilestoneRequest",
    "MonthTotal",
    "Newest",  # migrations name it here
    "Sums",
]
