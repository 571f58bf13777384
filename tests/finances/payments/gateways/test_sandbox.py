"""The sandbox provider: what becomes of money with each test card and account, once a key (P15–P17, P51)."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from django.db import InterfaceError, OperationalError, connection, transaction

from config.refusals import KeyConflict
from finances.payments.gateways import REASONS, Answer, Outcome, Refused, Unreachable
from finances.payments.sandbox import BANKS, CARDS, PAYOUT_ACCOUNTS, Behaviour
from finances.payments.sandbox.instruments import DOWN_SECONDS, SLOW_SECONDS
from finances.payments.sandbox.models import SandboxCharge, SandboxOutage, SandboxPayout
from tests.finances.payments.gateways.sandbox_helpers import ALL, SANDBOX, added, bank, card, payout_account

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def charge(source: Any, key: str = "", amount: int = 5_000, currency: str = "EUR") -> Answer:
    return SANDBOX.charge(
        key=key or str(uuid.uuid4()),
        source=source.reference,
        customer="",
        amount=amount,
        currency=currency,
        words="Milestone M-7",
        back="http://testserver/payments/7/",
    )


def pay_out(destination: Any, key: str = "", amount: int = 5_000, currency: str = "EUR") -> Answer:
    return SANDBOX.pay_out(
        key=key or str(uuid.uuid4()), destination=destination.reference, amount=amount, currency=currency, words=""
    )


def found(key: str) -> Answer | None:
    return SANDBOX.find_charge(key, customer="", since=LONG_AGO)


# --- Charging ---


def test_it_charges_what_it_was_asked_to() -> None:
    answer = charge(card(), key="k1", amount=1_234, currency="TND")

    assert (answer.outcome, answer.amount, answer.currency) == (Outcome.SUCCEEDED, 1_234, "TND")
    assert answer.key == "k1"
    assert SANDBOX.read_charge(answer.reference) == answer == found("k1")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour.DECLINED, "card_declined"),
        (Behaviour.INSUFFICIENT_FUNDS, "insufficient_funds"),
        (Behaviour.EXPIRED, "expired_card"),
        (Behaviour.LOST_CARD, "lost_card"),
    ],
)
def test_it_declines_and_says_why(behaviour: Behaviour, reason: str) -> None:
    answer = charge(card(behaviour), key="k1")

    assert (answer.outcome, answer.reason) == (Outcome.DECLINED, reason)
    assert reason in REASONS
    assert found("k1") == answer
    assert SANDBOX.balances() == {}


def test_the_same_key_charges_once_and_another_twice() -> None:
    """P17"""
    source = card()

    assert charge(source, key="k1") == charge(source, key="k1")
    assert SandboxCharge.objects.count() == 1
    charge(source, key="k2")
    assert SANDBOX.balances() == {"EUR": 10_000}


@pytest.mark.parametrize("other", [{"amount": 5_001}, {"currency": "USD"}])
def test_the_same_key_for_something_else_is_an_error(other: dict[str, Any]) -> None:
    source = card()
    charge(source, key="k1")

    with pytest.raises(KeyConflict):
        charge(source, key="k1", **other)
    with pytest.raises(KeyConflict):
        charge(card(), key="k1")
    with pytest.raises(KeyConflict):
        pay_out(payout_account(), key="k1")


def test_a_lost_answer_is_found_again_and_was_charged_once() -> None:
    """P17"""
    source = card(Behaviour.LOSES_ANSWER)
    with pytest.raises(Unreachable):
        charge(source, key="k1")

    answer = found("k1")

    assert answer is not None
    assert answer.outcome == Outcome.SUCCEEDED
    assert charge(source, key="k1") == answer
    assert SANDBOX.balances() == {"EUR": 5_000}


def test_a_timeout_before_the_charge_leaves_nothing() -> None:
    """P17"""
    source = card(Behaviour.TIMES_OUT)
    for _ in range(2):
        with pytest.raises(Unreachable):
            charge(source, key="k1")

    assert found("k1") is None
    assert SANDBOX.balances() == {}


def test_a_slow_charge_succeeds_by_itself() -> None:
    source = card(Behaviour.SLOW)
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        answer = charge(source, key="k1")
        assert answer.outcome == Outcome.PROCESSING
        assert SANDBOX.balances() == {}

        clock.shift(SLOW_SECONDS)
        assert SANDBOX.read_charge(answer.reference).outcome == Outcome.SUCCEEDED
        assert charge(source, key="k1").outcome == Outcome.SUCCEEDED
        assert SANDBOX.balances() == {"EUR": 5_000}


def test_a_bank_debit_can_come_back() -> None:
    source = bank(Behaviour.FAILS_LATER)
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        answer = charge(source)
        assert (answer.outcome, answer.reason) == (Outcome.PROCESSING, "")

        clock.shift(SLOW_SECONDS)
        later = SANDBOX.read_charge(answer.reference)
        assert (later.outcome, later.reason) == (Outcome.DECLINED, "insufficient_funds")


def test_another_amount_is_told_as_it_is() -> None:
    answer = charge(card(Behaviour.OTHER_AMOUNT), amount=5_000)

    assert (answer.outcome, answer.amount) == (Outcome.SUCCEEDED, 5_001)
    assert SANDBOX.balances() == {"EUR": 5_001}


def test_a_provider_that_is_down_says_nothing_and_then_that_there_was_nothing() -> None:
    source = card(Behaviour.DOWN)
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        with pytest.raises(Unreachable):
            charge(source, key="k1")
        with pytest.raises(Unreachable):
            found("k1")
        with pytest.raises(Unreachable):
            charge(source, key="k1")

        clock.shift(DOWN_SECONDS)
        assert found("k1") is None
        assert charge(source, key="k1").outcome == Outcome.SUCCEEDED


def test_all_of_it_can_be_down_for_a_while() -> None:
    source = card()
    answer = charge(source, key="k1")
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        SandboxOutage.begin(60)
        asked = [
            lambda: charge(source),
            lambda: found("k1"),
            lambda: SANDBOX.read_charge(answer.reference),
            lambda: SANDBOX.begin_source(owner_id=1, email="", kind="card", currency="", back=""),
            lambda: SANDBOX.balances(),
            lambda: list(SANDBOX.movements(LONG_AGO)),
        ]
        for ask in asked:
            with pytest.raises(Unreachable):
                ask()
        clock.shift(60)
        assert found("k1") == answer
        SandboxOutage.begin(60)
        SandboxOutage.end()
        assert found("k1") == answer


def test_a_step_is_named_and_can_be_given_up() -> None:
    answer = charge(card(Behaviour.NEEDS_STEP), key="k1")
    assert answer.outcome == Outcome.NEEDS_STEP
    assert answer.step_url == f"/sandbox/charges/{answer.reference}/"

    assert SANDBOX.cancel_charge(answer.reference).outcome == Outcome.CANCELLED
    assert found("k1") == SANDBOX.cancel_charge(answer.reference)
    assert SANDBOX.balances() == {}


def test_what_has_ended_is_not_cancelled() -> None:
    answer = charge(card())

    assert SANDBOX.cancel_charge(answer.reference) == answer
    assert SANDBOX.balances() == {"EUR": 5_000}


def test_an_unverified_source_is_not_charged() -> None:
    """P16"""
    with pytest.raises(Refused, match="not been verified"):
        charge(card(verified=False))
    assert SandboxCharge.objects.count() == 0


def test_a_forgotten_source_is_not_charged_but_what_was_charged_is_still_known() -> None:
    source = card()
    answer = charge(source, key="k1")
    SANDBOX.forget(source.reference)
    SANDBOX.forget(source.reference)
    SANDBOX.forget("sb_account_none")

    with pytest.raises(Refused):
        charge(source, key="k2")
    assert charge(source, key="k1") == answer


def test_a_bank_account_is_debited_in_its_own_currency_only() -> None:
    with pytest.raises(Refused, match="in EUR only"):
        charge(bank(currency="EUR"), currency="USD")
    with pytest.raises(Refused, match="currency"):
        SANDBOX.begin_source(owner_id=1, email="", kind="bank", currency="", back="")


def test_a_destination_is_no_source_and_a_source_no_destination() -> None:
    with pytest.raises(Refused):
        charge(payout_account())
    with pytest.raises(Refused):
        pay_out(card())


def test_an_unknown_charge_is_refused() -> None:
    with pytest.raises(Refused):
        SANDBOX.read_charge("sb_charge_none")
    with pytest.raises(Refused):
        SANDBOX.read_payout("sb_payout_none")
    with pytest.raises(Refused):
        SANDBOX.cancel_charge("sb_charge_none")
    assert SANDBOX.find_payout("k9", destination="", since=LONG_AGO) is None


# --- Giving back ---


def test_it_gives_back_once_a_key_and_never_more_than_was_charged() -> None:
    charged = charge(card())
    first = SANDBOX.refund(key="r1", charge=charged.reference, amount=3_000, currency="EUR")

    assert (first.outcome, first.amount, first.currency, first.key) == (Outcome.SUCCEEDED, 3_000, "EUR", "r1")
    assert SANDBOX.refund(key="r1", charge=charged.reference, amount=3_000, currency="EUR") == first
    assert SANDBOX.balances() == {"EUR": 2_000}
    with pytest.raises(Refused):
        SANDBOX.refund(key="r2", charge=charged.reference, amount=2_001, currency="EUR")
    with pytest.raises(Refused):
        SANDBOX.refund(key="r2", charge=charged.reference, amount=2_000, currency="USD")
    SANDBOX.refund(key="r2", charge=charged.reference, amount=2_000, currency="EUR")
    assert SANDBOX.balances() == {"EUR": 0}


def test_nothing_is_given_back_of_a_declined_charge() -> None:
    declined = charge(card(Behaviour.DECLINED))
    with pytest.raises(Refused):
        SANDBOX.refund(key="r1", charge=declined.reference, amount=1, currency="EUR")


# --- Paying out ---


def test_a_payout_is_sent_and_says_when_it_arrives() -> None:
    """P51"""
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False):
        answer = pay_out(payout_account(), key="p1")

    assert (answer.outcome, answer.amount, answer.key) == (Outcome.SUCCEEDED, 5_000, "p1")
    assert str(answer.arrives_on) == "2026-05-03"
    assert SANDBOX.read_payout(answer.reference) == answer
    assert SANDBOX.find_payout("p1", destination="", since=LONG_AGO) == answer
    assert SANDBOX.balances() == {"EUR": -5_000}


def test_a_payout_is_refused_at_once() -> None:
    answer = pay_out(payout_account(Behaviour.DECLINED))

    assert (answer.outcome, answer.reason, answer.arrives_on) == (Outcome.DECLINED, "destination_refused", None)
    assert SANDBOX.balances() == {}


def test_a_payout_that_fails_later_brings_the_money_back() -> None:
    """P51"""
    account = payout_account(Behaviour.FAILS_LATER)
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        answer = pay_out(account, key="p1")
        assert (answer.outcome, answer.reason) == (Outcome.PROCESSING, "")
        assert SANDBOX.balances() == {"EUR": -5_000}

        clock.shift(SLOW_SECONDS)
        later = SANDBOX.read_payout(answer.reference)
        assert (later.outcome, later.reason) == (Outcome.DECLINED, "destination_refused")
        assert SANDBOX.balances() == {"EUR": 0}
        lines = [(m.kind, m.amount) for m in SANDBOX.movements(LONG_AGO)]
        assert lines == [("payout", -5_000), ("payout_failed", 5_000)]


def test_a_payout_whose_answer_is_lost_is_found_again_and_was_sent_once() -> None:
    """P51"""
    account = payout_account(Behaviour.LOSES_ANSWER)
    with pytest.raises(Unreachable):
        pay_out(account, key="p1")

    assert pay_out(account, key="p1") == SANDBOX.find_payout("p1", destination="", since=LONG_AGO)
    assert SandboxPayout.objects.count() == 1
    with pytest.raises(Unreachable):
        pay_out(payout_account(Behaviour.TIMES_OUT), key="p2")
    assert SANDBOX.find_payout("p2", destination="", since=LONG_AGO) is None


# --- Verifying ---


def test_a_source_is_verified_by_the_code_on_its_statement() -> None:
    source = card(verified=False)
    wrong = "0000" if source.code != "0000" else "1111"

    assert not SANDBOX.verify(source.reference, wrong)
    assert SANDBOX.verify(source.reference, f" {source.code} ")
    assert SANDBOX.verify(source.reference, wrong)  # it is verified by now
    assert SANDBOX.statement_url(source.reference) == f"/sandbox/accounts/{source.reference}/"
    assert SANDBOX.statement_url("sb_account_none") == ""


def test_five_wrong_codes_are_the_last() -> None:
    source = card(verified=False)
    wrong = "0000" if source.code != "0000" else "1111"
    for _ in range(5):
        assert not SANDBOX.verify(source.reference, wrong)

    for code in (wrong, source.code):
        with pytest.raises(Refused, match="too often"):
            SANDBOX.verify(source.reference, code)


def test_what_is_no_source_is_not_verified() -> None:
    forgotten = card(verified=False)
    SANDBOX.forget(forgotten.reference)
    for reference in (forgotten.reference, payout_account().reference, "sb_account_none"):
        with pytest.raises(Refused):
            SANDBOX.verify(reference, "0000")


# --- Books, and when it may be asked ---


def test_its_lines_since_a_time_add_up_to_its_balance() -> None:
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        early = charge(card(), key="k1")
        clock.shift(timedelta(days=1))
        SANDBOX.refund(key="r1", charge=early.reference, amount=1_000, currency="EUR")
        pay_out(payout_account(), key="p1", amount=500)
        charge(card(), key="k2", amount=300, currency="JPY")
        charge(card(Behaviour.DECLINED))
        charge(card(Behaviour.NEEDS_STEP))

        everything = list(SANDBOX.movements(LONG_AGO))
        today = list(SANDBOX.movements(datetime(2026, 5, 2, tzinfo=UTC)))

    assert {(m.kind, m.key, m.amount, m.currency) for m in today} == {
        ("refund", "r1", -1_000, "EUR"),
        ("payout", "p1", -500, "EUR"),
        ("charge", "k2", 300, "JPY"),
    }
    assert len(everything) == 4
    assert SANDBOX.balances() == {"EUR": 3_500, "JPY": 300}
    assert early.reference in {m.reference for m in everything}


def test_it_is_not_asked_within_a_transaction() -> None:
    """What a provider has done can't be rolled back."""
    source = card()
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        charge(source)
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        SANDBOX.balances()
    assert SandboxCharge.objects.count() == 0


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_books_that_can_not_be_read_are_no_answer(monkeypatch: Any, error: type[Exception]) -> None:
    def lost() -> bool:
        raise error("the server closed the connection")

    monkeypatch.setattr(SandboxOutage, "now", lost)
    with pytest.raises(Unreachable):
        found("k1")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_with_one_key_charge_once() -> None:
    """P17"""
    source = card()
    answers: list[Any] = []
    start = threading.Barrier(6)

    def ask() -> None:
        start.wait()
        try:
            answers.append(charge(source, key="k1"))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [found("k1")] * 6
    assert SANDBOX.balances() == {"EUR": 5_000}


