"""The shapes in which the demo's people and projects are written down."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A member. *voice* are the sentences that this freelancer's proposals are made of, besides the project's own."""

    key: str
    name: str
    email: str
    time_zone: str
    voice: tuple[str, ...] = ()
    staff: str = ""  # the staff group this person is in


@dataclass(frozen=True)
class Work:
    """A project and what becomes of it. Budgets are in whole units of the currency.

    *awards* names freelancers and outcomes in order: ``"rosa:declined tomek:done"``. ``+`` before a name means at
    the same time as the one before, otherwise it follows when that one has ended. The outcomes are those of
    ``story.py``. *bids* names who else bid; ``-`` before a name means that the bid was withdrawn.
    *posted* is days before the demo is made. *trim* is a task that the employer thinks better of before acceptance.
    """

    title: str
    about: str
    skills: str
    employer: str
    currency: str
    budget: tuple[int, int]
    posted: float
    tasks: tuple[str, ...] = ()
    pitches: tuple[str, ...] = ()
    awards: str = ""
    bids: str = ""
    closed: bool = False
    trim: str = ""


def series(pattern: str, count: int, start: int = 1) -> tuple[str, ...]:
    """Return *count* tasks that differ in their number."""
    return tuple(pattern.format(number) for number in range(start, start + count))
