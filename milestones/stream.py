"""The conversation of an award: messages, and what happened to the award, its milestones and requests between them.

Four tables are read as one, by time. Everything in an award is written under the award's lock, so whoever knows the
newest entry knows all before it. A page begins or ends at a ``Place``; whatever stands there, each table is asked once.
"""

import datetime
import re
from typing import Any, NamedTuple

from django.db.models import Exists, Q, QuerySet

from milestones.models import AskEvent, Message, MilestoneEvent
from projects.models import Award, AwardEvent

PAGE = 30
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
WRITTEN = re.compile(r"([0-9]{1,17})\.([0-3])\.([0-9]{1,18})")

# Of the same moment, what caused comes before what it caused.
AWARD, ASK, MONEY, MESSAGE = range(4)


class Place(NamedTuple):
    """Where an entry stands: its time, its table, its number there."""

    at: datetime.datetime
    source: int
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.source}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return what ``str`` wrote of a place; None for anything else."""
        found = WRITTEN.fullmatch(text)
        if not found:
            return None
        at, source, pk = (int(part) for part in found.groups())
        return cls(EPOCH + at * MICROSECOND, source, pk)


class Entry(NamedTuple):
    """One entry of the conversation: where it stands, and the row itself."""

    place: Place
    row: Any


class Page(NamedTuple):
    """Some entries, oldest first; whether there are *more* in the direction in which was looked."""

    entries: list[Entry]
    more: bool

    @property
    def last_message(self) -> int:
        """The number of the newest message among the entries; 0 where there is none."""
        return max((entry.place.pk for entry in self.entries if entry.place.source == MESSAGE), default=0)


def _sources(award: Award) -> list["QuerySet[Any]"]:
    return [
        AwardEvent.objects.filter(award=award).select_related("actor"),
        AskEvent.objects.filter(award=award).select_related("actor", "milestone"),
        MilestoneEvent.objects.filter(milestone__award=award).select_related("actor", "milestone"),
        Message.objects.filter(award=award).select_related("author").prefetch_related("files"),
    ]


def before(award: Award, place: Place | None, most: int = PAGE) -> Page:
    """Return the newest *most* entries before *place*; of all where it is None."""
    found = _found(award, place, "lt", most)
    found.sort(key=_place, reverse=True)
    return Page(found[:most][::-1], len(found) > most)


def after(award: Award, place: Place, most: int = PAGE) -> Page:
    """Return the oldest *most* entries after *place*."""
    found = _found(award, place, "gt", most)
    found.sort(key=_place)
    return Page(found[:most], len(found) > most)


def is_newer(award: Award, place: Place) -> bool:
    """Whether there is anything after *place*: what an open page asks every few seconds, in one statement."""
    any_newer = Q()
    for source, rows in enumerate(_sources(award)):
        any_newer |= Q(Exists(rows.filter(_beyond(place, source, "gt"))))
    return Award.objects.filter(any_newer, pk=award.pk).exists()


def last_message(award: Award, page: Page) -> int:
    """Return the number of the newest message on *page*, the newest of all, or else of the newest before it."""
    if page.last_message or not page.more:
        return page.last_message
    earlier = Message.objects.filter(award=award, at__lte=page.entries[0].place.at)
    return int(earlier.order_by("-at", "-id").values_list("pk", flat=True).first() or 0)


def _place(entry: Entry) -> Place:
    return entry.place


def _found(award: Award, place: Place | None, way: str, most: int) -> list[Entry]:
    """Return up to *most* + 1 entries of each table on one side of *place*, the nearest to it."""
    order = ("at", "id") if way == "gt" else ("-at", "-id")
    found = []
    for source, rows in enumerate(_sources(award)):
        if place is not None:
            rows = rows.filter(_beyond(place, source, way))
        found += [Entry(Place(row.at, source, row.pk), row) for row in rows.order_by(*order)[: most + 1]]
    return found


def _beyond(place: Place, source: int, way: str) -> Q:
    """Whether a row of *source* is before ("lt") or after ("gt") *place*, as tuples are compared."""
    beyond = Q(**{f"at__{way}": place.at})
    if source == place.source:
        return beyond | Q(at=place.at, **{f"pk__{way}": place.pk})
    if (source < place.source) == (way == "lt"):
        return beyond | Q(at=place.at)
    return beyond