def test_each_test_card_is_known_by_its_own_number_and_words() -> None:
    for listed in (CARDS, BANKS, PAYOUT_ACCOUNTS):
        assert len({each.behaviour for each in listed}) == len(listed)
    assert len({each.number for each in ALL}) == len({each.last4 for each in ALL}) == len(ALL)
    assert all(str(each.words).endswith(".") for each in ALL)
    assert {each.behaviour for each in ALL} == set(Behaviour)


def test_a_setup_saves_what_was_chosen_and_nothing_before() -> None:
    begun = SANDBOX.begin_source(owner_id=1, email="", kind="card", currency="EUR", back="/")
    assert SANDBOX.finished(begun.reference) is None
    assert SANDBOX.finished("sb_setup_none") is None

    source = added("source", "card", Behaviour.SUCCEEDS)
    saved = SANDBOX.finished(source.setup.reference)
    assert saved is not None
    assert (saved.reference, saved.kind, saved.last4, saved.verified) == (source.reference, "card", "4242", False)
    assert saved.currency == ""
    assert saved.expires == source.expires != ""

    account = payout_account(currency="GBP")
    saved = SANDBOX.finished(account.setup.reference)
    assert saved is not None
    assert (saved.kind, saved.currency, saved.verified, saved.expires) == ("bank", "GBP", True, "")
