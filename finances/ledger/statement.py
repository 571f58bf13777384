"""An account's history, as its statement shows it."""

from typing import NamedTuple

from finances.ledger.models import Account, Transfer


class Line(NamedTuple):
    """One transfer seen from an account: *change* is below zero where money left it; minor units."""

    transfer: Transfer
    change: int
    balance: int | None  # None: not folded yet


def history(account: Account, *, before: int | None = None, limit: int = 31, kind: str = "") -> list[Line]:
    """Return up to *limit* lines of *account*, newest first, of transfers with ids below *before*.

    Two index scans of *limit* rows each, however long the history is.
    """
    sides = []
    for side in ("debit_account", "credit_account"):
        rows = Transfer.objects.filter(**{side: account})
        if before:
            rows = rows.filter(id__lt=before)
        if kind:
            rows = rows.filter(kind=kind)
        sides.append(rows.order_by("-id")[:limit])
    return [line(account, transfer) for transfer in sides[0].union(sides[1], all=True).order_by("-id")[:limit]]


def line(account: Account, transfer: Transfer) -> Line:
    """Return *transfer* as a line of *account*'s statement."""
    if transfer.debit_account_id == account.pk:
        return Line(transfer, -transfer.amount, transfer.debit_balance)
    return Line(transfer, transfer.amount, transfer.credit_balance)
