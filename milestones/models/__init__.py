"""Milestone payments, what happened to them, what funds them, and their sums."""

from milestones.models.asks import Ask, AskEvent, AskQuerySet
from milestones.models.cancel_requests import CancelRequest
from milestones.models.consents import ConsentRequest
from milestones.models.criteria import Criterion
from milestones.models.criteria_changes import CriteriaChange
from milestones.models.funding import Funding, FundingPart
from milestones.models.messages import Message, MessageFile, MessageQuerySet, MessageRead
from milestones.models.milestones import TAKE_BACK, Milestone, MilestoneEvent, MilestoneQuerySet, Newest, Sums
from milestones.models.release_requests import ReleaseFile, ReleaseRequest
from milestones.models.requests import MilestoneRequest
from milestones.models.return_requests import ReturnRequest
from milestones.models.totals import FoldedMonths, HeldTotal, MonthTotal

__all__ = [
    "TAKE_BACK",
    "Ask",
    "AskEvent",
    "AskQuerySet",
    "CancelRequest",
    "ConsentRequest",
    "CriteriaChange",
    "Criterion",
    "FoldedMonths",
    "Funding",
    "FundingPart",
    "HeldTotal",
    "Message",
    "MessageFile",
    "MessageQuerySet",
    "MessageRead",
    "Milestone",
    "MilestoneEvent",
    "MilestoneQuerySet",
    "MilestoneRequest",
    "MonthTotal",
    "Newest",  # migrations name it here
    "ReleaseFile",
    "ReleaseRequest",
    "ReturnRequest",
    "Sums",
]
