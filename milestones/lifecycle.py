"""Who may do what with milestones."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from config.lifecycle import Action, table

if TYPE_CHECKING:
    from milestones.models import Ask, ConsentRequest, CriteriaChange, Milestone, MilestoneRequest


def _employer(milestone: "Milestone | Ask", user: Member) -> bool:
    return bool(milestone.employer_id == user.pk)


def _freelancer(milestone: "Milestone | Ask", user: Member) -> bool:
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
        when=_accepted,
        when_words=_("A milestone can be released once the freelancer has accepted the project."),
        last="released",
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

CANCEL_REQUEST = table(
    Action(
        "ask",
        _("Ask to cancel"),
        _employer,
        _("Only the employer can ask the freelancer to cancel a milestone."),
        ("new",),
        "waiting",
        # Why it can't be asked is said by CancelRequest.why_not.
        when=lambda ask: not ask.why_not(),
    ),
    Action(
        "agree",
        _("Agree to cancel"),
        _freelancer,
        _("Only the freelancer it was made for can cancel this milestone."),
        ("waiting",),
        "agreed",
    ),
    Action(
        "refuse",
        _("Refuse"),
        _freelancer,
        _("Only the freelancer who was asked can refuse."),
        ("waiting",),
        "refused",
    ),
    Action(
        "withdraw",
        _("Take the request back"),
        _employer,
        _("Only the employer who asked can take the request back."),
        ("waiting",),
        "withdrawn",
    ),
)

RETURN_REQUEST = table(
    Action(
        "ask",
        _("Work it out"),
        _employer,
        _("Only the employer can ask for something back."),
        ("new",),
        "waiting",
        when=lambda ask: not ask.why_not(),  # which says why
    ),
    Action(
        "agree",
        _("Return the money"),
        _freelancer,
        _("Only the freelancer who was paid can return the money."),
        ("waiting",),
        "agreed",
    ),
    Action(
        "refuse",
        _("Refuse"),
        _freelancer,
        _("Only the freelancer who was asked can refuse."),
        ("waiting",),
        "refused",
    ),
    Action(
        "withdraw",
        _("Take the request back"),
        _employer,
        _("Only the employer who asked can take the request back."),
        ("waiting",),
        "withdrawn",
    ),
)

RELEASE_REQUEST = table(
    Action(
        "ask",
        _("Ask for release"),
        _freelancer,
        _("Only the freelancer can ask for the release of a milestone."),
        ("new",),
        "waiting",
        when=lambda ask: not ask.why_not(),  # which says why
    ),
    Action(
        "send_back",
        _("Ask for more"),
        _employer,
        _("Only the employer can answer a request for release."),
        ("waiting",),
        "refused",
    ),
    Action(
        "withdraw",
        _("Take the request back"),
        _freelancer,
        _("Only the freelancer who asked can take the request back."),
        ("waiting",),
        "withdrawn",
    ),
)


def _party(change: "CriteriaChange", user: Member) -> bool:
    return user.pk in (change.employer_id, change.freelancer_id)


def _proposer(change: "CriteriaChange", user: Member) -> bool:
    return change.proposed_by_id == user.pk


def _other_party(change: "CriteriaChange", user: Member) -> bool:
    return _party(change, user) and not _proposer(change, user)


CRITERIA_CHANGE = table(
    Action(
        "ask",
        _("Propose a change"),
        _party,
        _("Only the two sides of a milestone can change what done means."),
        ("new",),
        "waiting",
        when=lambda change: not change.why_not(),  # which says why
    ),
    Action(
        "agree",
        _("Agree"),
        _other_party,
        _("Only the other side can agree to the change."),
        ("waiting",),
        "agreed",
    ),
    Action(
        "refuse",
        _("Refuse"),
        _other_party,
        _("Only the other side can refuse the change."),
        ("waiting",),
        "refused",
    ),
    Action(
        "withdraw",
        _("Take the change back"),
        _proposer,
        _("Only who proposed the change can take it back."),
        ("waiting",),
        "withdrawn",
    ),
)


def _not_being_paid(request: "MilestoneRequest") -> bool:
    return not request.being_paid


MOST_WAITING = 20  # requests that may wait at once for one award; the words below say so
_PAYMENT_UNDER_WAY = _("A payment for this request is under way. Wait for it, or give it up first.")

REQUEST = table(
    Action(
        "ask",
        _("Request a milestone"),
        _freelancer,
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
        _employer,
        _("Only the employer can create milestones."),
        ("waiting",),
        "agreed",
        when=_not_being_paid,
        when_words=_PAYMENT_UNDER_WAY,
    ),
    Action(
        "decline",
        _("Decline"),
        _employer,
        _("Only the employer can decline a request for a milestone."),
        ("waiting",),
        "refused",
        when=_not_being_paid,
        when_words=_PAYMENT_UNDER_WAY,
    ),
    Action(
        "edit",
        _("Edit"),
        _freelancer,
        _("Only the freelancer who made a request can edit it."),
        ("waiting",),
    ),
    Action(
        "withdraw",
        _("Withdraw"),
        _freelancer,
        _("Only the freelancer who made a request can withdraw it."),
        ("waiting",),
        "withdrawn",
    ),
)


def _may_ask_both(ask: "ConsentRequest", user: Member) -> bool:
    return _staff_with(user, "milestones.give_back_by_consent") and not ask.concerns(user)


def _may_give_back(ask: "ConsentRequest", user: Member) -> bool:
    return _may_ask_both(ask, user) and not (ask.needs_second and ask.asked_by_id == user.pk)


def _staff_with(user: Member, right: str) -> bool:
    return bool(user.is_active and user.is_staff and user.has_perm(right))


CONSENT_REQUEST = table(
    Action(
        "ask",
        _("Ask both to consent to giving back"),
        _may_ask_both,
        _("Only staff of the group support can ask for it, and nobody whose own milestone it is."),
        ("new",),
        "waiting",
        when=lambda ask: not ask.why_not(),  # which says why
    ),
    Action(
        "consent",
        _("Consent"),
        _party,
        _("Only the employer and the freelancer can consent."),
        ("waiting",),
    ),
    Action(
        "revoke",
        _("Take my consent back"),
        _party,
        _("Only the employer and the freelancer can consent."),
        ("waiting",),
    ),
    Action(
        "refuse",
        _("Refuse"),
        _party,
        _("Only the employer and the freelancer can refuse."),
        ("waiting",),
        "refused",
    ),
    Action(
        "withdraw",
        _("Take the request back"),
        _may_ask_both,
        _("Only staff of the group support can take it back."),
        ("waiting",),
        "withdrawn",
    ),
    Action(
        "give_back",
        _("Give back"),
        _may_give_back,
        _("Only staff can give it back, of this sum another person than who asked, and nobody whose milestone it is."),
        ("waiting",),
        "agreed",
        when=lambda ask: ask.employer_consents and ask.freelancer_consents,
        when_words=_("Both have to consent first."),
    ),
)
