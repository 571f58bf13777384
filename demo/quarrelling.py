"""Plays the disputes: the award that leads there, the opening, and every step of it."""

import uuid
from collections.abc import Callable
from typing import Any

from accounts.models import Member
from config.uploads import Checked
from demo import files, talk
from demo.quarrels import PAPERS, QUARRELS, Quarrel, Step
from demo.stage import Stage, Story, days, hours
from demo.story import post
from disputes.models import Dispute, Said
from disputes.tasks import remind_of_disputes
from milestones import parts as parts_of
from milestones.models import Milestone
from projects.models import Award, Bid


def stories(stage: Stage) -> list[tuple[Story, float]]:
    """Return the stories, each with the days ago when it begins."""
    return [(quarrel_story(stage, quarrel), quarrel.work.posted) for quarrel in QUARRELS]


def reminders(stage: Stage) -> Story:
    """The job that reminds of clocks, as often as it matters."""
    while True:
        remind_of_disputes()
        yield hours(8)


def quarrel_story(stage: Stage, quarrel: Quarrel) -> Story:
    """From the project's posting to the last step that was taken in its dispute."""
    project = post(stage, quarrel.work)
    yield hours(26)
    total = sum(part.amount for part in quarrel.parts)
    about: dict[str, Any] = {"amount": total, "days": 21, "proposal": quarrel.pitch}
    bid = Bid.place(project, by=stage.cast[quarrel.freelancer], **about)
    yield hours(30)
    award = bid.award(by=project.employer, key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo {quarrel.work.title}"))
    yield hours(8)
    award.accept(by=award.freelancer, key=_key(award, "accept"))
    award = Award.objects.select_related("project", "employer", "freelancer").get(pk=award.pk)
    stage.cover(award, total, _key(award, "pay in"))
    wanted = [parts_of.Part(part.task, part.amount, criteria=part.criteria) for part in quarrel.parts]
    made = Milestone.create_many(award, wanted, by=award.employer, key=_key(award, "hold"))
    stage.enter(talk.about_work(stage, award), stage.clock.now + hours(2))
    yield stage.end - days(quarrel.opened) - hours(40)
    for milestone in made[: quarrel.disputed[0]]:
        milestone.release(milestone.amount, by=award.employer, key=_key(award, f"release {milestone.task}"))
    yield stage.end - days(quarrel.opened)
    disputed = [made[number] for number in quarrel.disputed]
    offered = {milestone.pk: offer for milestone, offer in zip(disputed, quarrel.offers, strict=True)}
    opener = stage.cast[quarrel.opener]
    dispute = Dispute.open(award, offered, claim=quarrel.claim, by=opener, key=_key(award, "dispute"))
    for number, step in enumerate(quarrel.steps):
        yield hours(step.after)
        by = stage.cast[step.by]
        DOES[step.what](Dispute.objects.get(pk=dispute.pk), step, by, _key(award, f"step {number}"))


def _evidence(dispute: Dispute, step: Step, by: Member, key: uuid.UUID) -> None:
    name = step.more.get("file", "")
    said = Said(step.more["text"], step.more.get("links", ()), [_file(name)] if name else ())
    dispute.add_evidence(said, by=by, key=key)


def _accept(dispute: Dispute, step: Step, by: Member, key: uuid.UUID) -> None:
    offer = dispute.latest_offer(dispute.other(by.pk).pk)
    assert offer
    dispute.accept(offer, by=by, key=key)


def _answer(dispute: Dispute, step: Step, by: Member, key: uuid.UUID) -> None:
    """Answer the arbitrator's last question."""
    question = dispute.questions.last()
    assert question
    dispute.answer(question, Said(step.more["text"]), by=by, key=key)


def _accept_proposal(dispute: Dispute, step: Step, by: Member, key: uuid.UUID) -> None:
    proposal = dispute.latest_proposal()
    assert proposal
    dispute.accept_proposal(proposal, by=by, key=key)


# Steps that need no more than what the quarrel says.
PLAIN = ("offer", "execute", "escalate", "withdraw", "take", "ask", "propose", "decide")


def _plainly(verb: str) -> Callable[[Dispute, Step, Member, uuid.UUID], object]:
    """Return what takes the step *verb* with what it says."""
    return lambda dispute, step, by, key: getattr(dispute, verb)(by=by, key=key, **step.more)


DOES: dict[str, Callable[[Dispute, Step, Member, uuid.UUID], object]] = {
    "evidence": _evidence,
    "accept": _accept,
    "answer": _answer,
    "accept_proposal": _accept_proposal,
    **{verb: _plainly(verb) for verb in PLAIN},
}


def _file(name: str) -> Checked:
    if name.endswith(".png"):
        return files.page(name, name)
    return files.text(name, *PAPERS[name])


def _key(award: Award, what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo quarrel {award.pk} {what}")
