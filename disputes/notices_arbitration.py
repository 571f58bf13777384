"""Who hears of what in arbitration: both sides of what is asked, proposed and decided, arbitrators of what waits."""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.notices import register, tell
from disputes import arbitrators

if TYPE_CHECKING:
    from disputes.models import Dispute, EvidenceItem, Question

register("dispute-taken", _("%(who)s has taken the dispute %(reference)s about “%(project)s” and will arbitrate it."))
register("dispute-question", _("The arbitrator of %(reference)s asks you something. Answer until %(until_at)s."))
register("dispute-answered", _("%(who)s answered the arbitrator in the dispute %(reference)s."))
register("dispute-proposal", _("The arbitrator proposes how to split the money of the dispute %(reference)s."))
register("dispute-proposal-accepted", _("%(who)s accepts the arbitrator's proposal in the dispute %(reference)s."))
register("dispute-proposal-refused", _("%(who)s refuses the arbitrator's proposal in the dispute %(reference)s."))
register(
    "dispute-decided",
    _("The dispute %(reference)s about “%(project)s” is decided, and the money is split. Its page has the reasons."),
)
register("dispute-handed-to-you", _("The dispute %(reference)s was handed to you."))
register("dispute-second", _("A verdict in the dispute %(reference)s waits for a second arbitrator."))
register("dispute-sent-back", _("Your verdict in the dispute %(reference)s was sent back: %(reason)s"))


def taken(dispute: "Dispute") -> None:
    """Both sides hear who will arbitrate."""
    _tell_both(dispute, "dispute-taken", who=dispute.arbitrator.name if dispute.arbitrator else "")


def handed_over(dispute: "Dispute", to: Member | None) -> None:
    """Both sides hear who arbitrates now, and that arbitrator does."""
    if to is not None:
        tell(to, "dispute-handed-to-you", _of_staff(dispute), reference=dispute.reference)
        taken(dispute)


def asked(dispute: "Dispute", question: "Question") -> None:
    """The sides who were asked hear of it, with the time they have."""
    for side, until in (
        (dispute.award.employer, question.employer_by),
        (dispute.award.freelancer, question.freelancer_by),
    ):
        if until:
            path = f"{dispute.get_absolute_url()}#q{question.number}"
            tell(side, "dispute-question", path, reference=dispute.reference, until_at=until.isoformat())


def answered(dispute: "Dispute", item: "EvidenceItem") -> None:
    """The arbitrator and the other side hear of an answer."""
    about = {"who": item.by.name, "reference": dispute.reference}
    tell(dispute.other(item.by_id), "dispute-answered", dispute.get_absolute_url(), **about)
    if dispute.arbitrator:
        tell(dispute.arbitrator, "dispute-answered", _of_staff(dispute), **about)


def proposed(dispute: "Dispute") -> None:
    """Both sides hear of a proposal."""
    _tell_both(dispute, "dispute-proposal")


def proposal_answered(dispute: "Dispute", by: Member, *, accepted: bool) -> None:
    """The other side and the arbitrator hear what one side says to a proposal."""
    kind = "dispute-proposal-accepted" if accepted else "dispute-proposal-refused"
    about = {"who": by.name, "reference": dispute.reference}
    tell(dispute.other(by.pk), kind, dispute.get_absolute_url(), **about)
    if dispute.arbitrator:
        tell(dispute.arbitrator, kind, _of_staff(dispute), **about)


def decided(dispute: "Dispute") -> None:
    """Both sides hear that it is decided; the reasons are on its page."""
    _tell_both(dispute, "dispute-decided")


def second_needed(dispute: "Dispute") -> None:
    """All who may be the second arbitrator hear that a verdict waits."""
    for member in arbitrators.free_for(dispute):
        if member.pk != dispute.arbitrator_id:
            tell(member, "dispute-second", _of_staff(dispute), reference=dispute.reference)


def sent_back(dispute: "Dispute", reason: str) -> None:
    """Who wrote the verdict hears why it was sent back."""
    if dispute.arbitrator:
        about = {"reference": dispute.reference, "reason": f"“{reason}”"}
        tell(dispute.arbitrator, "dispute-sent-back", _of_staff(dispute), **about)


def _of_staff(dispute: "Dispute") -> str:
    """The case in the admin."""
    return reverse("admin:disputes_dispute_change", args=[dispute.pk])


def _tell_both(dispute: "Dispute", kind: str, **words: str) -> None:
    about = {"reference": dispute.reference, "project": dispute.award.project.title, **words}
    for side in (dispute.award.employer, dispute.award.freelancer):
        tell(side, kind, dispute.get_absolute_url(), **about)
