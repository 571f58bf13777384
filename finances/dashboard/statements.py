"""A month of one wallet: what it began with, every transfer, what it ended with."""

import datetime
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum
from django.db.models.expressions import Combinable
from django.http import Http404
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.money import currency_name, format_minor
from finances.dashboard.transfers import reasons_of
from finances.ledger import months
from finances.ledger.models import Account, Transfer
from finances.ledger.statement import Line, between
from milestones.legs import ASIDE, events_of, is_aside, kind_of

CHUNK = 1000
OF_FEES = "-fee"  # ends the key of a heading whose lines moved what is set aside for fees
WINDOW = 24  # months that the list of statements looks at, for one page


class Heading(NamedTuple):
    """Lines of one sort that are added up together: what they are called, and which transfers they are."""

    label: str | Promise
    only: tuple[Combinable | Q, ...]


def _headings() -> Iterator[tuple[str, Heading]]:
    """Every kind of transfer, but what is set aside for fees apart from what is held: lines call it so, too."""
    for kind in Transfer.Kind:
        if kind in ASIDE:
            yield kind.value, Heading(kind.label, (Q(kind=kind), ~is_aside(kind)))
            yield kind.value + OF_FEES, Heading(ASIDE[kind], (Q(kind=kind), is_aside(kind)))
        else:
            yield kind.value, Heading(kind.label, (Q(kind=kind),))


HEADINGS = dict(_headings())


class DoesNotAddUp(RuntimeError):
    """A wallet's transfers don't lead from the month's opening to its closing balance: no statement is given."""


@dataclass(frozen=True)
class Statement:
    """A month of *wallet*, from *begin* to *end*, with what the lines of each heading brought and took."""

    wallet: Account
    month: datetime.date
    begin: months.Border
    end: months.Border
    sums: list[months.Sum]

    @property
    def reference(self) -> str:
        """What people quote: the wallet's currency and the month."""
        return f"{self.wallet.currency} {self.month:%Y-%m}"

    @property
    def opening(self) -> int:
        return self.begin.balance

    @property
    def closing(self) -> int:
        return self.end.balance

    @property
    def number(self) -> int:
        """How many transfers there are in it."""
        return self.end.sequence - self.begin.sequence

    @property
    def running(self) -> bool:
        """Whether the month is not over yet."""
        return self.month >= months.month_of(timezone.now())

    def lines(self, after: int = 0, *, limit: int | None = None, kind: str = "") -> list[Line]:
        """Return up to *limit* lines after the transfer *after*, oldest first: all, or those of the heading *kind*."""
        only = HEADINGS[kind].only if kind else ()
        return between(self.wallet, max(after, self.begin.last), self.end.last, limit=limit, only=only)


def find(wallets: list[Account], currency: str, month: str) -> Statement:
    """Return the statement of the wallet in *currency* for *month* ("2026-11").

    Http404 where there is no such wallet or month: one that has not begun, or in which there was no wallet yet.
    DoesNotAddUp where the ledger's rows contradict each other.
    """
    wallet = next((a for a in wallets if a.kind == Account.Kind.WALLET and a.currency == currency), None)
    first = month_named(month)
    if wallet is None or first is None or first > months.month_of(timezone.now()):
        raise Http404
    following = months.later(first, 1)
    places = months.borders([wallet], [first, following])
    begin, end = places[wallet.pk, first], places[wallet.pk, following]
    if end.sequence == 0:
        raise Http404
    statement = Statement(wallet, first, begin, end, _sums(wallet, begin, end))
    _check(statement)
    return statement


def month_named(text: str) -> datetime.date | None:
    """Return the first day of the month that *text* names, if it names one since 1970."""
    match = re.fullmatch(r"(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])", text)
    return datetime.date(int(match[1]), int(match[2]), 1) if match else None


def _sums(wallet: Account, begin: months.Border, end: months.Border) -> list[months.Sum]:
    """Return what came and went in between by heading."""
    found = []
    for of_kind in months.sums(wallet, begin, end.last):
        if of_kind.kind not in ASIDE:
            found.append(of_kind)
            continue
        aside = _set_aside(wallet, Transfer.Kind(of_kind.kind), begin, end)
        rest = [whole - part for whole, part in zip(of_kind[1:], aside[1:], strict=True)]
        found += [total for total in (months.Sum(of_kind.kind, *rest), aside) if total.number]
    return found


def _set_aside(wallet: Account, kind: Transfer.Kind, begin: months.Border, end: months.Border) -> months.Sum:
    """Add up what *kind* of transfers took from the wallet to be set aside for fees, or gave back of that."""
    came = kind == Transfer.Kind.RETURN
    side = "credit_account" if came else "debit_account"
    rows = Transfer.objects.filter(*HEADINGS[kind.value + OF_FEES].only, **{side: wallet})
    rows = rows.filter(id__gt=begin.last, id__lte=end.last)
    number, minor = rows.aggregate(number=Count("pk"), minor=Sum("amount")).values()
    return months.Sum(kind.value + OF_FEES, number, *(((minor or 0), 0) if came else (0, (minor or 0))))


