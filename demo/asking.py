"""What freelancers ask for while they work: releases, often with a file, and now and then another milestone.

Decided by dice of its own and told beside the work's own story, so that nothing else in the demo depends on it.
"""

import random
import uuid
from typing import Any

from config.refusals import WrongState
from config.uploads import Checked
from demo import criteria, files
from demo.stage import Stage, Story, days, hours
from milestones.models import Milestone, MilestoneRequest, ReleaseRequest
from projects.models import Award

READY = (
    "This part is ready. Have a look, and tell me if anything is missing.",
    "Done, a day before I had planned. The open questions are in my last message.",
    "Finished. I went through your list once more before I sent it.",
    "Ready. I would start with the next part on Monday.",
    "Here it is. One line is still open, and I wrote to you why.",
)
MISSING = (
    "Nearly. The second point of the list isn't there yet, and I found two spelling mistakes.",
    "I like it, but it doesn't open on my colleague's machine. Could you look at that first?",
    "Thank you! One thing is missing: what we agreed on last week. Please add it, then I release at once.",
    "It differs from the sketch in one place. Is that intended?",
)
AGAIN = (
    "Added what was missing. Sorry that I overlooked it.",
    "Corrected, and checked on two other machines.",
    "Here is the second version; the rest is unchanged.",
)
EXTRAS = (
    ("One more round of changes", "You asked for it on the phone, so I write it down with a price.", False),
    ("Half a day of handing over, with notes", "So that you can go on without me.", False),
    ("Material for the next part", "I'd order it this week, since the price goes up next month.", True),
    ("A second version for print", "The file for the screen is too coarse for paper.", False),
    ("Travel for the next visit", "The ticket is cheaper if I buy it now.", True),
)
NOT_NOW = (
    "Not this month, please. Let's finish what we have first.",
    "We can do that ourselves. Thank you for the offer!",
    "The board decided against it. Perhaps next year.",
)


def for_release(stage: Stage, milestone: Milestone, pace: float, what: str = "work") -> Story:
    """Perhaps ask for the release of *milestone*, of which one takes *pace* days; perhaps it is sent back first."""
    dice = random.Random(f"{what} {milestone.award.project.title} {milestone.task}")
    if dice.random() < 0.78:
        return
    yield days(pace * dice.uniform(0.3, 0.5))
    asked = _ask(milestone, dice, READY, what)
    if asked is None or dice.random() > 0.3:
        return
    yield days(min(pace * 0.1, 1))
    asked = ReleaseRequest.objects.get(pk=asked.pk)
    if asked.state != ReleaseRequest.WAITING:
        return
    asked.take("send_back", by=milestone.employer, key=_key(milestone, f"{what} back"), note=dice.choice(MISSING))
    yield days(min(pace * 0.15, 2))
    _ask(milestone, dice, AGAIN, f"{what} again")


def _ask(milestone: Milestone, dice: random.Random, notes: tuple[str, ...], which: str) -> ReleaseRequest | None:
    """Ask for all that is held of it, if that can be asked now."""
    current = Milestone.objects.with_people().get(pk=milestone.pk)
    if current.award.state != "accepted" or current.state != Milestone.State.HELD:
        return None
    lines = list(current.criteria.values_list("pk", flat=True))
    done = lines if which.endswith("again") or dice.random() < 0.6 else lines[:-1]
    sent = [_work(current, which)] if dice.random() < 0.4 else []
    about: dict[str, Any] = {"note": dice.choice(notes), "done": done, "files": sent}
    try:
        return ReleaseRequest.make(current, by=current.freelancer, key=_key(current, which), **about)
    except WrongState:  # asked for already
        return None


def _work(milestone: Milestone, which: str) -> Checked:
    name = "second version" if which.endswith("again") else "for you to look at"
    trade = criteria.trade(milestone.task, milestone.award.project.skills)
    if trade in ("photographs", "film"):
        return files.view(f"{name}.png", milestone.task)
    if trade in ("programs", "drawings", "objects"):
        return files.page(f"{name}.png", milestone.task)
    return files.text(f"{name}.txt", milestone.task, "", "What is in it, and what I was not sure about:", "- nothing")


def for_more(stage: Stage, award: Award) -> Story:
    """Perhaps ask for another milestone: it is declined, taken back, or waits."""
    dice = random.Random(f"more {award.project.title} {award.freelancer.email}")
    if dice.random() < 0.4:
        return
    task, note, advance = dice.choice(EXTRAS)
    share = max(award.amount // dice.choice((10, 12, 16)) // 500, 1) * 500
    about: dict[str, Any] = {"task": task, "amount": share, "advance": advance, "note": note}
    asked = MilestoneRequest.ask(award, by=award.freelancer, key=_key(award, "more"), **about)
    yield hours(dice.uniform(5, 40))
    end = dice.random()
    if end < 0.45:
        asked.take("decline", by=award.employer, key=_key(award, "decline"), note=dice.choice(NOT_NOW))
    elif end < 0.6:
        asked.take("withdraw", by=award.freelancer, key=_key(award, "withdraw"))


def _key(thing: Milestone | Award, what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo {type(thing).__name__} {thing.pk} {what}")
