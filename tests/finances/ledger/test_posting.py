"""``post``: one operation, once, whatever is repeated, raced or refused."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from django.db import connection, transaction

from config.refusals import KeyConflict
from finances.ledger.folding import fold
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds, Leg, post
from finances.ledger.verification import verify
from finances.payments.deposits import record_deposit
from tests.money import EUR, USD

HOLD, FEE, RELEASE = Transfer.Kind.HOLD, Transfer.Kind.FEE, Transfer.Kind.RELEASE


def balance(account: Account) -> int:
    return Account.objects.get(pk=account.pk).true_balance()


@pytest.fixture
def wallet(erin, fund) -> Account:
    return fund(erin, EUR("100.00"))


@pytest.fixture
def escrow(db) -> Account:
    return Account.open_escrow("EUR")


@pytest.fixture
def fees(db) -> Account:
    return Account.platform(Account.Kind.FEES, "EUR")


def test_it_returns_what_it_wrote(wallet, escrow):
    [transfer] = post(uuid.uuid4(), Leg(wallet, escrow, 1000, HOLD))
    stored = Transfer.objects.get(pk=transfer.pk)
    fields = [field.attname for field in Transfer._meta.fields]
    assert {f: getattr(transfer, f) for f in fields} == {f: getattr(stored, f) for f in fields}
    assert (stored.debit_sequence, stored.debit_balance, stored.credit_sequence, stored.credit_balance) == (
        2, 9000, 1, 1000,
    )  # fmt: skip


def test_several_legs_are_written_in_their_order(wallet, escrow, fees):
    legs = (Leg(wallet, escrow, 1000, HOLD), Leg(wallet, fees, 50, FEE), Leg(escrow, wallet, 10, HOLD))
    transfers = post(uuid.uuid4(), *legs)
    assert [(t.leg, t.debit_account_id, t.credit_account_id, t.amount, t.kind) for t in transfers] == [
        (number, leg.debit.pk, leg.credit.pk, leg.amount, leg.kind) for number, leg in enumerate(legs)
    ]
    assert [t.pk for t in transfers] == sorted(t.pk for t in transfers)
    for transfer in transfers:
        stored = Transfer.objects.get(pk=transfer.pk)
        assert (stored.debit_balance, stored.credit_balance) == (transfer.debit_balance, transfer.credit_balance)


def test_an_operation_is_one_statement_however_many_legs(wallet, escrow, fees, django_assert_num_queries):
    with django_assert_num_queries(1):
        post(uuid.uuid4(), Leg(wallet, escrow, 1000, HOLD))
    with django_assert_num_queries(1):
        post(uuid.uuid4(), Leg(wallet, escrow, 1000, HOLD), Leg(wallet, fees, 50, FEE), Leg(escrow, wallet, 1, HOLD))


@pytest.mark.parametrize("legs", [1, 2])
def test_the_same_key_again_returns_what_it_did_even_when_the_wallet_is_empty_now(wallet, escrow, fees, legs):
    key, operation = uuid.uuid4(), (Leg(wallet, escrow, 6000, HOLD), Leg(wallet, fees, 4000, FEE))[:legs]
    first = post(key, *operation)
    if rest := balance(wallet):
        post(uuid.uuid4(), Leg(wallet, escrow, rest, HOLD))
    assert balance(wallet) == 0
    again = post(key, *operation)
    assert [t.pk for t in again] == [t.pk for t in first]
    assert balance(wallet) == 0


@pytest.mark.parametrize(
    "other",
    [
        lambda w, e, f: [Leg(w, e, 1001, HOLD)],
        lambda w, e, f: [Leg(w, e, 1000, RELEASE)],
        lambda w, e, f: [Leg(e, w, 1000, HOLD)],
        lambda w, e, f: [Leg(w, f, 1000, HOLD)],
        lambda w, e, f: [Leg(w, e, 1000, HOLD), Leg(w, f, 5, FEE)],
        lambda w, e, f: [Leg(w, e, 500, HOLD), Leg(w, e, 500, HOLD)],
    ],
)
def test_the_same_key_with_other_content_is_an_error_and_moves_nothing(wallet, escrow, fees, other):
    key = uuid.uuid4()
    post(key, Leg(wallet, escrow, 1000, HOLD))
    with pytest.raises(KeyConflict):
        post(key, *other(wallet, escrow, fees))
    assert (balance(wallet), balance(escrow), balance(fees)) == (9000, 1000, 0)
    assert Transfer.objects.filter(key=key).count() == 1


def test_fewer_legs_under_the_same_key_are_an_error(wallet, escrow, fees):
    key = uuid.uuid4()
    post(key, Leg(wallet, escrow, 1000, HOLD), Leg(wallet, fees, 50, FEE))
    with pytest.raises(KeyConflict):
        post(key, Leg(wallet, escrow, 1000, HOLD))
    assert balance(wallet) == 8950


def test_more_than_there_is_moves_nothing_at_all(wallet, escrow, fees):
    with pytest.raises(InsufficientFunds, match="not enough money"), transaction.atomic():
        post(uuid.uuid4(), Leg(wallet, escrow, 10001, HOLD))
    with pytest.raises(InsufficientFunds), transaction.atomic():
        post(uuid.uuid4(), Leg(wallet, fees, 1, FEE), Leg(wallet, escrow, 10000, HOLD))
    assert (balance(wallet), balance(escrow), balance(fees)) == (10000, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_refusals_leave_the_connection_usable_outside_a_transaction(wallet, escrow, fees):
    with pytest.raises(InsufficientFunds):
        post(uuid.uuid4(), Leg(wallet, escrow, 10001, HOLD))
    with pytest.raises(InsufficientFunds):
        post(uuid.uuid4(), Leg(wallet, fees, 1, FEE), Leg(wallet, escrow, 10000, HOLD))
    assert (balance(wallet), balance(escrow), balance(fees)) == (10000, 0, 0)
    post(uuid.uuid4(), Leg(wallet, escrow, 10000, HOLD))


@pytest.mark.parametrize("amount", [0, -1, 10**14 + 1, 2**63])
def test_an_amount_that_no_payment_has_is_an_error_of_the_caller(wallet, escrow, amount):
    with pytest.raises(ValueError, match="an operation has legs"):
        post(uuid.uuid4(), Leg(wallet, escrow, amount, HOLD))


def test_legs_that_make_no_sense_are_an_error_of_the_caller(wallet, erin, fund):
    for legs in ([], [Leg(wallet, wallet, 1, HOLD)], [Leg(wallet, fund(erin, USD("1.00")), 1, HOLD)]):
        with pytest.raises(ValueError, match="an operation has legs"):
            post(uuid.uuid4(), *legs)


def test_fees_come_in_later_and_go_out_at_once(wallet, fees):
    [paid] = post(uuid.uuid4(), Leg(wallet, fees, 300, FEE))
    assert (paid.credit_sequence, paid.credit_balance) == (None, None)
    [back] = post(uuid.uuid4(), Leg(fees, wallet, 100, Transfer.Kind.CORRECTION))
    assert (back.debit_sequence, back.debit_balance) == (2, 200)
    paid.refresh_from_db()
    assert (paid.credit_sequence, paid.credit_balance) == (1, 300)
    with pytest.raises(InsufficientFunds), transaction.atomic():
        post(uuid.uuid4(), Leg(fees, wallet, 201, Transfer.Kind.CORRECTION))


def test_fees_come_in_and_go_out_in_one_operation(wallet, fees):
    post(uuid.uuid4(), Leg(wallet, fees, 300, FEE), Leg(fees, wallet, 300, Transfer.Kind.CORRECTION))
    while fold():
        pass
    assert (balance(wallet), balance(fees)) == (10000, 0)
    assert verify() == []


# --- At the same time ----------------------------------------------------------------------------------------


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all *works* at the same time, each on its own connection; return results or exceptions, in order."""
    results: list[Any] = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            results[number] = work()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("legs", [1, 2])
