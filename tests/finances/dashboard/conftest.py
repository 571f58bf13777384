"""Erin hires Wes and Ana; money in euros and yen."""

import random
import uuid
from collections.abc import Callable, Iterator

import pytest

from accounts.models import Member
from config.refusals import WrongState
from finances.payments.deposits import record_deposit
from milestones.models import CancelRequest, Milestone, ReturnRequest
from tests import factories
from tests.money import EUR, JPY
from tests.situation import hold
from tests.steps import books, page


@pytest.fixture(autouse=True)
def _books_add_up(db) -> Iterator[None]:
    yield
    assert books() == []


@pytest.fixture
def employer(erin, fund) -> Member:
    fund(erin, EUR("100000.00"))
    return erin


def awarded(employer: Member, freelancer: Member, **project):
    """An accepted award on a project of its own."""
    posted = factories.ProjectFactory(employer=employer, **project)
    return factories.accepted(factories.award(factories.BidFactory(project=posted, freelancer=freelancer)))


@pytest.fixture
def award(employer, wes):
    return awarded(employer, wes, title="Guest house website")


@pytest.fixture
def many(award) -> Callable[[int], list[Milestone]]:
    """``many(70)`` holds €1.00 each for 70 milestones, the oldest first."""
    return lambda number: [hold(award, f"Part {n}", 100) for n in range(number)]


def live_through(seed: int, people: list[Member], steps: int = 60) -> None:
    """A random history between *people*, in euros and yen, through the verbs."""
    dice, awards = random.Random(seed), []
    for person in people:
        record_deposit(person, EUR(str(dice.randint(100, 900))), key=uuid.uuid4())
        record_deposit(person, JPY(str(dice.randint(10_000, 90_000))), key=uuid.uuid4())
    for n, (a, b) in enumerate((a, b) for a in people for b in people if a != b):
        posted = factories.ProjectFactory(employer=a, title=f"Project {n}", currency=("EUR", "JPY")[n % 2])
        award = factories.award(factories.BidFactory(project=posted, freelancer=b))
        awards.append(factories.accepted(award) if dice.random() < 0.7 else award)
    for _ in range(steps):
        award = dice.choice(awards)
        made = list(Milestone.objects.filter(award=award, state="held"))
        try:
            if not made or dice.random() < 0.45:
                hold(award, "Part", dice.randint(1, 20_000))
            elif dice.random() < 0.7:
                m = dice.choice(made)
                m.release(dice.choice([m.held, dice.randint(1, m.held)]), by=m.employer, key=uuid.uuid4())
            elif dice.random() < 0.5:
                _back(dice, award)
            elif dice.random() < 0.7:
                dice.choice(made).cancel(by=award.freelancer, key=uuid.uuid4())
            else:
                award.decline(by=award.freelancer, key=uuid.uuid4())
        except WrongState:
            pass  # not enough money, not accepted, or ended: as in life


def _back(dice: random.Random, award) -> None:
    """The employer asks for some of what was released, or to cancel; the freelancer agrees or refuses."""
    milestone = dice.choice(list(Milestone.objects.filter(award=award)))
    by, key = {"by": award.employer}, {"key": uuid.uuid4(), "milestone": milestone, "note": "Why"}
    if dice.random() < 0.7:
        ask = ReturnRequest.ask(award, amount=dice.randint(1, max(milestone.returnable(), 1)), **by, **key)
    else:
        ask = CancelRequest.ask(award, **by, **key)
    if dice.random() < 0.8:
        ask.agree(by=award.freelancer, key=uuid.uuid4())
    else:
        ask.take("refuse", by=award.freelancer, key=uuid.uuid4(), note="No")


def listed(response) -> list[str]:
    """The tasks in the list, in its order, each of which the page shows."""
    tasks = [row["task"] for row in response.context["rows"]]
    assert all(task in page(response) for task in tasks)
    return tasks


def walk(client, address: str) -> list[str]:
    """What all pages of a list show, from *address* on, following "Older"."""
    shown = []
    for _ in range(50):
        response = client.get(address)
        assert response.status_code == 200
        shown += [row["url"] for row in response.context["rows"]]
        if not response.context["older"]:
            return shown
        address = response.context["older"]
        assert f'href="{address}"' in page(response)
    raise AssertionError("the list has no end")
