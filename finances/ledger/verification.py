"""Recomputes the books from the transfers and says where they disagree. Nothing is ever corrected here.

A million transfers take a few seconds, because no account's history is sorted unless it looks wrong. Two sums stand
for it, each taken in one pass over the table:

* A step of a history goes from (sequence - 1, balance before) to (sequence, balance after). In an unbroken history
  every step begins where another ended, so over all steps ``hash(end) - hash(begin)`` adds up to the hash of the
  account's present (sequence, balance) less that of (0, 0), and the number of steps is the account's sequence.
* The rows of an account that isn't folded have their sequence numbers in the order of their ids. An aggregate that
  hashes each number with the hash so far, read in id order, tells whether they count 1, 2, 3 …

A wrong history passes only if 64-bit hashes collide. What fails is read again, in order, to say where it broke.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction

from finances.ledger.models import Verification

Check = Callable[[], Iterable[str]]
SHOWN = 20  # differences told of one kind; the rest is counted


class Difference(NamedTuple):
    """Something that disagrees: the name of the check that found it, and a sentence with the references."""

    check: str
    sentence: str


_CHECKS: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Let a higher floor verify its own story: *check* returns a sentence for each thing that disagrees.

    It runs in the same snapshot of the database as the ledger's own checks and must not write. Registering a name
    again replaces the check. Call it from the app's ``ready``.
    """
    _CHECKS[name] = check


def verify() -> list[Difference]:
    """Recompute everything in one snapshot of the database and return what disagrees: nothing, when all is well."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:  # inside another transaction the snapshot is that one's affair
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL jit = off")
        found: list[Difference] = []
        for name, check in {**LEDGER, **_CHECKS}.items():
            found += _first(name, check())
        return found


def verify_and_record() -> Verification:
    """Verify, and keep the result for the staff's books page."""
    begin = time.perf_counter()
    differences = verify()
    return Verification.objects.create(
        seconds=time.perf_counter() - begin,
        transfers=_rows("SELECT count(*) FROM ledger_transfer")[0][0],
        differences=[difference._asdict() for difference in differences],
    )


def _first(name: str, sentences: Iterable[str]) -> Iterator[Difference]:
    number = 0
    for number, sentence in enumerate(sentences, start=1):
        if number <= SHOWN:
            yield Difference(name, sentence)
    if number > SHOWN:
        yield Difference(name, f"… and {number - SHOWN} more of this kind.")


