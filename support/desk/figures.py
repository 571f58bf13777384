"""The figures of today and yesterday, by the site's clock, on the admin's first page.

All sums are in minor units of their currency. What happened is counted from the records of the steps, so a sum is what
the steps of that day say and nothing else. Records are read among the newest only (there is no index by time, which
would slow every step down): a site with more of them in two days is told that it is so.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from config.money import format_minor
from disputes.models import Dispute
from finances.payments.models import PaymentEvent, WithdrawalEvent
from milestones.models import MilestoneEvent
from projects.models import AwardEvent, Bid, Project
from support.chat.models import Conversation

NEWEST = 200_000  # records of a kind that are read
KEPT = 60  # seconds for which the figures are kept
DAYS = 2

Rows = Callable[[], QuerySet[Any]]


@dataclass
class Day:
    """How often something happened on a day, and the sums of it by currency."""

    number: int = 0
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class Figure:
    """Something that is counted: its *rows* with the field that says when, and for money, the sum and its currency."""

    title: str | Promise
    right: str
    rows: Rows
    at: str
    amount: Any = None
    currency: str = ""


def part(request: HttpRequest) -> tuple[str, dict[str, Any]] | None:
    """The figures on the first page of the admin, of what the reader may look at; None for who may look at none."""
    days, crowds = _kept()
    may = [request.user.has_perm(figure.right) for figure in FIGURES]
    if not any(may):
        return None
    shown = [
        {"title": figure.title, "days": [_shown(day) for day in each]}
        for figure, each, allowed in zip(FIGURES, days, may, strict=True)
        if allowed
    ]
    crowded = [figure.title for figure, crowd, allowed in zip(FIGURES, crowds, may, strict=True) if allowed and crowd]
    context = {"figures": shown, "crowded": crowded, "zone": timezone.get_default_timezone_name()}
    return "admin/desk/_figures.html", context


def _shown(day: Day) -> dict[str, Any]:
    return {"number": day.number, "sums": [format_minor(sum, currency) for currency, sum in sorted(day.sums.items())]}


def _kept() -> tuple[list[list[Day]], list[bool]]:
    """Return the days of each figure, and whether more of it happened than was read."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    key = f"desk.figures.{today}"
    if (kept := cache.get(key)) is None:
        days = [[(day.number, dict(day.sums)) for day in read(figure, today)] for figure in FIGURES]
        kept = (days, [crowded(figure, today) for figure in FIGURES])
        cache.set(key, kept, KEPT)
    return [[Day(number, sums) for number, sums in each] for each in kept[0]], kept[1]


def read(figure: Figure, today: datetime.date) -> list[Day]:
    """Return what *figure* was on *today* and the day before, today first."""
    return [_of_day(figure, today - datetime.timedelta(days=back)) for back in range(DAYS)]


def crowded(figure: Figure, today: datetime.date) -> bool:
    """Return whether so much of *figure* happened since yesterday began that only a part of it is read."""
    times = figure.rows().model._default_manager.order_by("-pk").values_list(figure.at, flat=True)
    left_out: datetime.datetime | None = times[NEWEST : NEWEST + 1].first()
    return left_out is not None and left_out >= _midnight(today - datetime.timedelta(days=DAYS - 1))


def _of_day(figure: Figure, day: datetime.date) -> Day:
    rows = figure.rows()
    last = rows.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    begin, end = _midnight(day), _midnight(day + datetime.timedelta(days=1))
    rows = rows.filter(**{"pk__gt": last - NEWEST, f"{figure.at}__gte": begin, f"{figure.at}__lt": end}).order_by()
    if not figure.currency:
        return Day(rows.count())
    counted = Day()
    for row in rows.values(code=F(figure.currency)).annotate(number=Count("pk"), sum=Sum(figure.amount)):
        counted.number += row["number"]
        counted.sums[row["code"]] += row["sum"]
    return counted


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, timezone.get_default_timezone())


def _milestones(*actions: str) -> Rows:
    return lambda: MilestoneEvent.objects.filter(action__in=actions)


def _money(title: str | Promise, rows: Rows, right: str, of: str) -> Figure:
    return Figure(title, right, rows, "at", F(f"{of}__amount"), f"{of}__currency")


def _steps(title: str | Promise, *actions: str, amount: Any = "amount") -> Figure:
    return Figure(title, "milestones.view_milestone", _milestones(*actions), "at", amount, "milestone__currency")


FIGURES = (
    Figure(_("New members"), "accounts.view_member", Member.objects.all, "joined_at"),
    Figure(_("Projects posted"), "projects.view_project", Project.objects.all, "posted_at"),
    Figure(_("Bids placed"), "projects.view_bid", Bid.objects.all, "placed_at"),
    Figure(_("Awards accepted"), "projects.view_award", lambda: AwardEvent.objects.filter(action="accept"), "at"),
    _steps(_("Put on hold for milestones"), "create"),
    _steps(_("Released to freelancers"), "release"),
    _steps(_("Fees on what was released"), "release", amount=F("freelancer_fee") + F("employer_fee")),
    _steps(_("Given back to employers"), "withdraw", "cancel", "return"),
    _steps(_("Returned after release"), "take-back"),
    _money(
        _("Paid in"),
        lambda: PaymentEvent.objects.filter(action="succeeded"),
        "payments.view_payment",
        "payment",
    ),
    _money(
        _("Paid out"),
        lambda: WithdrawalEvent.objects.filter(action="paid"),
        "payments.view_withdrawal",
        "withdrawal",
    ),
    Figure(_("Conversations begun"), "chat.view_conversation", Conversation.objects.all, "opened_at"),
    Figure(_("Disputes opened"), "disputes.view_dispute", Dispute.objects.all, "opened_at"),
)
