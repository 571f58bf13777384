"""Who may do what with milestones."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from config.lifecycle import Action, table

if TYPE_CHECKING:
    from milestones.models import Milestone, MilestoneRequest


def _employer(milestone: "Milestone", user: Member) -> bool:
    return bool(milestone.employer_id == user.pk)


def _freelancer(milestone: "Milestone", user: Member) -> bool:
    return bool(milestone.freelancer_id == user.pk)


def _accepted(milestone: "Milestone") -> bool:
    return bool(milestone.award.state == "accepted")


def _awaiting(milestone: "Milestone") -> bool:
    return bool(milestone.award.state == "awaiting")


def _employer_until_acceptance(milestone: "Milestone", user: Member) -> bool:
    return _employer(milestone, user) and not _accepted(milestone)


MILESTONE = table(
    Action(
        "release",
        _("Release"),
        _employer,
        _("Only the employer can release a milestone."),
        ("held",),
        None,  # released once nothing is left of it
        when=_accepted,
        when_words=_("A milestone can be released once the freelancer has accepted the project."),
    ),
    Action(
        "withdraw",
        _("Cancel"),
        _employer_until_acceptance,
        _("The freelancer has accepted the project. From then on only the freelancer can cancel a milestone."),
        ("held",),
        "cancelled",
        when=_awaiting,
        when_words=_("The award has ended: what was held for it went back."),
    ),
    Action(
        "cancel",
        _("Cancel milestone"),
        _freelancer,
        _("Only the freelancer it was made for can cancel this milestone."),
        ("held",),
        "cancelled",
    ),
)


def _who_employs(request: "MilestoneRequest", user: Member) -> bool:
    return bool(request.employer_id == user.pk)


def _who_works(request: "MilestoneRequest", user: Member) -> bool:
    return bool(request.freelancer_id == user.pk)


def _not_being_paid(request: "MilestoneRequest") -> bool:
    return not request.being_paid


MOST_WAITING = 20  # requests that may wait at once for one award; the words below say so
_PAYMENT_UNDER_WAY = _("A payment for this request is under way. Wait for it, or give it up first.")

REQUEST = table(
    Action(
        "ask",
        _("Request a milestone"),
        _who_works,
        _("Only the freelancer of an award can request a milestone for it."),
        ("new",),
        "waiting",
        when=lambda request: request.can_be_asked(),
        when_words=_(
            "Milestones can be requested while the project is awarded to you and your time to answer has not run out;"
            " and not more than 20 requests can wait at once."
        ),
    ),
    Action(
        "fulfil",
        _("Create Milestone"),
        _who_employs,
        _("Only the employer can create milestones."),
        ("waiting",),
        "agreed",
        when=_not_being_paid,
        when_words=_PAYMENT_UNDER_WAY,
    ),
    Action(
        "decline",
        _("Decline"),
        _who_employs,
        _("Only the employer can decline a request for a milestone."),
        ("waiting",),
        "refused",
        when=_not_being_paid,
        when_words=_PAYMENT_UNDER_WAY,
    ),
    Action(
        "edit",
        _("Edit"),
        _who_works,
        _("Only the freelancer who made a request can edit it."),
        ("waiting",),
    ),
    Action(
        "withdraw",
        _("Withdraw"),
        _who_works,
        _("Only the freelancer who made a request can withdraw it."),
        ("waiting",),
        "withdrawn",
    ),
)
