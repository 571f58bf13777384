"""What becomes of a project. Each story reads from top to bottom and says in between how long it waits.

Outcomes of an award: ``done`` (all released, mostly completed), ``underway`` (some released, some held, one in part),
``parted`` (the freelancer cancels after a part release), ``declined``, ``revoked``, ``lapsed``, ``awaiting``.
"""

import datetime
import random
from collections.abc import Generator
from typing import Any, NamedTuple

from django.conf import settings

from config.money import decimals
from demo import asking, criteria, endings, talk
from demo.content import Work
from demo.people import CLOSINGS, PEOPLE
from demo.stage import Stage, Story, Wait, days, hours, minutes
from milestones.models import Milestone
from projects.models import Award, Bid, Project

ENDED_UNANSWERED = ("declined", "revoked", "lapsed")
# Sums are usually a multiple of this many minor units: of 5 euros, of 500 yen.
STEP = 500
VOICES = {person.key: person.voice for person in PEOPLE}


class Part(NamedTuple):
    """One task of an award and what it costs in minor units."""

    task: str
    amount: int
    criteria: tuple[str, ...] = ()


def tell(stage: Stage, work: Work) -> Story:
    """The whole life of *work*, from its posting on."""
    project = post(stage, work)
    yield stage.by_day(hours(stage.some(1, 6)))
    chosen = [choice.lstrip("+").split(":")[0] for choice in work.awards.split()]
    for name in _mixed(stage, [*chosen, *work.bids.split()]):
        bid = place(stage, work, project, name.lstrip("-"), shares=_side_by_side(work))
        yield stage.by_day(hours(stage.some(1, 9)))
        if name.startswith("-"):
            bid.withdraw(by=bid.freelancer)
            yield minutes(stage.some(5, 50))
    yield stage.end - hours(stage.some(1, 9)) if "awaiting" in work.awards else stage.by_day(hours(stage.some(8, 40)))
    yield from choose(stage, work, project)
    if work.closed:
        yield stage.by_day(hours(stage.some(2, 30)))
        project.close(by=project.employer)


def post(stage: Stage, work: Work) -> Project:
    """Post *work* as its employer does."""
    whole = 10 ** decimals(work.currency)
    return Project.objects.create(
        employer=stage.cast[work.employer],
        title=work.title,
        description=work.about,
        skills=[skill.strip() for skill in work.skills.split(",")],
        currency=work.currency,
        budget_from=work.budget[0] * whole,
        budget_to=work.budget[1] * whole,
    )


