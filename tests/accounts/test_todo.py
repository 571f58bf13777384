"""The order in which things wait: what is urgent, then by money, then by age."""

import datetime
import itertools

import pytest

from django.utils import timezone

from accounts import todo
from accounts.todo import Todo

NOW = timezone.now()


def entry(about: str, **values: object) -> Todo:
    usual: dict[str, object] = {"mine": True, "words": "Wes asks", "url": "/", "action": "View", "since": NOW}
    return Todo(about=about, **{**usual, **values})


@pytest.fixture
def plugged(monkeypatch):
    """Nothing is plugged in but what the test brings."""
    providers: list[todo.Provider] = []
    monkeypatch.setattr(todo, "_providers", providers)
    return providers


def test_what_is_urgent_comes_first_then_money_then_age(erin, plugged):
    day = datetime.timedelta(days=1)
    in_order = [
        entry("tomorrow", until=NOW + day, minor=100, currency="EUR"),
        entry("in two days, nearly", until=NOW + 1.9 * day, minor=90_000, currency="EUR"),
        entry("much, some day", until=NOW + 9 * day, minor=80_000, currency="EUR"),
        entry("yen with no decimals", minor=700, currency="JPY"),
        entry("less", minor=60_000, currency="EUR"),
        entry("as much, but younger", minor=60_000, currency="EUR", since=NOW + day),
        entry("no money", since=NOW - 9 * day),
        entry("no money, younger"),
    ]
    for mixed in itertools.islice(itertools.permutations(in_order), 0, 40_320, 977):
        plugged[:] = [lambda member, mixed=mixed: mixed[:3], lambda member, mixed=mixed: mixed[3:]]
        assert [each.about for each in todo.all_of(erin)] == [each.about for each in in_order]


def test_a_provider_is_plugged_in_once(erin, plugged):
    provider = lambda member: [entry("once")]  # noqa: E731
    todo.register(provider)
    todo.register(provider)
    assert len(todo.all_of(erin)) == 1
