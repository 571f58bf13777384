"""What the demo employer is in the middle of: the stories that README and the tests speak of."""

from typing import Any

from demo.erin_asks import CALENDAR, DEPOSIT, DONE, DRAWINGS, LAKE, ROOMS, TEXTS
from demo.stage import Stage, Story, days, hours, minutes
from demo.story import Part, hold, place, post
from demo.works.sites import GUEST_HOUSE, LATE_ARRIVALS
from finances.payments import charging
from finances.payments.models import Payment, PaymentSource
from milestones import parts as parts_of
from milestones.models import Funding
from projects.models import Award, Bid, Project

SITE = (
    Part(DRAWINGS, 48_000, DONE[DRAWINGS]),
    Part(CALENDAR, 90_000, DONE[CALENDAR]),
    Part(DEPOSIT, 65_000, DONE[DEPOSIT]),
    Part("German and English, switched by one link", 37_500),
    Part("Move to the new address, help for a month", 44_500),
)
PICTURES = (
    Part(ROOMS, 56_000, DONE[ROOMS]),
    Part(LAKE, 39_000, DONE[LAKE]),
    Part(TEXTS, 29_050, DONE[TEXTS]),
    Part("The same texts in English", 24_000),
)


def guest_house(stage: Stage) -> Story:
    """Two freelancers at work on one project: something released, something held, something in between.

    Two more milestones are unfunded: one card was declined, and for the other the bank asks for a confirmation.
    """
    project = post(stage, GUEST_HOUSE)
    for name in GUEST_HOUSE.bids.split():
        yield stage.by_day(hours(stage.some(2, 9)))
        bid = place(stage, GUEST_HOUSE, project, name.lstrip("-"))
        if name.startswith("-"):
            yield hours(2)
            bid.withdraw(by=bid.freelancer)
    wes = _offer(
        stage,
        project,
        "wes",
        SITE,
        35,
        "I build small booking sites, and I'd start with the calendar of free"
        " rooms, because everything else hangs on it. You would see it on a preview address in the second"
        " week. The plan below is how I'd like to be paid: a part when a part is ready.",
    )
    yield stage.by_day(hours(5))
    ana = _offer(
        stage,
        project,
        "ana",
        PICTURES,
        28,
        "I'd come for two days, one of them with sun, and photograph the"
        " seven rooms in the morning and the lake in the evening. The texts I'd write at your kitchen table,"
        " from what you tell your guests anyway.",
    )
    yield stage.end - days(34) + hours(2)
    for_wes, for_ana = _award(stage, wes), _award(stage, ana)
    yield minutes(11)
    drawings = yield from hold(stage, for_wes, SITE[0])
    yield minutes(6)
    rooms = yield from hold(stage, for_ana, PICTURES[0])
    yield hours(3)
    for_wes.accept(by=stage.cast["wes"], key=stage.key())
    yield hours(4)
    for_ana.accept(by=stage.cast["ana"], key=stage.key())
    yield stage.end - days(25) + hours(1)
    drawings.release(48_000, by=stage.cast["erin"], key=stage.key())
    yield minutes(14)
    calendar = yield from hold(stage, for_wes, SITE[1])
    yield stage.end - days(17) + hours(3)
    rooms.release(56_000, by=stage.cast["erin"], key=stage.key())
    yield minutes(9)
    yield from hold(stage, for_ana, PICTURES[1])
    yield stage.end - days(9) + hours(2)
    calendar.release(20_000, by=stage.cast["erin"], key=stage.key())
    yield hours(1)
    yield from hold(stage, for_wes, SITE[2])
    yield stage.end - days(3) + hours(4)
    ready, private, old = stage.cards[stage.cast["erin"].pk]
    _from_card(stage, for_ana, PICTURES[2], ready)
    yield stage.end - hours(7)
    _from_card(stage, for_wes, SITE[3], old)
    yield stage.end - minutes(50)
    _from_card(stage, for_ana, PICTURES[3], private)


def late_arrivals(stage: Stage) -> Story:
    """An award made within the last hour, with money on it, that awaits its freelancer's answer."""
    project = post(stage, LATE_ARRIVALS)
    for name in LATE_ARRIVALS.bids.split():
        yield stage.by_day(hours(stage.some(4, 14)))
        place(stage, LATE_ARRIVALS, project, name)
    yield stage.by_day(hours(6))
    plan = (
        Part("Page for one late guest, with its code", 42_000),
        Part("Screen for you, in English and German", 36_000),
    )
    bid = _offer(
        stage,
        project,
        "wes",
        plan,
        12,
        "The guest's page would hold a name, a code and a picture of the right"
        " door, and nothing else. It forgets itself at ten the next morning.",
    )
    yield stage.end - minutes(55)
    award = _award(stage, bid)
    yield minutes(8)
    yield from hold(stage, award, plan[0])


def savings(stage: Stage) -> Story:
    """What Erin keeps in her wallet for the rest of the year, in three currencies."""
    erin = stage.cast["erin"]
    for wait, minor, currency in ((hours(2), 125_000, "USD"), (days(9), 180_000, "JPY"), (days(9), 640_000, "EUR")):
        yield wait
        stage.deposit(erin, minor, currency)


def _from_card(stage: Stage, award: Award, part: Part, card: PaymentSource) -> Payment:
    """Let Erin pay one part from *card*, past her wallet; it is on hold if and only if the card pays."""
    parts = [parts_of.Part(part.task, part.amount, criteria=part.criteria)]
    funding = Funding.begin_many(award, parts, source=card, by=award.employer, key=stage.key())
    return charging.charge(funding.payment)


def _offer(stage: Stage, project: Project, name: str, plan: tuple[Part, ...], in_days: int, text: str) -> Bid:
    milestones: list[dict[str, Any]] = [{"task": part.task, "amount": part.amount} for part in plan]
    amount = sum(part.amount for part in plan)
    return Bid.place(project, by=stage.cast[name], amount=amount, days=in_days, proposal=text, plan=milestones)


def _award(stage: Stage, bid: Bid) -> Award:
    return bid.award(by=stage.cast["erin"], key=stage.key())
