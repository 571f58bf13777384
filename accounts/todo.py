"""What waits for a member: each floor says what of its own does, and the home page shows it in one list.

A floor plugs in with ``register`` when it starts (``apps.py``). A provider reads a member's own things in a bounded
number of queries and of entries, since the home page asks all of them.
"""

import datetime
from collections.abc import Callable, Iterable
from typing import NamedTuple

from accounts.models import Member

MOST = 50  # entries that a provider may bring


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
    """Return everything that waits for *member* or that they wait for, as the providers say it, in their order."""
    return [todo for provider in _providers for todo in provider(member)]