def test_one_key_posted_by_many_at_once_has_one_effect_and_one_answer(wallet, escrow, fees, legs):
    """Even where the first of them empties the wallet."""
    key, operation = uuid.uuid4(), (Leg(wallet, escrow, 10000, HOLD), Leg(escrow, fees, 1, FEE))[:legs]
    results = at_once(*[lambda: [t.pk for t in post(key, *operation)]] * 12)
    assert results == [results[0]] * 12
    assert Transfer.objects.filter(key=key).count() == legs
    assert balance(wallet) == 0
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_one_key_between_accounts_that_lock_nothing_has_one_effect_and_one_answer(wallet, fees):
    clearing, key = Account.platform("clearing", "EUR"), uuid.uuid4()
    legs = [Leg(clearing, fees, 70, Transfer.Kind.CORRECTION)]

    def inside() -> list[int]:
        with transaction.atomic():
            return [t.pk for t in post(key, *legs)]

    results = at_once(*[lambda: [t.pk for t in post(key, *legs)], inside] * 6)
    assert results == [results[0]] * 12
    assert balance(fees) == 70


@pytest.mark.django_db(transaction=True)
def test_one_key_with_two_contents_at_once_has_one_winner(wallet, escrow, ana, fund):
    other, second, key = fund(ana, EUR("100.00")), Account.open_escrow("EUR"), uuid.uuid4()
    results = at_once(
        *[lambda: post(key, Leg(wallet, escrow, 5, HOLD)), lambda: post(key, Leg(other, second, 5, HOLD))] * 4
    )
    won = {tuple(t.pk for t in result) for result in results if isinstance(result, list)}
    assert len(won) == 1
    assert all(isinstance(result, list | KeyConflict) for result in results)
    assert balance(escrow) + balance(second) == 5
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_spend_more_than_there_is(wallet, escrow):
    results = at_once(*[lambda: post(uuid.uuid4(), Leg(wallet, escrow, 3000, HOLD))] * 10)
    assert sum(isinstance(result, list) for result in results) == 3
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 7
    assert (balance(wallet), balance(escrow)) == (1000, 9000)