def _check(statement: Statement) -> None:
    """Add it up: the opening balance and all changes are the closing balance, and no transfer is left out."""
    changed = sum(kind.came - kind.went for kind in statement.sums)
    number = sum(kind.number for kind in statement.sums)
    if statement.opening + changed != statement.closing or number != statement.number:
        raise DoesNotAddUp(
            f"wallet {statement.wallet.pk}, {statement.reference}: {statement.opening} and {changed} in {number}"
            f" transfers are not {statement.closing} after {statement.number}"
        )


def listed(wallets: list[Account], before: datetime.date | None = None) -> tuple[list[Statement], datetime.date | None]:
    """Return statements (without their sums) of months in which a wallet moved, newest first, and where to go on.

    One page looks at WINDOW months, ending with the last before *before* in which anything moved.
    """
    wallets = [account for account in wallets if account.kind == Account.Kind.WALLET]
    last = months.newest(wallets, before or months.later(months.month_of(timezone.now()), 1))
    if last is None:
        return [], None
    window = [months.later(last, 1 - n) for n in range(WINDOW + 1)]  # from the month after the last one
    places = months.borders(wallets, window)
    found = [
        Statement(wallet, month, places[wallet.pk, month], places[wallet.pk, following], [])
        for following, month in itertools.pairwise(window)
        for wallet in sorted(wallets, key=lambda account: account.currency)
    ]
    more = any(places[wallet.pk, window[-1]].sequence for wallet in wallets)
    return [statement for statement in found if statement.number], window[-1] if more else None


def rows(statement: Statement, member: Any) -> list[tuple[str, str]]:
    """What stands on top of a statement, in words, but for the sums: page and PDF show the same."""
    days = (statement.month, months.later(statement.month, 1) - datetime.timedelta(days=1))
    first, last = (formats.date_format(day, "DATE_FORMAT") for day in days)
    period = _("%(first)s to %(last)s") % {"first": first, "last": last}
    if statement.running:
        period = _("%(period)s, still running") % {"period": period}
    code = statement.wallet.currency
    return [
        (_("Member"), str(member)),
        (_("E-mail"), member.email),
        (_("Wallet"), f"{currency_name(code)} ({code})"),
        (_("Period"), period),
    ]


def lines(statement: Statement, after: int = 0, *, limit: int | None = None, kind: str = "") -> list[dict[str, Any]]:
    """Lines in words, of the heading *kind* or all, oldest first, each with what it was for."""
    found = statement.lines(after, limit=limit, kind=kind)
    events = events_of(line.transfer for line in found)
    reasons = reasons_of(line.transfer for line in found)
    rows = [_words(line, events.get(line.transfer.pk)) for line in found]
    return [row | {"task": reasons.get(row["id"], row["task"])} for row in rows]


def in_chunks(statement: Statement) -> Iterator[dict[str, Any]]:
    """All lines in words, oldest first, read a thousand at a time."""
    after = 0
    while chunk := lines(statement, after, limit=CHUNK):
        yield from chunk
        after = chunk[-1]["id"]


def _words(line: Line, event: Any) -> dict[str, Any]:
    transfer = line.transfer
    zone = timezone.get_default_timezone()
    return {
        "id": transfer.pk,
        "reference": transfer.reference,
        "at": timezone.localtime(transfer.created_at, zone),
        "kind": kind_of(transfer, event),
        "task": event.milestone.task if event else "",
        "project": event.milestone.award.project.title if event else "",
        "change": line.change,
        "balance": line.balance or 0,
    }


def totals(statement: Statement) -> tuple[list[tuple[str, str, int, int]], tuple[int, int]]:
    """What came in and went out by heading, as (its key, its name, in, out) in the order of headings, and in all."""
    order = {kind: place for place, kind in enumerate(HEADINGS)}
    by_kind = sorted(statement.sums, key=lambda found: order[found.kind])
    named = [(found.kind, str(HEADINGS[found.kind].label), found.came, found.went) for found in by_kind]
    return named, (sum(found.came for found in by_kind), sum(found.went for found in by_kind))


def in_words(minor: int, currency: str) -> str:
    """*minor* units as money, nothing for zero: a column of sums is easier to read so."""
    return format_minor(minor, currency) if minor else ""


def zone_words() -> str:
    """Say whose midnight it is that divides the months."""
    return _("Months and times are those of the site's clock (%(zone)s).") % {
        "zone": timezone.get_default_timezone_name()
    }
