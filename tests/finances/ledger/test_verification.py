"""``verify_ledger`` finds what was really damaged, and says which transfer and which account."""

import uuid
from io import StringIO

import pytest

from django.core.management import call_command
from django.db import connection

from finances.ledger import verification
from finances.ledger.folding import fold
from finances.ledger.models import Account, Transfer, Verification
from finances.ledger.posting import Leg, post
from finances.ledger.tasks import verify_ledger
from finances.ledger.verification import Difference, register_check, verify
from tests.money import EUR, USD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_the_ledgers_own_checks(monkeypatch) -> None:
    monkeypatch.setattr(verification, "_CHECKS", {})


def damage(statement: str) -> None:
    """Run *statement* past the guards, as only the owner of the tables can."""
    tables = ("ledger_account", "ledger_transfer", "ledger_pending")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else ALTER TABLE waits for the checks of foreign keys
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        while cursor.nextset():  # the last statement is the one that counts
            pass
        assert cursor.rowcount > 0, "it damages nothing"


WAITS = "INSERT INTO ledger_pending (transfer_id, account_id, amount) VALUES"


@pytest.fixture
def books(erin, wes, fund) -> dict[str, Account]:
    """Erin's wallet, Wes's, an escrow, both platform accounts; ten transfers, two of them still pending."""
    wallet, other = fund(erin, EUR("100.00")), fund(wes, EUR("50.00"))
    escrow, fees = Account.open_escrow("EUR"), Account.platform("fees", "EUR")
    for amount in (100, 200, 300):
        post(uuid.uuid4(), Leg(wallet, escrow, amount, Transfer.Kind.HOLD))
        post(uuid.uuid4(), Leg(escrow, other, 50, Transfer.Kind.RELEASE), Leg(other, fees, 2, Transfer.Kind.FEE))
        while amount < 300 and fold():
            pass
    fund(erin, USD("10.00"))
    clearing = Account.platform("clearing", "EUR")
    return {"wallet": wallet, "other": other, "escrow": escrow, "fees": fees, "clearing": clearing}


def checks(differences: list[Difference]) -> set[str]:
    return {difference.check for difference in differences}


def said(differences: list[Difference]) -> str:
    return "\n".join(difference.sentence for difference in differences)


def test_it_finds_nothing_in_good_books(books):
    assert verify() == []
    while fold():
        pass
    assert verify() == []


def test_it_finds_a_balance_that_was_changed(books):
    damage(f"UPDATE ledger_account SET balance = balance + 7 WHERE id = {books['wallet'].pk}")
    differences = verify()
    assert f"Account {books['wallet'].pk} (wallet) has a balance of 9407, but its transfers add up to 9400" in said(
        differences
    )
    assert "All accounts in EUR add up to 7 minor units" in said(differences)


def test_it_finds_a_balance_shifted_from_one_account_to_another(books):
    damage(
        f"UPDATE ledger_account SET balance = balance + CASE id WHEN {books['wallet'].pk} THEN -7 ELSE 7 END"
        f" WHERE id IN ({books['wallet'].pk}, {books['other'].pk})"
    )
    differences = verify()
    assert checks(differences) == {"accounts"}
    assert {f"Account {books[name].pk} " in said(differences) for name in ("wallet", "other")} == {True}


def test_it_finds_a_transfer_that_is_gone(books):
    gone = Transfer.objects.filter(kind="hold")[1]
    damage(f"DELETE FROM ledger_transfer WHERE id = {gone.pk}")
    differences = verify()
    assert "the history breaks at T" in said(differences)
    assert f"Account {books['escrow'].pk} (escrow) has a balance" in said(differences)


def test_it_finds_an_amount_that_was_changed(books):
    changed = Transfer.objects.filter(kind="hold")[1]
    damage(f"UPDATE ledger_transfer SET amount = amount + 1 WHERE id = {changed.pk}")
    assert f"T{changed.pk} changes" in said(verify())


def test_it_finds_a_balance_after_that_was_changed(books):
    changed = Transfer.objects.filter(kind="hold")[0]
    damage(f"UPDATE ledger_transfer SET debit_balance = debit_balance + 1 WHERE id = {changed.pk}")
    differences = verify()
    assert checks(differences) == {"accounts"}
    assert f"(wallet): T{changed.pk} changes" in said(differences)


def test_it_finds_balances_after_that_were_all_shifted(books):
    damage(
        f"UPDATE ledger_transfer SET debit_balance = debit_balance + 1 WHERE debit_account_id = {books['wallet'].pk}"
    )
    assert f"Account {books['wallet'].pk} (wallet): T" in said(verify())


def test_it_finds_a_sequence_with_a_gap(books):
    last = Transfer.objects.filter(kind="hold").last()
    damage(
        f"UPDATE ledger_transfer SET debit_sequence = debit_sequence + 1 WHERE id = {last.pk};"
        f"UPDATE ledger_account SET sequence = sequence + 1 WHERE id = {books['wallet'].pk}"
    )
    differences = verify()
    assert f"the history breaks at T{last.pk}, which is number 5 and should be 4" in said(differences)


