"""An account's history, as its statement shows it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import BooleanField, Q
from django.db.models.expressions import Combinable, RawSQL
from django.urls import reverse

from finances.ledger.models import Account, Transfer


class Line(NamedTuple):
    """One transfer seen from an account: *change* is below zero where money left it; minor units."""

    transfer: Transfer
    change: int
    balance: int | None  # None: not folded yet


def history(
    account: Account,
    *,
    before: int | None = None,
    limit: int = 31,
    kind: str = "",
    only: Sequence[int] | None = None,
) -> list[Line]:
    """Return up to *limit* lines of *account*, newest first, of transfers with ids below *before*.

    *kind* leaves out other kinds, *only* all transfers but those with these ids. Two index scans of *limit* rows each,
    however long the history is: a kind that is rare among many transfers has indexes of its own.
    """
    sides = []
    for side in ("debit_account", "credit_account"):
        rows = Transfer.objects.filter(**{side: account})
        if before:
            rows = rows.filter(id__lt=before)
        if kind:
            rows = rows.filter(kind=kind)
            if kind not in Transfer.FREQUENT:
                rows = rows.filter(RawSQL(Transfer.RARELY, [], output_field=BooleanField()))
        if only is not None:
            rows = rows.filter(id__in=only)
        sides.append(rows.order_by("-id")[:limit])
    return [line(account, transfer) for transfer in sides[0].union(sides[1], all=True).order_by("-id")[:limit]]


def between(
    account: Account, after: int, last: int, *, limit: int | None = None, only: Sequence[Combinable | Q] = ()
) -> list[Line]:
    """Return up to *limit* lines of *account*, oldest first, of transfers after the id *after* up to *last*.

    *only* are conditions that each of them meets.
    """
    sides = []
    for side in ("debit_account", "credit_account"):
        rows = Transfer.objects.filter(*only, **{side: account}, id__gt=after, id__lte=last)
        sides.append(rows.order_by("id")[:limit])
    return [line(account, transfer) for transfer in sides[0].union(sides[1], all=True).order_by("id")[:limit]]


def statement_address(currency: str, upto: int | None = None) -> str:
    """Return the address of the reader's statement in *currency*, beginning with the transfer of the id *upto*."""
    address = f"{reverse('finances-tab', args=['transfers'])}?currency={currency}"
    return address if upto is None else f"{address}&before={upto + 1}"


def line(account: Account, transfer: Transfer) -> Line:
    """Return *transfer* as a line of *account*'s statement."""
    if transfer.debit_account_id == account.pk:
        return Line(transfer, -transfer.amount, transfer.debit_balance)
    return Line(transfer, transfer.amount, transfer.credit_balance)
