"""The ledger's rules, attacked by raw SQL as the tables' owner: nothing but a proper transfer moves money.

Here even the owner is refused, who in development is a superuser. What only grants can refuse, since an owner may do
it (switch triggers off, drop them), is in test_app_role.py.
"""

import threading
import uuid
from typing import Any

import psycopg
import pytest

from django.db import Error, connection, transaction

from finances.ledger.folding import fold
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post
from tests.money import EUR, USD

INSERT = """INSERT INTO ledger_transfer (key, leg, debit_account_id, credit_account_id, amount, currency, kind)
    VALUES (%(key)s, %(leg)s, %(debit)s, %(credit)s, %(amount)s, %(currency)s, 'hold')"""


def run(statement: str, parameters: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def the_books() -> list[tuple[Any, ...]]:
    """Everything that an attack might change."""
    return [
        *Account.objects.order_by("id").values_list(),
        *Transfer.objects.order_by("id").values_list(),
        *_rows("SELECT * FROM ledger_pending ORDER BY 1, 2"),
    ]


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def refused(statement: str, parameters: Any = None, because: str | None = None) -> None:
    before = the_books()
    with pytest.raises(Error, match=because), transaction.atomic():
        run(statement, parameters)
    assert the_books() == before


@pytest.fixture
def wallet(erin, fund) -> Account:
    return fund(erin, EUR("100.00"))


@pytest.fixture
def escrow(db) -> Account:
    return Account.open_escrow("EUR")


@pytest.fixture
def hold(wallet, escrow) -> dict[str, Any]:
    """A proper transfer, for tests to spoil."""
    return {
        "key": uuid.uuid4(), "leg": 0, "debit": wallet.pk, "credit": escrow.pk, "amount": 1000, "currency": "EUR",
    }  # fmt: skip


def test_the_proper_one_gets_through(hold, wallet, escrow):
    assert run(INSERT, hold) == 1
    assert [a.balance for a in Account.objects.filter(pk__in=[wallet.pk, escrow.pk]).order_by("id")] == [9000, 1000]


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        ({"amount": 10001}, "account_never_below_zero"),
        ({"amount": 2**63 - 1}, "account_never_below_zero"),
        ({"amount": 0}, "transfer_moves_something"),
        ({"amount": -1000}, "transfer_moves_something"),
        ({"amount": None}, "amount"),
        ({"currency": "USD"}, "does not exist in USD"),
        ({"currency": None}, None),
        ({"debit": 10**12}, "does not exist"),
        ({"credit": 10**12}, "does not exist"),
        ({"debit": None}, None),
        ({"credit": None}, None),
        ({"key": None}, "key"),
        ({"leg": None}, "leg"),
    ],
)
def test_a_spoilt_transfer_is_refused(hold, spoil, because):
    refused(INSERT, {**hold, **spoil}, because)


def test_a_transfer_to_the_same_account_is_refused(hold):
    refused(INSERT, {**hold, "credit": hold["debit"]}, "transfer_moves_something")


def test_a_mix_of_currencies_is_refused_from_both_sides(hold, wallet, erin, fund):
    dollars = fund(erin, USD("50.00"))
    fold()
    for currency in ("EUR", "USD"):
        for debit, credit in ((wallet, dollars), (dollars, wallet)):
            refused(INSERT, {**hold, "debit": debit.pk, "credit": credit.pk, "currency": currency}, "does not exist")
    clearing = Account.platform("clearing", "USD")
    refused(INSERT, {**hold, "credit": clearing.pk}, "does not exist in EUR")
    refused(INSERT, {**hold, "debit": clearing.pk}, "does not exist in EUR")


def test_the_same_transfer_again_moves_nothing(hold):
    run(INSERT, hold)
    before = the_books()
    assert run(INSERT, hold) == 0
    assert run(INSERT, {**hold, "amount": 5}) == 0
    assert the_books() == before


def test_the_same_transfer_twice_in_one_statement_moves_once(hold, wallet):
    again = INSERT[INSERT.index("VALUES") + len("VALUES") :]
    assert run(INSERT + "," + again, hold) == 1
    assert Account.objects.get(pk=wallet.pk).balance == 9000


def test_the_same_transfer_twice_in_one_copy_moves_once(hold, wallet):
    line = "{key}\t0\t{debit}\t{credit}\t1000\tEUR\thold\n".format(**hold)
    with connection.cursor() as cursor, cursor.copy(
        "COPY ledger_transfer (key, leg, debit_account_id, credit_account_id, amount, currency, kind) FROM STDIN"
    ) as copy:  # fmt: skip
        copy.write(line + line)
    assert Account.objects.get(pk=wallet.pk).balance == 9000
    assert Transfer.objects.filter(key=hold["key"]).count() == 1


