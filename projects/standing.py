"""Members' standing as pages show it (P3): read as it was computed, in three queries for however many members."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from config.money import format_minor
from config.templatetags.money import money
from finances.payments.models import Instrument, Payment, PaymentSource
from projects.closing import stars_label
from projects.models import Standing

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True)
class Sum:
    """What was paid in one currency, formatted."""

    currency: str
    paid: SafeString
    text: str
    milestones: int
    awards: int


@dataclass(frozen=True)
class Figures:
    """One side of a member's standing, formatted. All is empty for who is new here."""

    member: Member
    side: str
    verified: bool
    sums: Sequence[Sum]
    milestones: int
    completed: int
    reviews: int
    average: str  # of the stars, with one decimal; "" without reviews
    stars: str
    stars_label: str
    release_time: str
    disputed: str
    months: Sequence[tuple[str, int]]
    as_of: datetime.datetime | None

    @property
    def url(self) -> str:
        """Where each figure is explained."""
        return f"{reverse('projects:standing', args=[self.member.pk])}#{self.side}"

    @property
    def reviews_words(self) -> str:
        """How many reviews, in words."""
        return ngettext("%(number)d review", "%(number)d reviews", self.reviews) % {"number": self.reviews}


def figures(members: Iterable[Member], side: str) -> dict[int, Figures]:
    """Return the figures of each of *members* on *side*, by their ids."""
    people = {member.pk: member for member in members}
    found = {
        row.member_id: row for row in Standing.objects.filter(member__in=people, side=side).prefetch_related("sums")
    }
    verified = verified_among(people) if side == Standing.Side.EMPLOYER else set()
    return {pk: _figures(member, side, found.get(pk), pk in verified) for pk, member in people.items()}


def verified_among(members: Iterable[int]) -> set[int]:
    """Those of *members* who have a verified payment source, or have paid in from one. True at once, so it is read."""
    sources = PaymentSource.objects.filter(owner=OuterRef("pk"), state=Instrument.State.VERIFIED)
    payments = Payment.objects.filter(owner=OuterRef("pk"), state=Payment.State.SUCCEEDED)
    verified = Member.objects.filter(Exists(sources) | Exists(payments), pk__in=list(members))
    return set(verified.values_list("pk", flat=True))


def short(given: Figures) -> list[str]:
    """The figures of an employer in few words, for a line of a list."""
    words = [_("Payment verified") if given.verified else _("Payment not verified")]
    if given.sums:
        sums = [each.text for each in given.sums[:2]] + (["…"] if len(given.sums) > 2 else [])
        words.append(_("%(sums)s paid") % {"sums": " + ".join(sums)})
    else:
        words.append(_("nothing paid yet"))
    if given.reviews:
        words.append(f"★ {given.average} ({given.reviews})")
    return words


def _figures(member: Member, side: str, row: Standing | None, verified: bool) -> Figures:
    sums = sorted(row.sums.all(), key=lambda each: (-each.awards, each.currency)) if row else []
    tenths = (20 * row.stars + row.reviews) // (2 * row.reviews) if row and row.reviews else 0
    average = number_format(f"{tenths // 10}.{tenths % 10}", 1) if tenths else ""
    full = (tenths + 5) // 10
    return Figures(
        member=member,
        side=side,
        verified=verified,
        sums=[_sum(each) for each in sums],
        milestones=row.milestones if row else 0,
        completed=row.completed if row else 0,
        reviews=row.reviews if row else 0,
        average=average,
        stars="★" * full + "☆" * (5 - full) if tenths else "",
        stars_label=stars_label(average) if tenths else "",
        release_time=time_words(row.release_seconds) if row and row.release_seconds is not None else "",
        disputed=_("%(percent)s%%") % {"percent": number_format(f"{row.disputed // 10}.{row.disputed % 10}", 1)}
        if row and row.disputed is not None
        else "",
        months=[_month(*each) for each in row.months] if row else [],
        as_of=row.as_of if row else None,
    )


def _sum(row: Any) -> Sum:
    text = format_minor(row.paid, row.currency)
    return Sum(row.currency, money(row.paid, row.currency), text, row.milestones, row.awards)


def _month(month: str, number: int) -> tuple[str, int]:
    return date_format(datetime.date.fromisoformat(f"{month}-01"), "YEAR_MONTH_FORMAT"), number


def time_words(seconds: int) -> str:
    """A time that one waits, as one says it."""
    if seconds < HOUR:
        return _("less than an hour")
    if seconds < 2 * DAY:
        hours = round(seconds / HOUR)
        return ngettext("about %(hours)d hour", "about %(hours)d hours", hours) % {"hours": hours}
    days = round(seconds / DAY)
    return ngettext("about %(days)d day", "about %(days)d days", days) % {"days": days}
