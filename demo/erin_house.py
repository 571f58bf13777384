"""Smaller things that Erin has done or is having done: a plan made at once, one to be made, work to be reviewed."""

import uuid
from typing import Any

from config.uploads import Checked
from demo import criteria, files
from demo.content import Work
from demo.stage import Stage, Story, days, hours
from demo.story import Part, post
from milestones import parts as parts_of
from milestones.models import CancelRequest, Milestone, ReleaseRequest
from projects.models import Award, Bid, Review

BICYCLES = Work(
    title="Bicycle hire page for our guests",
    about="We lend eight bicycles to our guests, with a list on the wall that is always wrong. We want one page on "
    "which guests take a bicycle for a day and see which ones are left. It has to work on the telephone in the shed.",
    skills="Web development, HTML",
    employer="erin",
    currency="EUR",
    budget=(500, 900),
    posted=24,
)
RECIPES = Work(
    title="Recipe cards for the breakfast table",
    about="Guests ask for the recipes of our breads and jams. We want twelve cards with a photograph on one side and "
    "the recipe on the other, in German and English, to lay on the tables and to give away.",
    skills="Photography, Writing, Print",
    employer="erin",
    currency="EUR",
    budget=(400, 800),
    posted=9,
)
WIRELESS = Work(
    title="Wireless network with a password for each guest",
    about="All guests share one password, and so does the campsite next door by now. We want one for each guest that "
    "ends with their stay, printed at the reception.",
    skills="Web development, Security",
    employer="erin",
    currency="EUR",
    budget=(200, 400),
    posted=52,
)
AUTUMN = Work(
    title="Autumn photographs for the postcards",
    about="Five postcards of house and lake in autumn, one of them upright, for sale at the reception.",
    skills="Photography, Print",
    employer="erin",
    currency="EUR",
    budget=(250, 400),
    posted=70,
)
PLANS = {
    BICYCLES.title: (
        Part("Page with the eight bicycles", 32_000, ("Works on the telephone in the shed", "Nine can't be taken")),
        Part("List for the reception, by day", 18_500, ("Printed on one sheet", "Shows who has not come back")),
        Part("Reservations for a whole week", 14_000, ("Also before the guest arrives", "I can refuse one")),
    ),
    RECIPES.title: (
        Part("Three breads, photographed and written", 24_000),
        Part("Six jams", 21_000),
        Part("Three cakes, and files for the printer", 16_500),
    ),
    WIRELESS.title: (Part("A password for each stay, printed", 26_000),),
    AUTUMN.title: (Part("Five postcards, ready for the printer", 31_000),),
}


def stories(stage: Stage) -> list[tuple[Story, float]]:
    """Return the stories, each with the days ago when it begins."""
    return [
        (bicycles(stage), BICYCLES.posted),
        (recipes(stage), RECIPES.posted),
        (wireless(stage), WIRELESS.posted),
        (autumn(stage), AUTUMN.posted),
    ]


def bicycles(stage: Stage) -> Story:
    """A plan of three parts, made at once: one is released, one is worked on, and Erin asks to cancel the third."""
    award = yield from _agree(
        stage, BICYCLES, "wes", 20, "I'd make the page first and the paper last. The shed decides."
    )
    erin, plan = award.employer, PLANS[BICYCLES.title]
    stage.cover(award, sum(part.amount for part in PLANS[award.project.title]), _key(award, "pay in"))
    parts = [parts_of.Part(part.task, part.amount, criteria=part.criteria) for part in plan]
    page, _, week = Milestone.create_many(award, parts, by=erin, key=_key(award, "plan"))
    yield stage.end - hours(262)
    sent = [files.page("eight bicycles.png", BICYCLES.title)]
    _ask_release(page, "It counts to eight and not further.", sent)
    yield hours(7)
    page.release(page.amount, by=erin, key=_key(award, "page"))
    yield stage.end - hours(24)
    note = "The shop in the village lends bicycles for a whole week now, at a price that we can't match."
    CancelRequest.ask(award, milestone=week, note=note, by=erin, key=_key(award, "week"))


def recipes(stage: Stage) -> Story:
    """Accepted two days ago; the plan that the bid brought is still to be made."""
    yield from _agree(
        stage, RECIPES, "ana", 3, "I'd photograph on your tables, at breakfast, and taste what I write about."
    )


def wireless(stage: Stage) -> Story:
    """Completed last week. Wes has written his review, and reads Erin's only when she has written it."""
    award = yield from _pay_whole(stage, WIRELESS, "wes", 48, "A small box beside the router does all of it.")
    yield stage.end - days(6)
    award = award.complete(by=award.employer, key=_key(award, "complete"))
    yield days(1)
    words = "Erin knows what she needs and what not, answers within hours, and the coffee is excellent."
    Review.write(award, by=award.freelancer, stars=5, text=words, key=_key(award, "review"))


def autumn(stage: Stage) -> Story:
    """Completed, and reviewed by both."""
    award = yield from _pay_whole(stage, AUTUMN, "ana", 66, "I'd wait for the week in which the birches turn.")
    yield stage.end - days(36)
    award = award.complete(by=award.employer, key=_key(award, "complete"))
    yield days(1)
    words = "Four of the five are the best that were ever made of our house. The upright one came later than agreed."
    Review.write(award, by=award.employer, stars=4, text=words, key=_key(award, "of Ana"))
    yield days(2)
    words = "Clear wishes, quick releases. The printer's measures changed once after I had cut the pictures."
    Review.write(award, by=award.freelancer, stars=4, text=words, key=_key(award, "of Erin"))


def _agree(stage: Stage, work: Work, name: str, ago: float, text: str) -> Any:
    """Post *work*, let *name* bid with the plan, award it *ago* days ago and let it be accepted. Return the award."""
    project = post(stage, work)
    yield hours(30)
    plan = [{"task": part.task, "amount": part.amount} for part in PLANS[work.title]]
    total = sum(part.amount for part in PLANS[work.title])
    bid = Bid.place(project, by=stage.cast[name], amount=total, days=14, proposal=text, plan=plan)
    yield stage.end - days(ago)
    award = bid.award(by=project.employer, key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo {work.title}"))
    yield hours(9)
    award.accept(by=award.freelancer, key=_key(award, "accept"))
    return Award.objects.select_related("project", "employer", "freelancer").get(pk=award.pk)


def _pay_whole(stage: Stage, work: Work, name: str, ago: float, text: str) -> Any:
    """As ``_agree``, with one milestone that is held, asked for and released. Return the award."""
    award: Award = yield from _agree(stage, work, name, ago, text)
    (part,) = PLANS[work.title]
    stage.cover(award, sum(part.amount for part in PLANS[award.project.title]), _key(award, "pay in"))
    about: dict[str, Any] = {"task": part.task, "amount": part.amount, "criteria": criteria.of(award, part.task)}
    made = Milestone.create(award, by=award.employer, key=_key(award, "hold"), **about)
    yield days(15)
    _ask_release(made, "Done. Please try it for a day or two.", [])
    yield days(2)
    made.release(made.amount, by=award.employer, key=_key(award, "release"))
    return award


def _ask_release(milestone: Milestone, note: str, sent: list[Checked]) -> None:
    done = list(milestone.criteria.values_list("pk", flat=True))
    key = _key(milestone.award, f"release {milestone.task}")
    ReleaseRequest.make(milestone, by=milestone.freelancer, key=key, note=note, done=done, files=sent)


def _key(award: Award, what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo house {award.pk} {what}")