@pytest.mark.parametrize(
    "conflict",
    [
        "ON CONFLICT DO NOTHING",
        "ON CONFLICT (key, leg) DO NOTHING",
        "ON CONFLICT ON CONSTRAINT transfer_once_a_key DO NOTHING",
        "ON CONFLICT (key, leg) DO UPDATE SET amount = 1",
    ],
)
def test_on_conflict_which_would_move_money_without_a_row_is_refused(hold, conflict):
    refused(f"{INSERT} {conflict}", hold, "ON CONFLICT")


def test_on_conflict_by_id_can_not_skip_a_row(hold):
    assert run(f"{INSERT} ON CONFLICT (id) DO NOTHING", hold) == 1


def test_merge_is_bound_by_the_same_rules(hold):
    merge = """MERGE INTO ledger_transfer t USING (SELECT %(key)s::uuid AS key) s ON t.key = s.key
        WHEN MATCHED THEN UPDATE SET amount = 1
        WHEN NOT MATCHED THEN INSERT (key, leg, debit_account_id, credit_account_id, amount, currency, kind)
            VALUES (s.key, 0, %(debit)s, %(credit)s, %(amount)s, 'EUR', 'hold')"""
    refused(merge, {**hold, "amount": 10001}, "account_never_below_zero")
    run(INSERT, hold)
    refused(merge, hold, "is refused")
    refused("MERGE INTO ledger_account a USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET balance = 1")


def test_a_preset_id_and_stamps_are_overwritten(hold, wallet, escrow):
    run(
        """INSERT INTO ledger_transfer (id, key, leg, debit_account_id, credit_account_id, amount, currency, kind,
            debit_sequence, debit_balance, credit_sequence, credit_balance)
        VALUES (999999, %(key)s, 0, %(debit)s, %(credit)s, 1000, 'EUR', 'hold', 77, 7777, 77, 7777)""",
        hold,
    )
    transfer = Transfer.objects.get(key=hold["key"])
    assert transfer.pk != 999999
    assert (transfer.debit_sequence, transfer.debit_balance) == (2, 9000)
    assert (transfer.credit_sequence, transfer.credit_balance) == (1, 1000)


def test_stamps_of_a_folded_side_can_not_be_set_beforehand(hold, wallet):
    clearing = Account.platform("clearing", "EUR")
    run(
        """INSERT INTO ledger_transfer (key, debit_account_id, credit_account_id, amount, currency, kind,
            credit_sequence, credit_balance) VALUES (%s, %s, %s, 5, 'EUR', 'withdrawal', 9, 9)""",
        [hold["key"], wallet.pk, clearing.pk],
    )
    assert Transfer.objects.get(key=hold["key"]).credit_sequence is None


