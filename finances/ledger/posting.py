"""The one function that writes transfers. Its only callers are milestones/escrow.py and finances/payments/."""

import uuid
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

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


INSERT = """
    INSERT INTO ledger_transfer
        (key, leg, debit_account_id, credit_account_id, amount, currency, kind, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    RETURNING id, debit_sequence, debit_balance, credit_sequence, credit_balance
"""
LOCK = "SELECT 1 FROM ledger_account WHERE id = ANY(%s) AND NOT folded ORDER BY id FOR NO KEY UPDATE"


def post(key: uuid.UUID, *legs: Leg) -> list[Transfer]:
    """Write the operation *key* and return its transfers, one a leg: all of them, or none.

    The caller makes the key. The same key with the same legs again moves nothing and returns what it did then;
    with other legs it raises KeyConflict. Raises InsufficientFunds where an account would go below zero, and
    ValueError for legs whose accounts keep different currencies. Inside a transaction its error ends it.
    """
    if not legs or any(leg.debit.currency != leg.credit.currency for leg in legs):
        raise ValueError("an operation has legs, and each moves money between two accounts of one currency")
    try:
        if len(legs) == 1:  # one statement, complete in itself
            transfers = [_insert(key, 0, legs[0])]
        else:
            with transaction.atomic():
                _lock(legs)
                transfers = [_insert(key, number, leg) for number, leg in enumerate(legs)]
                if None in transfers and any(transfers):
                    raise KeyConflict(f"operation {key} was made before with fewer legs")
    except IntegrityError as error:
        raise _told(error, key) from error
    return [t for t in transfers if t] or _made_before(key, legs)


def _lock(legs: tuple[Leg, ...]) -> None:
    """Lock the accounts of all legs in id order, before the first leg takes its own."""
    ids = sorted({account.pk for leg in legs for account in (leg.debit, leg.credit)})
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])


def _insert(key: uuid.UUID, number: int, leg: Leg) -> Transfer | None:
    """Insert one leg; the trigger moves the balances. None where this leg was written before."""
    debit_id, credit_id, now = leg.debit.pk, leg.credit.pk, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(INSERT, (key, number, debit_id, credit_id, leg.amount, leg.debit.currency, leg.kind, now))
        row = cursor.fetchone()
    if row is None:
        return None
    return Transfer(row[0], key, number, debit_id, credit_id, leg.amount, leg.debit.currency, leg.kind, now, *row[1:])


def _made_before(key: uuid.UUID, legs: tuple[Leg, ...]) -> list[Transfer]:
    transfers = list(Transfer.objects.filter(key=key).order_by("leg"))
    then = [(t.debit_account_id, t.credit_account_id, t.amount, t.kind) for t in transfers]
    if then != [(leg.debit.pk, leg.credit.pk, leg.amount, leg.kind) for leg in legs]:
        raise KeyConflict(f"operation {key} was made before with other content")
    return transfers


def _told(error: IntegrityError, key: uuid.UUID) -> Exception:
    """Return the exception that says what the database refused."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if constraint == "account_never_below_zero":
        return InsufficientFunds(_("There is not enough money for this."))
    if constraint == "transfer_once_a_key":
        return KeyConflict(f"operation {key} was made at the same time with other content")
    return error