def test_it_finds_a_history_that_is_not_in_the_order_of_ids(books):
    first, second, *_ = Transfer.objects.filter(kind="hold").order_by("id").values_list("id", flat=True)
    damage(
        f"UPDATE ledger_transfer SET id = -{first} WHERE id = {first};"
        f"UPDATE ledger_transfer SET id = {first} WHERE id = {second};"
        f"UPDATE ledger_transfer SET id = {second} WHERE id = -{first}"
    )
    differences = verify()
    assert checks(differences) == {"order"}
    assert f"Account {books['wallet'].pk} (wallet): T{first} is its number 2 by id, but stamped 3" in said(differences)


def test_it_finds_a_currency_that_was_changed(books):
    changed = Transfer.objects.filter(kind="hold")[0]
    damage(f"UPDATE ledger_transfer SET currency = 'USD' WHERE id = {changed.pk}")
    wanted = f"T{changed.pk} moves USD on account {books['wallet'].pk}, which does not exist in USD"
    assert wanted in said(verify())


def test_it_finds_an_account_that_is_gone(books):
    damage(f"DELETE FROM ledger_account WHERE id = {books['escrow'].pk}")
    assert f"on account {books['escrow'].pk}, which does not exist in EUR" in said(verify())


def test_it_finds_an_account_that_never_existed(books):
    changed = Transfer.objects.filter(kind="hold")[0]
    damage(f"UPDATE ledger_transfer SET credit_account_id = 987654 WHERE id = {changed.pk}")
    assert f"T{changed.pk} moves EUR on account 987654, which does not exist in EUR" in said(verify())


def test_it_finds_an_account_below_zero(books):
    damage(
        "ALTER TABLE ledger_account DROP CONSTRAINT account_never_below_zero;"
        f"UPDATE ledger_account SET balance = -1 WHERE id = {books['other'].pk}"
    )
    assert f"Account {books['other'].pk} (wallet) is below zero: -1" in said(verify())


def test_it_finds_a_pending_row_that_is_gone(books):
    damage(f"DELETE FROM ledger_pending WHERE account_id = {books['fees'].pk}")
    differences = verify()
    assert checks(differences) == {"pending", "sums"}
    assert f"has no stamp of account {books['fees'].pk} (fees), and none is pending" in said(differences)


def test_it_finds_a_pending_row_too_many(books):
    first = Transfer.objects.earliest("id")
    damage(f"{WAITS} ({first.pk}, {books['clearing'].pk}, 5)")
    assert f"A change of 5 by T{first.pk} is pending for account {books['clearing'].pk} (clearing)" in said(verify())


def test_it_finds_a_pending_row_that_was_changed(books):
    damage(f"UPDATE ledger_pending SET amount = 3 WHERE account_id = {books['fees'].pk}")
    assert f"changes account {books['fees'].pk} by 2, but 3 is pending" in said(verify())


def test_it_finds_a_wallet_that_waits_to_be_folded(books):
    hold = Transfer.objects.filter(kind="hold").last()
    damage(
        f"UPDATE ledger_transfer SET credit_sequence = NULL, credit_balance = NULL WHERE id = {hold.pk};"
        f"{WAITS} ({hold.pk}, {books['escrow'].pk}, {hold.amount})"
    )
    assert f"T{hold.pk} is pending for account {books['escrow'].pk} (escrow), which is never folded" in said(verify())


def test_it_finds_a_stamp_that_is_gone(books):
    hold = Transfer.objects.filter(kind="hold").last()
    damage(f"UPDATE ledger_transfer SET credit_sequence = NULL, credit_balance = NULL WHERE id = {hold.pk}")
    assert f"T{hold.pk} has no stamp of account {books['escrow'].pk} (escrow)" in said(verify())


def test_it_finds_a_transfer_that_moves_nothing(books):
    hold = Transfer.objects.filter(kind="hold").last()
    damage(
        "ALTER TABLE ledger_transfer DROP CONSTRAINT transfer_moves_something;"
        f"UPDATE ledger_transfer SET amount = 0 WHERE id = {hold.pk}"
    )
    assert f"T{hold.pk} moves nothing" in said(verify())


def test_it_tells_twenty_of_a_kind_and_counts_the_rest(books):
    register_check("story", lambda: [f"Milestone {n} tells another story." for n in range(25)])
    differences = verify()
    assert differences[0] == Difference("story", "Milestone 0 tells another story.")
    assert len(differences) == 21
    assert differences[-1].sentence == "… and 5 more of this kind."


def test_the_command_prints_each_difference_and_exits_with_1(books):
    damage(f"UPDATE ledger_account SET balance = balance + 7 WHERE id = {books['wallet'].pk}")
    out = StringIO()
    with pytest.raises(SystemExit) as exit:
        call_command("verify_ledger", stdout=out)
    assert exit.value.code == 1
    assert "sums: All accounts in EUR add up to 7" in out.getvalue()
    assert len(Verification.objects.get().differences) == 2


def test_the_command_is_content_with_good_books(books):
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "no difference" in out.getvalue()


def test_the_hourly_job_records_its_result(books):
    assert verify_ledger() == 0
    result = Verification.objects.latest()
    assert (result.differences, result.transfers) == ([], Transfer.objects.count())


@pytest.mark.django_db(transaction=True)
def test_it_may_not_write_while_it_looks(books):
    def meddle() -> list[str]:
        Account.open_escrow("EUR")
        return []

    register_check("meddle", meddle)
    with pytest.raises(Exception, match="read-only transaction"):
        verify()
