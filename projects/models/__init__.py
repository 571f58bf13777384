"""Projects, bids and awards; reviews, and what they and milestones come to for a member."""

from projects.models.awards import Award, AwardEvent, AwardQuerySet
from projects.models.offers import Bid, BidQuerySet, Project, ProjectQuerySet
from projects.models.reviews import Review, ReviewQuerySet
from projects.models.standing import Standing, StandingDue, StandingMark, StandingSum

__all__ = [
    "Award",
    "AwardEvent",
    "AwardQuerySet",
    "Bid",
    "BidQuerySet",
    "Project",
    "ProjectQuerySet",
    "Review",
    "ReviewQuerySet",
    "Standing",
    "StandingDue",
    "StandingMark",
    "StandingSum",
]
