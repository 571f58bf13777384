"""Where an account's months begin in its history, found without reading the history.

A month is cut where the site's clock (the setting TIME_ZONE) strikes midnight, for every reader alike, so that the
same statement is the same for ever. It begins with the first transfer made in it; what follows in the account's own
order belongs to it until the next month begins in the same way. A transfer that waited for a lock over midnight can so
stand among the first of a month and carry a time of the last second of the month before: its order counts, since only
in that order do the balances follow from one another.

There is no index by time, which would slow every transfer. An account's rows stand in the order of their ids, and that
is the order of time but for what waited: so the place is searched by halves, some forty look-ups however long the
history, and the last hour before it is read row by row.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from finances.ledger.models import Account

# How long a transfer may have waited between taking its time and its place. Longer than any statement may run.
DISORDER = datetime.timedelta(hours=1)


class Border(NamedTuple):
    """A place in an account's history: before the transfer *before*, or at its end where that is None.

    *sequence* transfers stand before it; the last of them, *last*, left *balance* minor units (0 where there is none).
    """

    before: int | None
    last: int
    sequence: int
    balance: int


# All borders are searched for at once; in each round the middle of what is left is looked at.
BORDERS = """
WITH RECURSIVE search (number, account, start, low, high) AS (
    SELECT number, account, start, 0::bigint, (SELECT coalesce(max(id), 0) + 1 FROM ledger_transfer)
    FROM unnest(%(accounts)s::bigint[], %(starts)s::timestamptz[]) WITH ORDINALITY AS wanted (account, start, number)
  UNION ALL
    SELECT number, account, start,
           CASE WHEN found.created_at < start - %(disorder)s::interval THEN found.id + 1 ELSE low END,
           CASE WHEN found.created_at < start - %(disorder)s::interval THEN high ELSE (low + high) / 2 END
    FROM search LEFT JOIN LATERAL (
        (SELECT id, created_at FROM ledger_transfer
         WHERE debit_account_id = account AND id >= (low + high) / 2 AND id < high ORDER BY id LIMIT 1)
        UNION ALL
        (SELECT id, created_at FROM ledger_transfer
         WHERE credit_account_id = account AND id >= (low + high) / 2 AND id < high ORDER BY id LIMIT 1)
        ORDER BY id LIMIT 1) found ON true
    WHERE low < high)
SELECT number, first.id, coalesce(last.id, 0), coalesce(last.sequence, 0), coalesce(last.balance, 0)
FROM search
LEFT JOIN LATERAL (
    (SELECT id FROM ledger_transfer
     WHERE debit_account_id = account AND id >= low AND created_at >= start ORDER BY id LIMIT 1)
    UNION ALL
    (SELECT id FROM ledger_transfer
     WHERE credit_account_id = account AND id >= low AND created_at >= start ORDER BY id LIMIT 1)
    ORDER BY id LIMIT 1) first ON true
LEFT JOIN LATERAL (
    (SELECT id, debit_sequence AS sequence, debit_balance AS balance FROM ledger_transfer
     WHERE debit_account_id = account AND id < coalesce(first.id, 9223372036854775807) ORDER BY id DESC LIMIT 1)
    UNION ALL
    (SELECT id, credit_sequence, credit_balance FROM ledger_transfer
     WHERE credit_account_id = account AND id < coalesce(first.id, 9223372036854775807) ORDER BY id DESC LIMIT 1)
    ORDER BY id DESC LIMIT 1) last ON true
WHERE low = high
"""

SUMS = """
    SELECT kind, count(*), sum(came)::bigint, sum(went)::bigint FROM (
        SELECT kind, amount AS came, 0 AS went FROM ledger_transfer
        WHERE credit_account_id = %(account)s AND id > %(after)s AND id <= %(last)s
        UNION ALL
        SELECT kind, 0, amount FROM ledger_transfer
        WHERE debit_account_id = %(account)s AND id > %(after)s AND id <= %(last)s) rows
    GROUP BY kind
"""


class Sum(NamedTuple):
    """What *number* transfers of one *kind* brought and took, in minor units."""

    kind: str
    number: int
    came: int
    went: int


def start_of(month: datetime.date) -> datetime.datetime:
    """Return the moment at which *month* (any day of it) begins on the site's clock."""
    return datetime.datetime(month.year, month.month, 1, tzinfo=timezone.get_default_timezone())


def month_of(moment: datetime.datetime) -> datetime.date:
    """Return the first day of the month in which *moment* lies on the site's clock."""
    return timezone.localdate(moment, timezone.get_default_timezone()).replace(day=1)


def later(month: datetime.date, months: int) -> datetime.date:
    """Return the first day of the month that is *months* after *month* (before it, if negative)."""
    years, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return datetime.date(years, index + 1, 1)


def borders(accounts: Iterable[Account], months: Sequence[datetime.date]) -> dict[tuple[int, datetime.date], Border]:
    """Return where each of *months* begins in the history of each of *accounts*, by account id and month.

    For accounts whose transfers carry their balances as soon as they are made: wallets and payouts, not folded ones.
    """
    wanted = [(account.pk, month) for account in accounts for month in months]
    values: dict[str, Any] = {
        "accounts": [account for account, _ in wanted],
        "starts": [start_of(month) for _, month in wanted],
        "disorder": DISORDER,
    }
    with connection.cursor() as cursor:
        cursor.execute(BORDERS, values)
        return {wanted[number - 1]: Border(*border) for number, *border in cursor.fetchall()}


def newest(accounts: Iterable[Account], before: datetime.date) -> datetime.date | None:
    """Return a month before *before* after which, up to it, none of *accounts* moved; None where none ever did."""
    places = [border.last for border in borders(accounts, [before]).values() if border.last]
    if not places:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(created_at) FROM ledger_transfer WHERE id = ANY(%s)", [places])
        # One more: the last of a month can have the time of the month before (see above).
        return min(later(month_of(cursor.fetchone()[0]), 1), later(before, -1))


def sums(account: Account, begin: Border, last: int) -> list[Sum]:
    """Add up the transfers of *account* after *begin*, up to and with the transfer *last*, by kind."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"account": account.pk, "after": begin.last, "last": last})
        return [Sum(*row) for row in cursor.fetchall()]
