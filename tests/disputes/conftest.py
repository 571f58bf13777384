"""Erin has €1,000.00; Wes works for her on an accepted award; she disputes one of his milestones."""

import datetime
import uuid
from collections.abc import Callable, Iterator

import pytest

from django.contrib.auth.models import Permission

from accounts.models import Member
from disputes import verification
from disputes.models import Dispute
from milestones.models import Milestone
from projects.models import Award
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import books


@pytest.fixture(autouse=True)
def _books_add_up(request) -> Iterator[None]:
    """Whatever a test did, in the end every cent is explained."""
    database = {"db", "transactional_db"} & set(request.fixturenames)
    if database:
        request.getfixturevalue("transactional_db" if "transactional_db" in database else "db")
    yield
    if database:
        assert books() == []
        assert list(verification.differences()) == []


@pytest.fixture(autouse=True)
def _rules(settings) -> None:
    """A site where arbitration is free and needs one arbitrator; tests of fees and sums set their own."""
    settings.ARBITRATION_FEES, settings.SECOND_ARBITRATOR_FROM = {}, {}


@pytest.fixture
def employer(erin, fund) -> Member:
    fund(erin, EUR("1000.00"))
    return erin


@pytest.fixture
def award(employer, wes) -> Award:
    """Wes's, accepted."""
    return factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))


@pytest.fixture
def milestone(award) -> Milestone:
    """€400.00 held for Wes, who works."""
    return hold(award, "Photo gallery", 40_000)


@pytest.fixture
def dispute_of() -> Callable[..., Dispute]:
    """``dispute_of([milestone], [10_000], by=erin)`` opens a dispute with an offer for each."""

    def dispute_of(milestones: list[Milestone], offered: list[int], *, by: Member, **more) -> Dispute:
        parts = {milestone.pk: sum_ for milestone, sum_ in zip(milestones, offered, strict=True)}
        about = {"claim": "The gallery shows half of the pictures.", "by": by, "key": uuid.uuid4(), **more}
        return Dispute.open(milestones[0].award, parts, **about)

    return dispute_of


@pytest.fixture
def disputed(dispute_of, milestone, erin) -> Dispute:
    """Erin disputes the €400.00 and offers Wes €100.00 of it."""
    return dispute_of([milestone], [10_000], by=erin)


@pytest.fixture
def escalated(disputed, wes, erin, moved) -> Dispute:
    """Wes has answered that he wants €300.00, time has passed, and Erin has called an arbitrator."""
    disputed.offer([30_000], by=wes, key=uuid.uuid4())
    moved(disputed, seconds=disputed.rules.negotiation)
    return disputed.escalate(by=erin, key=uuid.uuid4())


@pytest.fixture
def moved() -> Callable[..., Dispute]:
    """``moved(dispute, seconds=60)``: as if all of its clocks had begun that much earlier."""

    def moved(dispute: Dispute, seconds: int) -> Dispute:
        earlier = datetime.timedelta(seconds=seconds)
        now = Dispute.objects.get(pk=dispute.pk)
        for name in ("answer_by", "escalate_from", "verdict_by"):
            if getattr(now, name):
                setattr(now, name, getattr(now, name) - earlier)
        now.save(update_fields=["answer_by", "escalate_from", "verdict_by"])
        return now

    return moved


@pytest.fixture
def arbitrator(mia) -> Member:
    """Mia, who may decide."""
    mia.user_permissions.add(Permission.objects.get(codename="arbitrate"))
    return Member.objects.get(pk=mia.pk)


@pytest.fixture
def available():
    """``available(erin)`` is what her wallet holds now, in cents."""
    return lambda member: sum(a.balance for a in member.accounts.filter(kind="wallet", currency="EUR"))
