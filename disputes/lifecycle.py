"""Who may do what in a dispute."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lifecycle import Action, table
from disputes import arbitrators

if TYPE_CHECKING:
    from disputes.models import Dispute

UNDER_WAY = ("opened", "negotiation", "arbitration")


def _party(dispute: "Dispute", user: Any) -> bool:
    return user.pk in (dispute.employer_id, dispute.freelancer_id)


def _opener(dispute: "Dispute", user: Any) -> bool:
    return bool(user.pk == dispute.opened_by_id)


def _can_be_opened(dispute: "Dispute") -> bool:
    award = dispute.award
    by_freelancer = dispute.opened_by_id == award.freelancer_id
    in_time = award.state == "awaiting" and award.answer_by > timezone.now()  # else it is about to lapse
    return award.state == "accepted" or (in_time and by_freelancer)


def _answer_is_late(dispute: "Dispute") -> bool:
    return bool(dispute.answer_by <= timezone.now())


def _may_escalate(dispute: "Dispute") -> bool:
    return bool(dispute.escalate_from <= timezone.now())


def _no_verdict_waits(dispute: "Dispute") -> bool:
    return not dispute.verdict_waits


def _arbitrator(dispute: "Dispute", user: Any) -> bool:
    """One who is allowed to decide, and has nothing to do with either side."""
    return arbitrators.is_one(user) and not dispute.has_dealings(user)


def _assigned(dispute: "Dispute", user: Any) -> bool:
    return user.pk == dispute.arbitrator_id and _arbitrator(dispute, user)


def _second(dispute: "Dispute", user: Any) -> bool:
    wrote = dispute.awaited and dispute.awaited.by_id
    return user.pk not in (dispute.arbitrator_id, wrote) and _arbitrator(dispute, user)


def has_arbitrator(dispute: "Dispute") -> bool:
    """Return whether somebody has taken it who may still arbitrate it.

    Who lost the right, left, or has dealings with a side by now can't even hand it over: then others can take it.
    """
    return dispute.arbitrator is not None and _arbitrator(dispute, dispute.arbitrator)


def _can_be_taken(dispute: "Dispute") -> bool:
    return not has_arbitrator(dispute) and _no_verdict_waits(dispute)


_ONLY_PARTIES = _("Only the two sides of a dispute can do this.")
_ONLY_ARBITRATORS = _("Only arbitrators who have no dealings with either side can do this.")
_ONLY_ASSIGNED = _("Only the arbitrator who has taken the dispute can do this.")
_VERDICT_WAITS = _("A verdict is written already and waits for the second arbitrator.")

DISPUTE = table(
    Action(
        "open",
        _("Open a dispute"),
        _party,
        _("Only the two sides of a milestone can dispute it."),
        ("new",),
        "opened",
        when=_can_be_opened,
        when_words=_(
            "An employer can dispute a milestone once the freelancer has accepted the project, and can simply cancel it"
            " until then. A freelancer can while there is time to accept, and from then on."
        ),
    ),
    Action(
        "offer",
        _("Make an offer"),
        _party,
        _ONLY_PARTIES,
        ("opened", "negotiation"),
        "negotiation",
    ),
    Action(
        "accept",
        _("Accept the offer"),
        _party,
        _ONLY_PARTIES,
        ("opened", "negotiation"),
        "resolved",
    ),
    Action(
        "execute",
        _("Have the offer executed"),
        _opener,
        _("Only who opened the dispute can have the offer executed."),
        ("opened",),
        "resolved",
        when=_answer_is_late,
        when_words=_("The other side still has time to answer."),
    ),
    Action(
        "escalate",
        _("Call an arbitrator"),
        _party,
        _ONLY_PARTIES,
        ("opened", "negotiation"),
        "arbitration",
        when=_may_escalate,
        when_words=_("It is too early to call an arbitrator: both sides have some time first to agree by themselves."),
    ),
    Action(
        "withdraw",
        _("Withdraw the dispute"),
        _opener,
        _("Only who opened the dispute can withdraw it."),
        UNDER_WAY,
        "withdrawn",
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
    ),
    Action(
        "absence",
        _("Say that you are away"),
        _party,
        _ONLY_PARTIES,
        UNDER_WAY,
    ),
    Action(
        "evidence",
        _("Add evidence"),
        _party,
        _ONLY_PARTIES,
        UNDER_WAY,
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
    ),
    Action(
        "accept_proposal",
        _("Accept the proposal"),
        _party,
        _ONLY_PARTIES,
        ("arbitration",),
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
        last="resolved",
    ),
    Action(
        "refuse_proposal",
        _("Refuse the proposal"),
        _party,
        _ONLY_PARTIES,
        ("arbitration",),
    ),
    Action(
        "take",
        _("Take the dispute"),
        _arbitrator,
        _ONLY_ARBITRATORS,
        ("arbitration",),
        when=_can_be_taken,
        when_words=_("Another arbitrator has taken it already."),
    ),
    Action(
        "hand_over",
        _("Hand it over"),
        _assigned,
        _ONLY_ASSIGNED,
        ("arbitration",),
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
    ),
    Action(
        "ask",
        _("Ask a question"),
        _assigned,
        _ONLY_ASSIGNED,
        ("arbitration",),
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
    ),
    Action(
        "propose",
        _("Propose a split"),
        _assigned,
        _ONLY_ASSIGNED,
        ("arbitration",),
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
    ),
    Action(
        "decide",
        _("Decide"),
        _assigned,
        _ONLY_ASSIGNED,
        ("arbitration",),
        when=_no_verdict_waits,
        when_words=_VERDICT_WAITS,
        last="resolved",
    ),
    Action(
        "confirm",
        _("Confirm the verdict"),
        _second,
        _("Only a second arbitrator, who has no dealings with either side, can do this."),
        ("arbitration",),
        "resolved",
        when=lambda dispute: dispute.verdict_waits,
        when_words=_("No verdict waits to be confirmed."),
    ),
    Action(
        "send_back",
        _("Send the verdict back"),
        _second,
        _("Only a second arbitrator, who has no dealings with either side, can do this."),
        ("arbitration",),
        when=lambda dispute: dispute.verdict_waits,
        when_words=_("No verdict waits to be confirmed."),
    ),
)
