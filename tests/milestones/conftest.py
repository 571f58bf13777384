"""Erin has €1,000.00; Wes works for her on an accepted award; another award awaits his answer."""

from collections.abc import Iterator

import pytest

from django.db import connection

from milestones.models import Milestone
from projects.models import Award
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import books

GUARDED = (
    "projects_award",
    "milestones_milestone",
    "milestones_milestoneevent",
    "milestones_askevent",
    "milestones_cancelrequest",
    "milestones_returnrequest",
    "milestones_consentrequest",
    "ledger_account",
    "ledger_transfer",
)


@pytest.fixture(autouse=True)
def _books_add_up(request) -> Iterator[None]:
    """Whatever a test did, in the end every cent is explained."""
    database = {"db", "transactional_db"} & set(request.fixturenames)
    if database:
        request.getfixturevalue("transactional_db" if "transactional_db" in database else "db")
    yield
    if database:
        assert books() == []


@pytest.fixture
def employer(erin, fund):
    fund(erin, EUR("1000.00"))
    return erin


@pytest.fixture
def award(employer, wes) -> Award:
    """Wes's, accepted."""
    return factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))


@pytest.fixture
def offer(employer, wes) -> Award:
    """Wes's, and he has not answered yet."""
    return factories.AwardFactory(employer=employer, freelancer=wes)


@pytest.fixture
def milestone(award) -> Milestone:
    """€400.00 held for Wes, who works."""
    return hold(award, "Photo gallery", 40_000)


@pytest.fixture
def offered(offer) -> Milestone:
    """€200.00 held for Wes, who has not answered yet."""
    return hold(offer, "First draft", 20_000)


@pytest.fixture
def available():
    """``available(erin)`` is what her wallet holds now, in cents."""
    return lambda member: sum(a.balance for a in member.accounts.filter(kind="wallet", currency="EUR"))


@pytest.fixture
def held():
    """``held(milestone)`` is what is held now, read anew."""
    return lambda milestone: Milestone.objects.get(pk=milestone.pk).held


@pytest.fixture
def tamper():
    """``tamper("UPDATE …")`` as the tables' owner does who switches the guards off."""

    def tamper(statement: str, *values) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                "ALTER TABLE milestones_milestone DROP CONSTRAINT IF EXISTS milestone_parties_are_the_awards"
            )
            cursor.execute(statement, values)

    return tamper
