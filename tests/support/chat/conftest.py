import uuid
from collections.abc import Callable

import pytest

from django.contrib.auth.models import Group

from accounts.models import Member
from support.chat.models import Conversation
from tests import factories


@pytest.fixture(autouse=True)
def _door(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def sue(sue) -> Member:
    """Sue, who answers."""
    sue.groups.add(Group.objects.get(name="support"))
    return Member.objects.get(pk=sue.pk)


@pytest.fixture
def joe(db) -> Member:
    """Joe, who answers as well."""
    joe = factories.MemberFactory(name="Joe Lund", email="joe@example.com", is_staff=True)
    joe.groups.add(Group.objects.get(name="support"))
    return Member.objects.get(pk=joe.pk)


@pytest.fixture
def ask() -> Callable[..., Conversation]:
    """``ask(erin)`` begins a conversation of hers."""

    def ask(member: Member, **about) -> Conversation:
        said = {"title": "Where is my money?", "text": "I can't find it.", "key": uuid.uuid4(), **about}
        return Conversation.open(by=member, **said)

    return ask


@pytest.fixture
def asked(erin, ask) -> Conversation:
    return ask(erin)
