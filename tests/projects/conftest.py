"""An award that awaits Wes's answer, with money held for it or without."""

import uuid
from collections.abc import Callable

import pytest

from milestones.models import Milestone
from projects.models import Award
from tests import factories


@pytest.fixture
def award(erin, wes) -> Award:
    return factories.AwardFactory(employer=erin, freelancer=wes)


@pytest.fixture
def hold(fund) -> Callable[..., Milestone]:
    """``hold(award, 40_000)`` puts 400.00 on hold for the award, from freshly deposited money."""

    def hold(award: Award, amount: int) -> Milestone:
        fund(award.employer)
        return Milestone.create(award, task="Booking form", amount=amount, by=award.employer, key=uuid.uuid4())

    return hold