CHANGES = [
    "UPDATE ledger_account SET balance = balance + 1",
    "UPDATE ledger_account SET balance = balance",
    "UPDATE ledger_account SET sequence = sequence + 1",
    "UPDATE ledger_account SET balance = 1 WHERE false",
    "UPDATE ledger_account SET owner_id = NULL",
    "UPDATE ledger_account SET kind = 'clearing'",
    "UPDATE ledger_account SET currency = 'JPY'",
    "DELETE FROM ledger_account",
    "TRUNCATE ledger_account CASCADE",
    "UPDATE ledger_transfer SET amount = amount + 1",
    "UPDATE ledger_transfer SET created_at = now()",
    "UPDATE ledger_transfer SET debit_balance = 1, debit_sequence = 1",
    "DELETE FROM ledger_transfer",
    "TRUNCATE ledger_transfer",
    "TRUNCATE ledger_transfer, ledger_account, ledger_pending CASCADE",
    "INSERT INTO ledger_pending SELECT id, debit_account_id, 100000 FROM ledger_transfer",
    "UPDATE ledger_pending SET amount = amount * 2",
    "TRUNCATE ledger_pending",
    "WITH changed AS (UPDATE ledger_account SET balance = 0 RETURNING 1) SELECT * FROM changed",
    "DO $$ BEGIN UPDATE ledger_account SET balance = 1; END $$",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_a_change_is_refused(wallet, statement):
    refused(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_a_change_is_refused_when_the_session_plays_replica(wallet, statement):
    run("SET LOCAL session_replication_role = replica")
    refused(statement)


def test_a_transfer_moves_balances_when_the_session_plays_replica(hold, wallet):
    run("SET LOCAL session_replication_role = replica")
    run(INSERT, hold)
    assert Account.objects.get(pk=wallet.pk).balance == 9000


@pytest.mark.parametrize(
    "values",
    [
        "('escrow', 'EUR', NULL, 100, 0)",
        "('escrow', 'EUR', NULL, 0, 1)",
        "('clearing', 'CHF', NULL, -100, 0)",
        "('escrow', 'eur', NULL, 0, 0)",
        "('escrow', '', NULL, 0, 0)",
        "('escrow', NULL, NULL, 0, 0)",
        "('escrow', 'EUR', NULL, NULL, 0)",
        "('piggy', 'EUR', NULL, 0, 0)",
        "(NULL, 'EUR', NULL, 0, 0)",
        "('wallet', 'EUR', NULL, 0, 0)",
        "('fees', 'EUR', (SELECT id FROM accounts_member), 0, 0)",
        "('wallet', 'EUR', (SELECT id FROM accounts_member), 0, 0)",  # a second one
        "('clearing', 'EUR', NULL, 0, 0)",  # a second one
    ],
)
def test_an_account_that_makes_no_sense_is_refused(wallet, values):
    refused(f"INSERT INTO ledger_account (kind, currency, owner_id, balance, sequence) VALUES {values}")


def test_a_table_of_the_session_can_not_stand_in_for_the_ledgers(hold, wallet):
    run("CREATE TEMPORARY TABLE ledger_account (LIKE public.ledger_account INCLUDING ALL) ON COMMIT DROP")
    run("INSERT INTO pg_temp.ledger_account SELECT * FROM public.ledger_account WHERE false")
    run(INSERT, hold)
    assert _rows(f"SELECT balance FROM public.ledger_account WHERE id = {wallet.pk}") == [(9000,)]
    run("DROP TABLE pg_temp.ledger_account")


def test_operators_of_the_session_can_not_stand_in(hold, wallet):
    run("CREATE SCHEMA evil")
    run("CREATE FUNCTION evil.less(bigint, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1'")
    run("CREATE OPERATOR evil.- (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.less)")
    run("SET LOCAL search_path = evil, pg_catalog, public")
    run(INSERT, hold)
    assert Account.objects.get(pk=wallet.pk).balance == 9000


def test_fees_that_are_not_there_can_not_be_paid_out(wallet):
    fees = Account.platform("fees", "EUR")
    post(uuid.uuid4(), Leg(wallet, fees, 300, Transfer.Kind.FEE))  # still pending
    take = INSERT.replace("'hold'", "'correction'")
    parameters = {"key": uuid.uuid4(), "leg": 0, "debit": fees.pk, "credit": wallet.pk, "currency": "EUR"}
    refused(take, {**parameters, "amount": 301}, "account_never_below_zero")
    assert run(take, {**parameters, "amount": 300}) == 1
    assert fees.true_balance() == 0
    assert fold() == 1  # the deposit's; the fee was folded when it was needed
    assert Account.objects.get(pk=fees.pk).sequence == 2


def test_deleting_pending_rows_is_folding_them(wallet):
    clearing = Account.platform("clearing", "EUR")
    assert run("DELETE FROM ledger_pending WHERE false") == 0
    assert run("DELETE FROM ledger_pending") == 1
    assert Account.objects.get(pk=clearing.pk).balance == -10000
    transfer = Transfer.objects.get()
    assert (transfer.debit_sequence, transfer.debit_balance) == (1, -10000)
    refused("UPDATE ledger_transfer SET debit_balance = 1, debit_sequence = 1")


def test_a_transfer_between_two_folded_accounts_is_stamped_on_both_sides(wallet):
    clearing, fees = Account.platform("clearing", "EUR"), Account.platform("fees", "EUR")
    [transfer] = post(uuid.uuid4(), Leg(clearing, fees, 70, Transfer.Kind.CORRECTION))
    fold()
    transfer.refresh_from_db()
    assert (transfer.debit_balance, transfer.credit_balance) == (-10070, 70)


@pytest.mark.django_db(transaction=True)
def test_one_key_on_other_accounts_at_the_same_time_moves_money_once(wallet, ana, fund):
    """A twin on other accounts waits for no lock, so the unique key must stop it, and undo what it moved."""
    other, escrow, second = fund(ana, EUR("100.00")), Account.open_escrow("EUR"), Account.open_escrow("EUR")
    fold()
    key, outcome = uuid.uuid4(), []
    first = {"key": key, "leg": 0, "debit": wallet.pk, "credit": escrow.pk, "amount": 1000, "currency": "EUR"}

    def twin() -> None:
        with psycopg.connect(_address(), autocommit=True) as elsewhere:
            for statement in (f"{INSERT} ON CONFLICT DO NOTHING", INSERT):
                try:
                    elsewhere.execute(statement, {**first, "debit": other.pk, "credit": second.pk})
                    outcome.append("moved")
                except psycopg.Error as error:
                    outcome.append(type(error).__name__)

    with transaction.atomic():
        run(INSERT, first)
        thread = threading.Thread(target=twin)
        thread.start()
        thread.join(0.5)
    thread.join(10)
    assert outcome[0] == "ObjectNotInPrerequisiteState"
    assert outcome[1] in ("UniqueViolation", "moved")  # "moved" no row: the first had been committed by then
    assert Account.objects.get(pk=other.pk).balance == 10000
    assert Transfer.objects.filter(key=key).count() == 1


def _address() -> str:
    parameters = connection.get_connection_params()
    kept = {key: parameters[key] for key in ("host", "port", "dbname", "user", "password") if parameters.get(key)}
    return psycopg.conninfo.make_conninfo(**kept)
