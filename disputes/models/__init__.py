"""Disputes about what is held: what is claimed, offered, shown, asked and decided, and what happened when."""

from disputes.models.arbitration import Proposal, ProposalAnswer, Question, Verdict
from disputes.models.disputes import Dispute, DisputeQuerySet
from disputes.models.events import DisputeEvent
from disputes.models.evidence import EvidenceFile, EvidenceItem, Said
from disputes.models.offers import Absence, Offer, Split
from disputes.models.parts import DisputedMilestone

__all__ = [
    "Absence",
    "Dispute",
    "DisputeEvent",
    "DisputeQuerySet",
    "DisputedMilestone",
    "EvidenceFile",
    "EvidenceItem",
    "Offer",
    "Proposal",
    "ProposalAnswer",
    "Question",
    "Said",
    "Split",
    "Verdict",
]