def _rows(statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


SIDES = """
    SELECT id, debit_account_id AS account_id, currency, -amount AS change,
        debit_sequence AS sequence, debit_balance AS balance FROM ledger_transfer
    UNION ALL
    SELECT id, credit_account_id, currency, amount, credit_sequence, credit_balance FROM ledger_transfer
"""


def sums() -> Iterator[str]:
    """In each currency all accounts, with what is pending, add up to zero."""
    for currency, total in _rows(
        """SELECT currency, sum(amount) FROM (
            SELECT currency, balance AS amount FROM ledger_account
            UNION ALL SELECT a.currency, p.amount FROM ledger_pending p JOIN ledger_account a ON a.id = p.account_id
        ) everything GROUP BY currency HAVING sum(amount) <> 0 ORDER BY currency"""
    ):
        yield f"All accounts in {currency} add up to {total} minor units and not to zero."


ACCOUNTS = f"""
    SELECT sums.account_id, sums.currency, account.id, account.kind, account.balance, account.sequence,
        coalesce(taken, 0), coalesce(stamped, 0),
        coalesce(steps, 0) = (hashint8extended(account.sequence, account.balance) >> 2) - (hashint8extended(0, 0) >> 2)
    FROM (
        SELECT account_id, currency, count(sequence) AS stamped,
            sum(change) FILTER (WHERE sequence IS NOT NULL) AS taken,
            sum((hashint8extended(sequence, balance) >> 2) - (hashint8extended(sequence - 1, balance - change) >> 2))
                AS steps
        FROM ({SIDES}) sides GROUP BY account_id, currency
    ) sums FULL JOIN ledger_account account ON account.id = sums.account_id AND account.currency = sums.currency
    WHERE account.id IS NULL
        OR account.balance <> coalesce(taken, 0)
        OR account.sequence <> coalesce(stamped, 0)
        OR account.balance < 0 AND account.kind <> 'clearing'
        OR coalesce(steps, 0)
            <> (hashint8extended(account.sequence, account.balance) >> 2) - (hashint8extended(0, 0) >> 2)
    ORDER BY coalesce(account.id, sums.account_id)
"""


def accounts() -> Iterator[str]:
    """Every transfer has its accounts, in its currency; every balance and every history follows from the transfers."""
    for account_id, currency, found, kind, balance, sequence, taken, stamped, unbroken in _rows(ACCOUNTS):
        if found is None:
            yield from _strays(account_id, currency)
            continue
        name = f"Account {found} ({kind})"
        if balance != taken:
            yield f"{name} has a balance of {balance}, but its transfers add up to {taken}."
        if sequence != stamped:
            yield f"{name} counts {sequence} transfers, but {stamped} carry its stamp."
        if balance < 0 and kind != "clearing":
            yield f"{name} is below zero: {balance}."
        if not unbroken:
            yield from _breaks(found, name)


def _strays(account_id: int | None, currency: str) -> Iterator[str]:
    for (transfer,) in _rows(
        "SELECT id FROM ledger_transfer WHERE currency = %s"
        " AND (debit_account_id = %s OR credit_account_id = %s) ORDER BY id LIMIT 5",
        [currency, account_id, account_id],
    ):
        yield f"T{transfer} moves {currency} on account {account_id}, which does not exist in {currency}."


def _breaks(account_id: int, name: str) -> Iterator[str]:
    """Read one history in order and say where it breaks first."""
    for transfer, number, sequence, before, change, balance in _rows(
        f"""SELECT id, number, sequence, before, change, balance FROM (
            SELECT *, row_number() OVER history AS number, lag(balance, 1, 0::bigint) OVER history AS before
            FROM ({SIDES}) sides WHERE account_id = %s AND sequence IS NOT NULL
            WINDOW history AS (ORDER BY sequence, id)
        ) steps WHERE sequence <> number OR balance IS DISTINCT FROM before + change ORDER BY number LIMIT 1""",
        [account_id],
    ):
        if sequence != number:
            yield f"{name}: the history breaks at T{transfer}, which is number {sequence} and should be {number}."
        else:
            yield f"{name}: T{transfer} changes {before} by {change}, but says {balance} afterwards."


ORDER = f"""
    WITH read AS (
        SELECT account_id, count(*) AS steps, ledger_chain(sequence) AS chain FROM (
            SELECT account_id, sequence FROM ({SIDES}) sides WHERE sequence IS NOT NULL ORDER BY id
        ) in_order GROUP BY account_id
    ), expected AS (
        SELECT number, ledger_chain(number) OVER (ORDER BY number) AS chain
        FROM generate_series(1::bigint, (SELECT max(steps) FROM read)) number
    )
    SELECT account.id, account.kind FROM read
    JOIN ledger_account account ON account.id = read.account_id AND account.kind NOT IN ('fees', 'clearing')
    JOIN expected ON expected.number = read.steps
    WHERE read.chain <> expected.chain ORDER BY account.id
"""


def order() -> Iterator[str]:
    """The transfers of an account that isn't folded are numbered in the order of their ids."""
    for account_id, kind in _rows(ORDER):
        for transfer, sequence, number in _rows(
            f"""SELECT id, sequence, number FROM (
                SELECT id, sequence, row_number() OVER (ORDER BY id) AS number
                FROM ({SIDES}) sides WHERE account_id = %s AND sequence IS NOT NULL
            ) steps WHERE sequence <> number ORDER BY id LIMIT 1""",
            [account_id],
        ):
            yield f"Account {account_id} ({kind}): T{transfer} is its number {number} by id, but stamped {sequence}."


PENDING = """
    WITH unstamped AS (
        SELECT id AS transfer_id, debit_account_id AS account_id, -amount AS amount
        FROM ledger_transfer WHERE debit_sequence IS NULL OR debit_balance IS NULL
        UNION ALL
        SELECT id, credit_account_id, amount
        FROM ledger_transfer WHERE credit_sequence IS NULL OR credit_balance IS NULL
    )
    SELECT coalesce(unstamped.transfer_id, pending.transfer_id), coalesce(unstamped.account_id, pending.account_id),
        unstamped.amount, pending.amount, account.kind
    FROM unstamped FULL JOIN ledger_pending pending USING (transfer_id, account_id)
    LEFT JOIN ledger_account account ON account.id = coalesce(unstamped.account_id, pending.account_id)
    WHERE unstamped.amount IS DISTINCT FROM pending.amount OR account.kind NOT IN ('fees', 'clearing')
    ORDER BY 1, 2
"""


def pending() -> Iterator[str]:
    """What is still to be folded is exactly the sides without a stamp, and only those of folded accounts."""
    for transfer, account, unstamped, waiting, kind in _rows(PENDING):
        if waiting is None:
            yield f"T{transfer} has no stamp of account {account} ({kind}), and none is pending."
        elif unstamped is None:
            yield f"A change of {waiting} by T{transfer} is pending for account {account} ({kind}), but not due."
        elif unstamped != waiting:
            yield f"T{transfer} changes account {account} by {unstamped}, but {waiting} is pending."
        else:
            yield f"T{transfer} is pending for account {account} ({kind}), which is never folded."


def amounts() -> Iterator[str]:
    """Every transfer moves something from one account to another."""
    for (transfer,) in _rows(
        "SELECT id FROM ledger_transfer WHERE amount <= 0 OR debit_account_id = credit_account_id ORDER BY id"
    ):
        yield f"T{transfer} moves nothing."


LEDGER: dict[str, Check] = {
    "sums": sums,
    "accounts": accounts,
    "order": order,
    "pending": pending,
    "amounts": amounts,
}
