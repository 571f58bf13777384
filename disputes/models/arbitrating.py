"""The steps of arbitrators, and what the sides answer them."""

import uuid
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member, kept_files
from config.refusals import WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from disputes import arbitration_fee, chain, notices_arbitration
from disputes.models.arbitration import Proposal, ProposalAnswer, Question, Verdict
from disputes.models.evidence import EvidenceItem, Said

if TYPE_CHECKING:
    from disputes.models.disputes import Dispute

SIDES = ("employer", "freelancer")


class Arbitrating:
    """Steps of a dispute in arbitration, each a transaction; a repeat of *key* does nothing a second time.

    Each raises PermissionDenied for a wrong person and WrongState at a wrong time, with words, or where the dispute
    isn't what was *seen*.
    """

    if TYPE_CHECKING:

        def locked(self, *, to_settle: bool = False) -> "Dispute":
            """Dispute.locked."""

    @retried
    def take(self, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Take it: from now on only *by* asks, proposes and decides.

        Out of the queue, or from one who can't arbitrate it any more; that one's number is on record.
        """
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "take", of=dispute):
                return dispute
            dispute.require("take", by)
            seen.require(dispute.seen_version)
            before = {"instead_of": dispute.arbitrator_id} if dispute.arbitrator_id else {}
            dispute.arbitrator = by
            dispute.touch("arbitrator")
            dispute.record("take", by=by, key=key, seen=seen, **before)
            notices_arbitration.taken(dispute)
        return dispute

    @retried
    def hand_over(
        self, to: Member | None, *, reason: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN
    ) -> "Dispute":
        """Give it to another arbitrator, or back to the queue (None). WrongState for one who may not arbitrate it."""
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "hand_over", of=dispute):
                return dispute
            row = dispute.require("hand_over", by)
            seen.require(dispute.seen_version)
            if to is not None and (to.pk == by.pk or not dispute.lifecycle["take"].who(dispute, to)):
                raise WrongState(_("%(name)s can't arbitrate this dispute.") % {"name": to})
            dispute.arbitrator = to
            dispute.touch("arbitrator")
            dispute.record(row.name, by=by, key=key, seen=seen, to=to and to.pk, why=reason)
            notices_arbitration.handed_over(dispute, to)
        return dispute

    @retried
    def ask(self, text: str, *, of: Collection[str], by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Ask one side or both (*of*: "employer", "freelancer"), who have the dispute's time to answer.

        ValueError for nobody.
        """
        if not of or not set(of) <= set(SIDES):
            raise ValueError("a question is for the employer, the freelancer or both")
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "ask", of=dispute):
                return dispute
            dispute.require("ask", by)
            seen.require(dispute.seen_version)
            until = dispute.rules.after("question", timezone.now())
            question = Question.objects.create(
                dispute=dispute,
                number=_next(dispute.questions),
                by=by,
                text=text,
                employer_by=until if "employer" in of else None,
                freelancer_by=until if "freelancer" in of else None,
            )
            dispute.touch()
            about = {"question": question.number, "text": chain.of_text(text), "of": sorted(of)}
            dispute.record("ask", by=by, key=key, seen=seen, **about)
            notices_arbitration.asked(dispute, question)
        return dispute

    @retried
    def answer(
        self, question: Question, said: Said, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN
    ) -> EvidenceItem:
        """Answer a question that was asked of this side; the answer is evidence. Late answers are taken, too.

        ValueError for an empty answer.
        """
        if not said:
            raise ValueError("an answer is a text, a link or a file")
        with kept_files() as kept, transaction.atomic():
            dispute = self.locked()
            if done := dispute._done(key, "evidence", of=dispute):
                return dispute.evidence.get(number=done.data["evidence"])  # type: ignore[no-any-return]
            dispute.require("evidence", by)
            asked = dispute.questions.get(pk=question.pk)
            if asked.until_of(dispute.role_of(by)) is None:
                raise WrongState(_("This question was asked of the other side."))
            item = dispute._hand_in(said, by=by, key=key, seen=seen, kept=kept, question=asked)
            notices_arbitration.answered(dispute, item)
        return item

    @retried
    def propose(
        self, to_freelancer: Sequence[int], *, words: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN
    ) -> "Dispute":
        """Propose a split, with reasons; it takes the place of an earlier one. ValueError for sums out of bounds."""
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "propose", of=dispute):
                return dispute
            dispute.require("propose", by)
            seen.require(dispute.seen_version)
            split = dispute._checked(to_freelancer)
            proposal = Proposal.objects.create(dispute=dispute, by=by, to_freelancer=split, words=words)
            dispute.touch()
            about = {"proposal": proposal.pk, "to_freelancer": split, "words": chain.of_text(words)}
            dispute.record("propose", by=by, key=key, seen=seen, **about)
            notices_arbitration.proposed(dispute)
        return dispute

    @retried
    def accept_proposal(self, proposal: Proposal, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Accept the arbitrator's latest proposal. Once both sides have, the money is split so, for good (P43)."""
        with transaction.atomic():
            dispute = self.locked(to_settle=True)
            if dispute._done(key, "accept_proposal", of=dispute):
                return dispute
            latest = _required(dispute, "accept_proposal", proposal, by=by, seen=seen)
            ProposalAnswer.objects.create(proposal=latest, by=by, accepted=True)
            about = {"proposal": latest.pk, "to_freelancer": latest.to_freelancer}
            dispute.record("accept_proposal", by=by, key=key, seen=seen, **about)
            if latest.answers.filter(accepted=True).count() == len(SIDES):
                dispute.resolve(dispute.Outcome.PROPOSAL, latest.to_freelancer, by=by, key=key, seen=seen)
            else:
                dispute.touch()
            notices_arbitration.proposal_answered(dispute, by, accepted=True)
        return dispute

    @retried
    def refuse_proposal(self, proposal: Proposal, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Refuse the arbitrator's latest proposal; the arbitrator goes on."""
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "refuse_proposal", of=dispute):
                return dispute
            latest = _required(dispute, "refuse_proposal", proposal, by=by, seen=seen)
            ProposalAnswer.objects.create(proposal=latest, by=by, accepted=False)
            dispute.touch()
            dispute.record("refuse_proposal", by=by, key=key, seen=seen, proposal=latest.pk)
            notices_arbitration.proposal_answered(dispute, by, accepted=False)
        return dispute

    @retried
    def decide(
        self,
        to_freelancer: Sequence[int],
        *,
        words: str,
        cites: Collection[int],
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
    ) -> "Dispute":
        """Decide the split, with reasons in *words* that cite evidence items by their numbers (P41).

        The money moves at once, or where the sum needs a second arbitrator when one has confirmed it (P71). ValueError
        for sums out of bounds, no reasons, items that are not there, or none where there are some.
        """
        with transaction.atomic():
            dispute = self.locked(to_settle=True)
            if dispute._done(key, "decide", of=dispute):
                return dispute
            dispute.require("decide", by)
            seen.require(dispute.seen_version)
            split, cited = dispute._checked(to_freelancer), sorted(set(cites))
            there = set(dispute.evidence.values_list("number", flat=True))
            if not words or not set(cited) <= there or (there and not cited):
                raise ValueError("a verdict has reasons, which cite evidence items of the dispute")
            verdict = Verdict.objects.create(dispute=dispute, by=by, to_freelancer=split, words=words, cites=cited)
            about = {"verdict": verdict.pk, "to_freelancer": split, "words": chain.of_text(words), "cites": cited}
            dispute.record("decide", by=by, key=key, seen=seen, **about)
            if dispute.rules.needs_second(dispute.disputed):
                dispute.awaited = verdict
                dispute.touch("awaited")
                notices_arbitration.second_needed(dispute)
            else:
                carry_out(dispute, verdict, by=by, key=key, seen=seen)
        return dispute

    @retried
    def confirm(self, verdict: Verdict, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Confirm, as a second arbitrator, the *verdict* that waits for it: the money is split so (P71)."""
        with transaction.atomic():
            dispute = self.locked(to_settle=True)
            if dispute._done(key, "confirm", of=dispute):
                return dispute
            dispute.require("confirm", by)
            seen.require(dispute.seen_version)
            awaited = dispute.awaited
            if awaited is None or awaited.pk != verdict.pk:
                raise WrongState(_("Another verdict waits now, so nothing was done."))
            dispute.record("confirm", by=by, key=key, seen=seen, verdict=awaited.pk)
            carry_out(dispute, awaited, by=by, key=key, seen=seen)
        return dispute

    @retried
    def send_back(self, verdict: Verdict, *, reason: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> "Dispute":
        """Send, as a second arbitrator, the *verdict* back to who wrote it: it never moves anything."""
        with transaction.atomic():
            dispute = self.locked()
            if dispute._done(key, "send_back", of=dispute):
                return dispute
            dispute.require("send_back", by)
            seen.require(dispute.seen_version)
            if dispute.awaited_id != verdict.pk:
                raise WrongState(_("Another verdict waits now, so nothing was done."))
            dispute.awaited = None
            dispute.touch("awaited")
            dispute.record("send_back", by=by, key=key, seen=seen, verdict=verdict.pk, why=reason)
            notices_arbitration.sent_back(dispute, reason)
        return dispute


def carry_out(dispute: "Dispute", verdict: Verdict, *, by: Member, key: uuid.UUID, seen: Seen) -> None:
    """Split the money as *verdict* says, charge the fee of arbitration, and tell both sides."""
    settled = dispute.resolve(dispute.Outcome.VERDICT, verdict.to_freelancer, by=by, key=key, seen=seen)
    arbitration_fee.charge(dispute, settled, by=by, key=key, seen=seen)
    notices_arbitration.decided(dispute)


def _next(rows: Any) -> int:
    """Return the number after the last one of *rows*."""
    return (rows.aggregate(last=models.Max("number"))["last"] or 0) + 1


def _required(dispute: "Dispute", action: str, proposal: Proposal, *, by: Member, seen: Seen) -> Proposal:
    """Return the latest proposal, which *by* may answer. WrongState if *proposal* isn't it."""
    dispute.require(action, by)
    seen.require(dispute.seen_version)
    latest = dispute.latest_proposal()
    if latest is None or latest.pk != proposal.pk:
        raise WrongState(_("The arbitrator has made another proposal since, so nothing was done."))
    return latest
