"""What waits for a member: each floor says what of its own does, and the home page shows it in one list.

A floor plugs in with ``register`` when it starts (``apps.py``). A provider reads a member's own things in a bounded
number of queries and of entries, since the home page asks all of them.
"""

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from accounts.models import Member
from config.money import from_minor

MOST = 50  # entries that a provider may bring
URGENT = datetime.timedelta(days=2)


class Todo(NamedTuple):
    """One thing that waits. ``mine``: for this member to act; else it waits for somebody else.

    ``words`` is a whole sentence; ``action`` the label of the one thing to do, at ``url``. ``minor`` units of
    ``currency`` are at stake (0 and "" where no money is). It waits ``since``; ``until`` is its deadline, if any.
    ``about`` names the thing (a project, a task).
    """

    mine: bool
    words: str
    about: str
    url: str
    action: str
    since: datetime.datetime
    minor: int = 0
    currency: str = ""
    until: datetime.datetime | None = None
    dialog: bool = False  # the action opens a dialog


Provider = Callable[[Member], Iterable[Todo]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Plug in a floor's provider; a second time does nothing."""
    if provider not in _providers:
        _providers.append(provider)


def all_of(member: Member) -> list[Todo]:
    """Return everything that waits for *member* or that they wait for: what is urgent, then by money, then by age.

    Urgent is what has a deadline within two days, the nearest first. Sums of several currencies are compared by
    their figures alone, since the site knows no exchange rates.
    """
    soon = timezone.now() + URGENT

    def place(todo: Todo) -> tuple[bool, datetime.datetime, Decimal, datetime.datetime]:
        urgent = todo.until is not None and todo.until < soon
        figure = from_minor(todo.minor, todo.currency).amount if todo.currency else Decimal(0)
        return not urgent, todo.until if urgent and todo.until else soon, -figure, todo.since

    return sorted((todo for provider in _providers for todo in provider(member)), key=place)