def place(stage: Stage, work: Work, project: Project, name: str, shares: int = 1) -> Bid:
    """Place *name*'s bid on *project*, for one of *shares* equal shares of its work."""
    amount = int(stage.some(work.budget[0] * 0.9, work.budget[1] * 1.05)) * 10 ** decimals(work.currency)
    chosen = next((choice for choice in work.awards.split() if choice.lstrip("+").startswith(f"{name}:")), "")
    amount = max(amount // (shares if chosen else 1) // STEP, 1) * STEP
    shared = chosen and shares > 1  # then the tasks are divided when it is awarded
    return Bid.place(
        project,
        by=stage.cast[name],
        amount=amount,
        days=stage.random.choice((5, 7, 10, 12, 14, 18, 21, 28, 35, 42)),
        proposal=proposal(stage, work, name),
        plan=[] if shared else plan(work, name, amount),
    )


def plan(work: Work, name: str, amount: int) -> list[dict[str, Any]]:
    """Return how *name* would like to be paid, which every third says: *amount* in sums that people write."""
    dice = random.Random(f"plan {work.title} {name}")
    if dice.random() > 0.35 or not 2 <= len(work.tasks) <= 8 or amount < len(work.tasks) * 2 * STEP:
        return []
    each = amount // len(work.tasks) // STEP * STEP
    sums = [*[each] * (len(work.tasks) - 1), amount - each * (len(work.tasks) - 1)]
    return [{"task": task, "amount": minor} for task, minor in zip(work.tasks, sums, strict=True)]


def proposal(stage: Stage, work: Work, name: str) -> str:
    """Return what *name* writes to this employer."""
    first = stage.cast[work.employer].get_short_name()
    about = stage.random.choice(work.pitches) if work.pitches else ""
    voice = " ".join(stage.random.sample(VOICES[name], 2))
    opening = stage.random.choice((f"Hello {first}, ", f"Dear {first}, ", f"{first}, ", ""))
    return f"{opening}{about}\n\n{voice} {stage.random.choice(CLOSINGS)}".strip()


def choose(stage: Stage, work: Work, project: Project) -> Story:
    """Award, as *work* says: one after the other, or side by side."""
    choices = [choice.split(":") for choice in work.awards.split()]
    together = _side_by_side(work)
    running: list[Story] = []
    for number, (name, outcome) in enumerate(choices):
        tasks = work.tasks if together == 1 else work.tasks[number % together :: together]
        story = _award(stage, work, project, name.lstrip("+"), outcome, tasks)
        if number + 1 < len(choices) and choices[number + 1][0].startswith("+"):
            running.append(story)
        elif name.startswith("+"):
            yield from _braided(stage, [*running, story])
        else:
            yield from story


def _award(stage: Stage, work: Work, project: Project, name: str, outcome: str, tasks: tuple[str, ...]) -> Story:
    """One award from the choice of its bid to its end."""
    bid = Bid.objects.select_related("project", "freelancer").get(project=project, freelancer=stage.cast[name])
    award = bid.award(by=project.employer, key=stage.key())
    parts = divide(stage, tasks, award)
    yield minutes(stage.some(3, 40))
    if outcome in ENDED_UNANSWERED or outcome == "awaiting":
        yield from unanswered(stage, award, parts[:2], outcome)
        return
    held = yield from hold_some(stage, award, parts[: 1 + (stage.random.random() < 0.5)])
    trimmed = next((part for part in parts if part.task == work.trim), None)
    if trimmed:
        unwanted = yield from hold(stage, award, trimmed)
        yield hours(stage.some(1, 4))
        unwanted.cancel(by=award.employer, key=stage.key(), reason="We'll decide on this one later.")
        parts.remove(trimmed)
    yield min(stage.by_day(hours(stage.some(1, settings.AWARD_ANSWER_HOURS / 2))), award.answer_by - minutes(5))
    award.accept(by=award.freelancer, key=stage.key())
    stage.enter(talk.about_work(stage, award), stage.clock.now + minutes(25))
    yield from carry_out(stage, award, parts, held, outcome)


def unanswered(stage: Stage, award: Award, parts: list[Part], outcome: str) -> Story:
    """An award on which money is held, and which is not accepted."""
    yield from hold_some(stage, award, parts)
    if outcome == "awaiting":
        return
    if outcome == "lapsed":
        yield hours(settings.AWARD_ANSWER_HOURS) + minutes(2)
        award.lapse(key=stage.key())
    elif outcome == "declined":
        yield stage.by_day(hours(stage.some(1, settings.AWARD_ANSWER_HOURS / 2)))
        award.decline(by=award.freelancer, key=stage.key())
    else:
        yield stage.by_day(hours(stage.some(1, settings.AWARD_ANSWER_HOURS / 2)))
        award.revoke(by=award.employer, key=stage.key())
    yield stage.by_day(hours(stage.some(3, 30)))


def carry_out(stage: Stage, award: Award, parts: list[Part], held: list[Milestone], outcome: str) -> Story:
    """The work itself: a milestone is put on hold, worked for and released, with the next one held in time."""
    waiting = list(parts[len(held) :])
    pace = _pace(stage, award, len(parts), outcome)
    paid = 0
    if outcome == "underway":
        stage.enter(asking.for_more(stage, award), stage.clock.now + days(pace * 2))
    while held:
        stage.enter(asking.for_release(stage, held[0], pace), stage.clock.now + minutes(5))
        yield stage.by_day(days(pace * stage.some(0.7, 1.3)))
        if waiting:
            held.append((yield from hold(stage, award, waiting.pop(0))))
            yield stage.by_day(hours(stage.some(1, 8)))
        if outcome == "underway" and paid >= max(1, len(parts) // 2):
            yield from release_part(stage, held[0])
            stage.enter(asking.for_release(stage, held[0], pace, "rest"), stage.clock.now + hours(1))
            yield from hold_rest(stage, award, waiting)
            return
        if outcome == "parted" and paid >= max(1, len(parts) // 3):
            yield from release_part(stage, held[0])
            yield from walk_away(stage, held)
            return
        milestone = held.pop(0)
        if stage.random.random() < 0.2:
            yield from release_part(stage, milestone)
        release(stage, milestone)
        paid += 1
    yield from endings.end(stage, award)


def hold_some(stage: Stage, award: Award, parts: list[Part]) -> Generator[Wait, None, list[Milestone]]:
    """Put *parts* on hold and return their milestones."""
    held = []
    for one in parts:
        held.append((yield from hold(stage, award, one)))
        yield minutes(stage.some(2, 9))
    return held


def hold(stage: Stage, award: Award, part: Part) -> Generator[Wait, None, Milestone]:
    """Put one part on hold; its employer pays in first where the wallet doesn't suffice."""
    while stage.available(award.employer, award.currency) < part.amount + award.terms.employer.on(part.amount):
        stage.pay_in(award.employer, int(part.amount * stage.some(5, 9)), award.currency)
        yield minutes(stage.some(4, 25))
    lines = part.criteria or criteria.of(award, part.task)
    about: dict[str, Any] = {"task": part.task, "amount": part.amount, "criteria": lines}
    return Milestone.create(award, by=award.employer, key=stage.key(), **about)


def hold_rest(stage: Stage, award: Award, parts: list[Part]) -> Story:
    """Put one or two more parts on hold, for the weeks to come."""
    for one in parts[:2]:
        yield stage.by_day(hours(stage.some(5, 30)))
        yield from hold(stage, award, one)


def release(stage: Stage, milestone: Milestone) -> None:
    """Release all that is held."""
    milestone.release(_held(milestone), by=milestone.employer, key=stage.key())


def release_part(stage: Stage, milestone: Milestone) -> Story:
    """Release a part of what is held."""
    amount = max(int(_held(milestone) * stage.some(0.3, 0.7)) // STEP, 1) * STEP
    milestone.release(min(amount, _held(milestone) - 1), by=milestone.employer, key=stage.key())
    yield stage.by_day(days(stage.some(1, 4)))


def walk_away(stage: Stage, held: list[Milestone]) -> Story:
    """The freelancer gives back what is held and goes."""
    for milestone in held:
        milestone.cancel(
            by=milestone.freelancer, key=stage.key(), reason="We agreed to stop here. Thank you for everything."
        )
        yield minutes(stage.some(1, 3))


def divide(stage: Stage, tasks: tuple[str, ...], award: Award) -> list[Part]:
    """Divide what was agreed over *tasks*, in sums that people write, or as the bid's plan says."""
    weights = [stage.some(0.7, 1.5) for _ in tasks]
    sums = [max(int(award.amount * weight / sum(weights)) // STEP, 1) * STEP for weight in weights]
    if sums and award.currency != "JPY" and stage.random.random() < 0.3:
        cents = stage.random.choice((50, 80, 25, 90))  # some people calculate by the hour
        sums[0] += cents
    if sums:
        sums[-1] = max(award.amount - sum(sums[:-1]), STEP)
    if award.bid.plan:
        return [Part(row["task"], row["amount"]) for row in award.bid.plan]
    return [Part(task, amount) for task, amount in zip(tasks, sums, strict=True)]


def _held(milestone: Milestone) -> int:
    return Milestone.objects.select_related("escrow").get(pk=milestone.pk).held


def _pace(stage: Stage, award: Award, parts: int, outcome: str) -> float:
    """Return the days from one part to the next, so that what is done is done by today."""
    left = (stage.end - stage.clock.now).total_seconds() / 86_400
    if outcome == "underway":
        return max(left / (parts // 2 + 3), 0.2)
    return max(min(left * 0.62 / (parts + 1), 11), 0.1)


def _side_by_side(work: Work) -> int:
    """Return among how many awards made at the same time the tasks are divided."""
    return 1 + work.awards.count("+")


def _mixed(stage: Stage, names: list[str]) -> list[str]:
    return stage.random.sample(names, len(names))


def _braided(stage: Stage, stories: list[Story]) -> Story:
    """Play *stories* as one, each at its own times."""
    due: list[tuple[datetime.datetime, int, Story]] = [(stage.clock.now, n, story) for n, story in enumerate(stories)]
    while due:
        due.sort(key=lambda entry: entry[:2])
        at, number, story = due.pop(0)
        if at > stage.clock.now:
            yield at
        wait = next(story, None)
        if wait is not None:
            then = wait if isinstance(wait, datetime.datetime) else stage.clock.now + wait
            due.append((then, number, story))
