"""The one function that writes transfers, and the locks for several operations of its at once.

Only milestones/escrow.py and finances/payments/ call them.
"""

import uuid
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import NamedTuple, cast

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.money import LARGEST
from config.refusals import KeyConflict, WrongState
from finances.ledger.models import Account, Transfer


class InsufficientFunds(WrongState):
    """An account that can't go below zero would have."""


class Leg(NamedTuple):
    """One movement of an operation: *amount* minor units from *debit* to *credit*, in their common currency."""

    debit: Account
    credit: Account
    amount: int
    kind: str


ONE = """
    INSERT INTO ledger_transfer (key, leg, debit_account_id, credit_account_id, amount, currency, kind, created_at)
    VALUES (%s, 0, %s, %s, %s, %s, %s, %s)
    RETURNING leg, id, debit_sequence, debit_balance, credit_sequence, credit_balance
"""
# Several legs are one statement too: the function locks all their accounts in id order before the first leg is
# written, and gives no row, so that nothing is written, where the key was used before.
SEVERAL = """
    INSERT INTO ledger_transfer (key, leg, debit_account_id, credit_account_id, amount, currency, kind, created_at)
    SELECT %s, leg - 1, debit, credit, amount, currency, kind, %s
    FROM ledger_prepare(%s, %s::bigint[]) AS fresh,
        unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::varchar[], %s::varchar[])
            WITH ORDINALITY AS legs (debit, credit, amount, currency, kind, leg)
    WHERE fresh
    ORDER BY leg
    RETURNING leg, id, debit_sequence, debit_balance, credit_sequence, credit_balance
"""


def post(key: uuid.UUID, *legs: Leg) -> list[Transfer]:
    """Write the operation *key* and return its transfers, one a leg: all of them, or none.

    The caller makes the key. The same key with the same legs again moves nothing and returns what it did then;
    with other legs it raises KeyConflict. Raises InsufficientFunds where an account would go below zero, and
    ValueError for legs that move nothing, or that join accounts of different currencies or an account with itself.
    Inside a transaction these errors of the database end it, as any error of the database does.
    """
    if not legs or any(
        leg.debit.currency != leg.credit.currency or leg.debit.pk == leg.credit.pk or not 0 < leg.amount <= LARGEST
        for leg in legs
    ):
        raise ValueError("an operation has legs, and each moves an amount between two accounts of one currency")
    now = timezone.now()
    try:
        # Legs between accounts that are folded lock none, so that twins meet only at the unique key.
        with transaction.atomic() if all(_is_folded(leg) for leg in legs) else nullcontext():
            rows = _insert(key, legs, now)
    except IntegrityError as error:
        rows = _told(error, key, legs)
    if not rows:
        return _made_before(key, legs)
    return [_transfer(key, legs[row[0]], now, row) for row in rows]


def lock(accounts: Iterable[Account]) -> None:
    """Lock *accounts* by their ids, for several operations that follow in this transaction.

    Each ``post`` locks its own in this order. Of several posts the second could want an account that is before one of
    the first's, and wait for somebody who waits for that.
    """
    with connection.cursor() as cursor:
        # The app's role may lock accounts by this function alone. What it answers is about an operation: of none here.
        cursor.execute("SELECT ledger_prepare(%s, %s::bigint[])", (uuid.uuid4(), [account.pk for account in accounts]))


def _is_folded(leg: Leg) -> bool:
    return leg.debit.kind in Account.FOLDED and leg.credit.kind in Account.FOLDED


def _insert(key: uuid.UUID, legs: tuple[Leg, ...], now: datetime) -> list[tuple[int, ...]]:
    """Insert the legs; the trigger moves the balances. No rows where the operation was made before."""
    with connection.cursor() as cursor:
        if len(legs) == 1:
            debit, credit, amount, kind = legs[0]
            cursor.execute(ONE, (key, debit.pk, credit.pk, amount, debit.currency, str(kind), now))
        else:
            debits, credits = [leg.debit.pk for leg in legs], [leg.credit.pk for leg in legs]
            amounts, currencies = [leg.amount for leg in legs], [leg.debit.currency for leg in legs]
            kinds = [str(leg.kind) for leg in legs]
            accounts = debits + credits
            cursor.execute(SEVERAL, (key, now, key, accounts, debits, credits, amounts, currencies, kinds))
        return cast(list[tuple[int, ...]], cursor.fetchall())


def _transfer(key: uuid.UUID, leg: Leg, now: datetime, row: tuple[int, ...]) -> Transfer:
    number, pk, *stamps = row
    return Transfer(  # type: ignore[misc]  # by position: the stubs can't know the order of the columns
        pk, key, number, leg.debit.pk, leg.credit.pk, leg.amount, leg.debit.currency, leg.kind, now, *stamps
    )


def _made_before(key: uuid.UUID, legs: tuple[Leg, ...]) -> list[Transfer]:
    transfers = list(Transfer.objects.filter(key=key).order_by("leg"))
    then = [(t.debit_account_id, t.credit_account_id, t.amount, t.kind) for t in transfers]
    if then != [(leg.debit.pk, leg.credit.pk, leg.amount, leg.kind) for leg in legs]:
        raise KeyConflict(f"operation {key} was made before with other content")
    return transfers


def _told(error: IntegrityError, key: uuid.UUID, legs: tuple[Leg, ...]) -> list[tuple[int, ...]]:
    """Raise what the database's refusal means; return no rows where it means that a twin was there first."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if constraint == "account_never_below_zero":
        raise InsufficientFunds(_("There is not enough money for this.")) from error
    if constraint != "transfer_once_a_key":
        raise error
    if all(_is_folded(leg) for leg in legs):
        return []
    raise KeyConflict(f"operation {key} was made at the same time with other content") from error
