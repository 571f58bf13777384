"""What is asked, answered and still open about Erin's guest house: in both directions, of every kind.

The milestones are those of ``erin.guest_house``; these stories are told beside it, each at its own times.
"""

import uuid
from typing import Any

from demo import files
from demo.stage import Stage, Story, days, hours
from demo.works.sites import GUEST_HOUSE
from milestones.models import (
    CancelRequest,
    CriteriaChange,
    Milestone,
    MilestoneRequest,
    ReleaseRequest,
    ReturnRequest,
)
from projects.models import Award

DRAWINGS, CALENDAR, DEPOSIT = (
    "Drawings of all pages and of the booking",
    "Calendar of free rooms",
    "Deposit by card, confirmation by e-mail",
)
ROOMS, LAKE, TEXTS = (
    "Photographs of the seven rooms",
    "The lake, the house, the breakfast",
    "Texts for all pages, in German",
)
# What Erin calls done, by task.
DONE = {
    DRAWINGS: ("One drawing a page, phone and desktop", "The way of a booking from the first page to the end"),
    CALENDAR: (
        "Shows eight weeks on a phone",
        "A room that is taken can't be asked for",
        "I can close a room by myself",
    ),
    DEPOSIT: (
        "A deposit of a third, by card",
        "The guest has a confirmation within a minute",
        "I see in one list who has paid",
        "A deposit can be given back",
    ),
    ROOMS: ("Each room from two sides", "In daylight, without the television", "Files named by room and side"),
    LAKE: ("Four of the lake, three of the house, three of the breakfast", "At least one of each upright"),
    TEXTS: ("As we talk at the reception", "No page longer than one screen", "House rules in friendly sentences"),
}


def begin(stage: Stage) -> Story:
    """Let each of the stories begin in its time."""
    for story, ago in (
        (drawings(stage), days(26)),
        (year_of_calendar(stage), days(20)),
        (corridor(stage), days(19)),
        (calendar(stage), days(16)),
        (hosts(stage), days(16)),
        (room_five(stage), days(14)),
        (deposit(stage), days(6)),
        (german(stage), hours(46)),
        (waits_for_wes(stage), hours(28)),
        (waits_for_erin(stage), hours(26)),
    ):
        stage.enter(story, stage.end - ago)
    yield days(1)


def drawings(stage: Stage) -> Story:
    """Asked for with a file, and released."""
    about: dict[str, Any] = {
        "note": "All nine pages, and the booking on one long sheet.",
        "files": [files.page("pages.png", DRAWINGS)],
    }
    _ask_release(stage, DRAWINGS, **about)
    yield days(1)


def calendar(stage: Stage) -> Story:
    """Its checklist changed by agreement, sent back once, released in part, and asked for again: that one waits."""
    lines = [*DONE[CALENDAR], "Neighbouring weeks load without waiting"]
    change = CriteriaChange.propose(
        _of(CALENDAR),
        lines,
        by=stage.cast["wes"],
        key=_key("calendar lines"),
        note="You mentioned it on the phone, so I'd rather have it on the list.",
    )
    yield hours(20)
    change.agree(by=stage.cast["erin"], key=_key("calendar lines agreed"))
    yield stage.end - days(12)
    asked = _ask_release(stage, CALENDAR, note="It shows all rooms, and closing one works.", done=[0, 2], which="first")
    yield hours(20)
    asked.take(
        "send_back",
        by=stage.cast["erin"],
        key=_key("calendar back"),
        note="Rooms three and four show as free on the day on which guests leave. The rest is lovely.",
    )
    yield stage.end - days(10)
    about: dict[str, Any] = {"note": "Days of leaving are right now. Could you release what is done?", "amount": 20_000}
    _ask_release(stage, CALENDAR, done=[0, 1, 2], which="second", **about)
    yield stage.end - hours(22)
    sent = [
        files.page("calendar on a phone.png", CALENDAR),
        files.text(
            "what I tried.txt", "Eight weeks, five telephones", "Two bookings of one room at once: one is refused"
        ),
    ]
    note = "The last line is done too: neighbouring weeks are there before you have swiped. That makes it complete."
    _ask_release(stage, CALENDAR, note=note, done=[0, 1, 2, 3], files=sent, which="third")


def year_of_calendar(stage: Stage) -> Story:
    """Wes asks for an advance; Erin makes the milestone and releases it at once."""
    wes, erin = stage.cast["wes"], stage.cast["erin"]
    about: dict[str, Any] = {"task": "The calendar service, for a year", "amount": 9_000, "advance": True}
    note = "It is paid in advance, and in your name from the first day."
    asked = MilestoneRequest.ask(_award(stage, "wes"), by=wes, key=_key("service"), note=note, **about)
    yield hours(7)
    stage.cover(asked.award, asked.amount, _key("service covered"))
    made = Milestone.create(asked.award, by=erin, key=_key("service made"), request=asked.pk, **about)
    yield hours(2)
    made.release(9_000, by=erin, key=_key("service paid"))


