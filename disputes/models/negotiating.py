"""The steps of the two sides: what they offer, accept, show, and how they go on where they don't agree."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member, kept_files
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from disputes import chain, notices
from disputes.models.evidence import EvidenceItem, Said
from disputes.models.offers import Offer
from milestones import disputing
from projects.models import StandingDue

if TYPE_CHECKING:
    from disputes.models.disputes import Dispute


class Negotiating:
    """Steps of a dispute, each a transaction; a repeat of *key* does nothing a second time.

    Each raises PermissionDenied for a wrong person and WrongState at a wrong time, with words, or where the dispute
    isn't what was *seen*.
    """

    if TYPE_CHECKING:

        def locked(self, *, to_settle: bool = False) -> "Dispute":
            """Dispute.locked."""

    @retried
    def offer(
        self,
        to_freelancer: Sequence[int],
        *,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
        words: str = "",
    ) -> "Dispute":
        """Offer a split; the first one of the other side is its answer, and begins the negotiation.

        *to_freelancer* has a sum for each milestone, in the dispute's order. ValueError for sums out of bounds.
        """
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "offer", of=dispute):
                return dispute
            row = dispute.require("offer", by)
            seen.require(dispute.seen_version)
            offer = dispute._offer(to_freelancer, by, words)
            fields = []
            if dispute.state != row.target:
                dispute.state = row.target or dispute.state
                dispute.escalate_from = dispute.rules.after("negotiation", timezone.now())
                fields = ["state", "escalate_from"]
            dispute.touch(*fields)
            about = {"offer": offer.pk, "to_freelancer": offer.to_freelancer, "words": chain.of_text(words)}
            dispute.record("offer", by=by, key=key, seen=seen, **about)
            notices.offered(dispute, by)
        return dispute

    @retried
    def accept(self, offer: Offer, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Accept *offer*, the other side's latest: the money is split so, at once and for good (P43)."""
        with transaction.atomic():
            dispute = self.locked(to_settle=True)
            if dispute._done(key, "accept", of=dispute):
                return dispute
            dispute.require("accept", by)
            seen.require(dispute.seen_version)
            latest = dispute.latest_offer(dispute.other(by.pk).pk)
            if latest is None or latest.pk != offer.pk:
                raise WrongState(_("The other side has made another offer since, so nothing was done."))
            dispute.record("accept", by=by, key=key, seen=seen, offer=latest.pk, to_freelancer=latest.to_freelancer)
            dispute.resolve(dispute.Outcome.ACCEPTED, latest.to_freelancer, by=by, key=key, seen=seen)
            notices.accepted(dispute, by)
        return dispute

    @retried
    def execute(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Have the opening's offer executed, since the other side let its time to answer pass (P42)."""
        with transaction.atomic():
            dispute = self.locked(to_settle=True)
            if dispute._done(key, "execute", of=dispute):
                return dispute
            dispute.require("execute", by)
            seen.require(dispute.seen_version)
            offer = dispute.offers.get()  # while nobody has answered, there is the opening's alone
            dispute.record("execute", by=by, key=key, seen=seen, offer=offer.pk, to_freelancer=offer.to_freelancer)
            dispute.resolve(dispute.Outcome.EXECUTED, offer.to_freelancer, by=by, key=key, seen=seen)
            notices.executed(dispute)
        return dispute

    @retried
    def escalate(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Call an arbitrator, once the time to agree by themselves is over (P42)."""
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "escalate", of=dispute):
                return dispute
            row = dispute.require("escalate", by)
            seen.require(dispute.seen_version)
            now = timezone.now()
            dispute.state, dispute.escalated_at = row.target or dispute.state, now
            dispute.verdict_by = dispute.rules.after("verdict", now)
            dispute.touch("state", "escalated_at", "verdict_by")
            dispute.record("escalate", by=by, key=key, seen=seen, fee=dispute.rules.fee(dispute.disputed))
            notices.escalated(dispute, by)
        return dispute

    @retried
    def withdraw(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Withdraw it: the money is simply held again (P45)."""
        with transaction.atomic():
            dispute = self.locked(to_settle=True)
            if dispute._done(key, "withdraw", of=dispute):
                return dispute
            row = dispute.require("withdraw", by)
            seen.require(dispute.seen_version)
            disputing.let_go(dispute._locked_milestones)
            dispute.parts.update(open=False)
            dispute.state, dispute.ended_at = row.target or dispute.state, timezone.now()
            dispute.touch("state", "ended_at")
            StandingDue.note(dispute.employer_id, dispute.freelancer_id)
            dispute.record("withdraw", by=by, key=key, seen=seen)
            notices.withdrawn(dispute)
        return dispute

    @retried
    def add_evidence(self, said: Said, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> EvidenceItem:
        """Hand in a piece of evidence, which nobody can change or take away (P44). ValueError for nothing at all."""
        if not said:
            raise ValueError("evidence is a text, a link or a file")
        with kept_files() as kept, transaction.atomic():
            dispute = self.locked()
            if done := dispute._done(key, "evidence", of=dispute):
                return dispute.evidence.get(number=done.data["evidence"])  # type: ignore[no-any-return]
            dispute.require("evidence", by)
            item = dispute._hand_in(said, by=by, key=key, seen=seen, kept=kept)
            notices.evidence(dispute, item)
        return item
