"""A whole case, with everything that can be said in one, for what reads cases."""

import uuid

from config.seen import UNSEEN
from config.uploads import Checked
from disputes import chain
from disputes.models import Dispute, Proposal, ProposalAnswer, Question, Said, Verdict

TEXT = Checked("notes.txt", "text/plain; charset=utf-8", 11, b"Half is gone")


def argued(dispute: Dispute, arbitrator) -> Dispute:
    """From the opening by the employer to a question, a refused proposal and a verdict that was sent back.

    What arbitrators do is written as their verbs write it.
    """
    erin, wes = dispute.award.employer, dispute.award.freelancer
    dispute.add_evidence(Said("Half is missing.", ["https://example.com/a"], [TEXT]), by=erin, key=uuid.uuid4())
    dispute.offer([30_000], by=wes, key=uuid.uuid4(), words="All but a page is done.")
    dispute.offer([15_000], by=erin, key=uuid.uuid4())
    Dispute.objects.filter(pk=dispute.pk).update(escalate_from=dispute.opened_at)
    dispute = dispute.escalate(by=wes, key=uuid.uuid4())
    Dispute.objects.filter(pk=dispute.pk).update(
        escalate_from=dispute.rules.after("negotiation", dispute.events.filter(action="offer").first().at)
    )
    dispute = again(dispute)
    write(dispute, "take", arbitrator)
    dispute.arbitrator = arbitrator
    until = dispute.rules.after("question", dispute.opened_at)
    question = Question.objects.create(dispute=dispute, number=1, by=arbitrator, text="Which page?", employer_by=until)
    write(dispute, "ask", arbitrator, question=1, text=chain.of_text("Which page?"), of=["employer"])
    dispute._hand_in(Said("The last."), by=erin, key=uuid.uuid4(), seen=UNSEEN, kept=[], question=question)
    about = {"by": arbitrator, "to_freelancer": [20_000], "words": "Half to each."}
    told = {"to_freelancer": [20_000], "words": chain.of_text("Half to each.")}
    proposal = Proposal.objects.create(dispute=dispute, **about)
    write(dispute, "propose", arbitrator, proposal=proposal.pk, **told)
    ProposalAnswer.objects.create(proposal=proposal, by=wes, accepted=False)
    write(dispute, "refuse_proposal", wes, proposal=proposal.pk)
    verdict = Verdict.objects.create(dispute=dispute, cites=[1], **about)
    write(dispute, "decide", arbitrator, verdict=verdict.pk, cites=[1], **told)
    write(dispute, "send_back", arbitrator, verdict=verdict.pk, why="Too short.")
    dispute.save(update_fields=["arbitrator"])
    return dispute


def decided(dispute: Dispute, to_freelancer: list[int], words: str = "What is done is paid.") -> Dispute:
    """End it by a verdict of its arbitrator."""
    by = dispute.arbitrator
    dispute = dispute.locked(to_settle=True)
    verdict = Verdict.objects.create(dispute=dispute, cites=[1], by=by, to_freelancer=to_freelancer, words=words)
    told = {"to_freelancer": to_freelancer, "words": chain.of_text(words), "cites": [1]}
    write(dispute, "decide", by, verdict=verdict.pk, **told)
    dispute.resolve("verdict", to_freelancer, by=by, key=uuid.uuid4(), seen=UNSEEN)
    return again(dispute)


def write(dispute: Dispute, action: str, by, **data) -> None:
    dispute.record(action, by=by, key=uuid.uuid4(), seen=UNSEEN, **data)


def again(dispute: Dispute) -> Dispute:
    return Dispute.objects.with_people().get(pk=dispute.pk)
