from collections.abc import Callable

import pytest

from django.contrib.auth.models import Group

from accounts.models import Member
from projects.models import Award
from tests import factories
from tests.money import EUR


@pytest.fixture(autouse=True)
def _door(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def in_group(db) -> Callable[[str], Member]:
    """Make a member of staff who is in the group of that name."""

    def in_group(name: str) -> Member:
        member = factories.MemberFactory(name=f"{name} person", email=f"{name}@example.net", is_staff=True)
        member.groups.add(Group.objects.get(name=name))
        return member

    return in_group


@pytest.fixture
def award(erin, wes, fund) -> Award:
    """Wes works for Erin, who has €1,000.00."""
    fund(erin, EUR("1000.00"))
    return factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