def hosts(stage: Stage) -> Story:
    """Of what Ana asks for, one becomes a milestone, one is declined, and an advance waits."""
    ana, erin, award = stage.cast["ana"], stage.cast["erin"], _award(stage, "ana")
    about: dict[str, Any] = {"task": "Portraits of you and of the kitchen", "amount": 12_000}
    note = "People book with people. Half an hour on my second day would do."
    asked = MilestoneRequest.ask(award, by=ana, key=_key("portraits"), note=note, **about)
    yield hours(21)
    lines = ("Two of the hosts, two of the kitchen", "Nobody has to smile")
    about |= {"criteria": lines, "request": asked.pk}
    stage.cover(award, asked.amount, _key("portraits covered"))
    portraits = Milestone.create(award, by=erin, key=_key("portraits made"), **about)
    yield stage.end - days(12)
    air: dict[str, Any] = {
        "task": "The house from the air",
        "amount": 22_000,
        "note": "I know somebody with a licence and a drone.",
    }
    asked = MilestoneRequest.ask(award, by=ana, key=_key("air"), **air)
    yield hours(17)
    words = "The neighbours' cows would not forgive us. Let's keep it to what one sees from the ground."
    asked.take("decline", by=erin, key=_key("air declined"), note=words)
    yield stage.end - hours(8)
    spring: dict[str, Any] = {
        "task": "Train and a night, for the orchard in bloom",
        "amount": 9_500,
        "advance": True,
        "note": "It blooms for six days, and the ticket is half as much if I buy it now.",
    }
    MilestoneRequest.ask(award, by=ana, key=_key("spring"), **spring)
    yield hours(1)
    note = "My mother would rather not be on the page, and without her it isn't our kitchen."
    CancelRequest.ask(award, milestone=portraits, note=note, by=erin, key=_key("portraits off"))


def corridor(stage: Stage) -> Story:
    """A change of the checklist that Ana refuses."""
    change = CriteriaChange.propose(
        _of(ROOMS),
        [*DONE[ROOMS], "The corridor too"],
        by=stage.cast["erin"],
        key=_key("corridor"),
        note="It has just been painted.",
    )
    yield hours(16)
    words = "Gladly, but not within this sum: I'd have to come back for it."
    change.take("refuse", by=stage.cast["ana"], key=_key("corridor refused"), note=words)


def room_five(stage: Stage) -> Story:
    """What Ana returns: one room was missing."""
    asked = ReturnRequest.ask(
        _award(stage, "ana"),
        milestone=_of(ROOMS),
        amount=6_000,
        by=stage.cast["erin"],
        key=_key("room five"),
        note="Room five was taken on both days, so we have six rooms of the seven. Could you return that part?",
    )
    yield hours(19)
    asked.agree(by=stage.cast["ana"], key=_key("room five returned"))


def deposit(stage: Stage) -> Story:
    """Erin would like to cancel it; Wes refuses, and proposes to change the checklist instead."""
    asked = CancelRequest.ask(
        _award(stage, "wes"),
        milestone=_of(DEPOSIT),
        by=stage.cast["erin"],
        key=_key("deposit"),
        note="My sister says that a bank transfer is enough for us.",
    )
    yield hours(19)
    words = "Half of it is built already, and your guests from abroad will thank you. May I show it to her?"
    asked.take("refuse", by=stage.cast["wes"], key=_key("deposit kept"), note=words)
    yield stage.end - hours(31)
    CriteriaChange.propose(
        _of(DEPOSIT),
        [*DONE[DEPOSIT][:3], "A guest can choose to pay by bank transfer"],
        by=stage.cast["wes"],
        key=_key("deposit lines"),
        note="In place of giving deposits back, which you'd rather do by yourself.",
    )


def german(stage: Stage) -> Story:
    """A change of the checklist that waits for Ana."""
    CriteriaChange.propose(
        _of(TEXTS),
        [*DONE[TEXTS], "The bus from the station, with its times"],
        by=stage.cast["erin"],
        key=_key("german"),
        note="The bus company has finally answered.",
    )
    yield stage.end - hours(5)
    sent = [files.view(f"{name}.png", name) for name in ("lake in the morning", "house from the jetty", "breakfast")]
    _ask_release(
        stage,
        LAKE,
        by="ana",
        note="All ten, three of them attached in small. One of the lake is in fog, on purpose: I like it best.",
        done=[0, 1],
        files=sent,
    )


def waits_for_wes(stage: Stage) -> Story:
    """Erin asks for some of what she has released for the drawings, and Wes has not answered yet."""
    ReturnRequest.ask(
        _award(stage, "wes"),
        milestone=_of(DRAWINGS),
        amount=3_000,
        by=stage.cast["erin"],
        key=_key("drawings back"),
        note="The page for weddings, which we have dropped: it was drawn, but smaller than the others.",
    )
    yield days(1)


def waits_for_erin(stage: Stage) -> Story:
    """A milestone that Wes asks for, and Erin has not answered yet."""
    about: dict[str, Any] = {"task": "Card with the address, for the bedside tables", "amount": 7_500}
    note = "With a code to scan. The printer next door needs a week."
    MilestoneRequest.ask(_award(stage, "wes"), by=stage.cast["wes"], key=_key("card"), note=note, **about)
    yield days(1)


def _award(stage: Stage, freelancer: str) -> Award:
    awards = Award.objects.select_related("project", "employer", "freelancer")
    return awards.get(project__title=GUEST_HOUSE.title, freelancer=stage.cast[freelancer])


def _of(task: str) -> Milestone:
    return Milestone.objects.with_people().get(task=task, award__project__title=GUEST_HOUSE.title)


def _ask_release(
    stage: Stage, task: str, *, by: str = "wes", done: list[int] | None = None, which: str = "", **about: Any
) -> ReleaseRequest:
    """Let *by* ask for the release of *task*, with the lines of its checklist ticked whose places *done* names."""
    milestone = _of(task)
    lines = list(milestone.criteria.values_list("pk", flat=True))
    ticked = lines if done is None else [lines[place] for place in done]
    key = _key(f"release {task} {which}")
    return ReleaseRequest.make(milestone, by=stage.cast[by], key=key, done=ticked, **about)


def _key(what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo guest house {what}")
