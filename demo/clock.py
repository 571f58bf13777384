"""Moves the clock while the demo's past is made, so that the product needs no door for it."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


class Clock:
    """The time that the demo has reached."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now


@contextmanager
def moved(clock: Clock) -> Iterator[None]:
    """Let ``django.utils.timezone.now`` tell *clock*'s time.

    Fields keep a reference to that function as their default, so the function stays and what it asks is replaced.
    """

    class AnyDatetime(type):
        def __instancecheck__(cls, thing: Any) -> bool:
            return isinstance(thing, datetime.datetime)

    class Moved(datetime.datetime, metaclass=AnyDatetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return clock.now.astimezone(tz)

    with mock.patch("django.utils.timezone.datetime", Moved):
        yield