@pytest.mark.django_db(transaction=True)
def test_payments_to_and_fro_never_lock_each_other_out(wallet, ana, fund):
    other, escrow = fund(ana, EUR("100.00")), Account.open_escrow("EUR")

    def there() -> None:
        for _ in range(15):
            post(uuid.uuid4(), Leg(wallet, other, 1, HOLD))
            post(uuid.uuid4(), Leg(other, escrow, 1, HOLD), Leg(wallet, other, 1, HOLD))

    def back() -> None:
        for _ in range(15):
            post(uuid.uuid4(), Leg(other, wallet, 1, HOLD))
            post(uuid.uuid4(), Leg(wallet, escrow, 1, HOLD), Leg(other, wallet, 1, HOLD))

    assert at_once(*[there, back] * 4) == [None] * 8
    assert (balance(wallet), balance(other), balance(escrow)) == (9940, 9940, 120)
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_sixteen_paying_into_one_platform_account_while_it_is_folded(erin, wallet, fees):
    done = threading.Event()

    def pay() -> None:
        for _ in range(20):
            post(uuid.uuid4(), Leg(wallet, fees, 1, FEE))

    def keep_folding() -> None:
        while not done.is_set():
            fold(7)

    folder = threading.Thread(target=lambda: (keep_folding(), connection.close()))
    folder.start()
    results = at_once(*[pay] * 14, *[lambda: [fold(5) for _ in range(40)] and None] * 2)
    done.set()
    folder.join()
    assert results == [None] * 16
    while fold():
        pass
    fees.refresh_from_db()
    assert (fees.balance, fees.sequence) == (280, 280)
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_fees_taken_out_while_others_pay_in(wallet, fees):
    post(uuid.uuid4(), Leg(wallet, fees, 100, FEE))

    def pay() -> None:
        for _ in range(10):
            post(uuid.uuid4(), Leg(wallet, fees, 2, FEE))

    def take() -> None:
        for _ in range(10):
            post(uuid.uuid4(), Leg(fees, wallet, 1, Transfer.Kind.CORRECTION))

    def folds() -> None:
        for _ in range(20):
            fold(3)

    assert at_once(pay, pay, take, take, folds, folds) == [None] * 6
    assert balance(fees) == 120
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_first_wallet_wanted_by_many_at_once_is_one_wallet(erin):
    wallets = at_once(*[lambda: Account.wallet(erin.pk, "GBP").pk] * 8)
    assert wallets == [wallets[0]] * 8
    platform = at_once(*[lambda: Account.platform("fees", "GBP").pk] * 8)
    assert platform == [platform[0]] * 8


@pytest.mark.django_db(transaction=True)
def test_a_first_wallet_wanted_inside_transactions_is_one_wallet(erin):
    def deposit() -> int:
        with transaction.atomic():
            record_deposit(erin, EUR("1.00"), key=uuid.uuid4())
            return Account.wallet(erin.pk, "EUR").pk

    wallets = at_once(*[deposit] * 8)
    assert wallets == [wallets[0]] * 8
    assert balance(Account.wallet(erin.pk, "EUR")) == 800
