"""Paying out through Stripe and reading its books (P51, decision 11)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django.db import transaction

from finances.payments.gateways import Answer, Outcome, Refused, Unreachable
from finances.payments.gateways.stripe import StripeGateway
from tests.finances.payments.fake_stripe import Error, FakeStripe
from tests.finances.payments.gateways.test_stripe_charges import charge

pytestmark = pytest.mark.django_db

TRANSFERS = "POST /v1/transfers"


def account(fake: FakeStripe, stripe: StripeGateway, usable: bool = True) -> str:
    begun = stripe.begin_destination(owner_id=7, email="wes@example.com", currency="EUR", back="https://a.example/")
    fake.onboard(begun.reference, usable)
    return begun.reference


def pay_out(stripe: StripeGateway, destination: str, key: str = "p1", amount: int = 5_000) -> Answer:
    return stripe.pay_out(key=key, destination=destination, amount=amount, currency="EUR", words="Withdrawal W-3")


def found(stripe: StripeGateway, destination: str, key: str = "p1") -> Answer | None:
    return stripe.find_payout(key, destination=destination, since=datetime.now(UTC))


def test_it_sends_once_a_key(fake: FakeStripe, stripe: StripeGateway) -> None:
    """P51"""
    destination = account(fake, stripe)

    answer = pay_out(stripe, destination)

    assert (answer.outcome, answer.amount, answer.currency, answer.key) == (Outcome.SUCCEEDED, 5_000, "EUR", "p1")
    assert answer.arrives_on is None
    assert pay_out(stripe, destination) == answer == found(stripe, destination) == stripe.read_payout(answer.reference)
    assert len(fake.all("transfer")) == 1
    assert found(stripe, destination, "p2") is None
    assert found(stripe, "acct_none") is None


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}, {"status": 503}])
def test_a_payout_whose_answer_is_lost_is_found_and_sent_once(
    fake: FakeStripe, stripe: StripeGateway, fault: dict[str, Any]
) -> None:
    """P51"""
    destination = account(fake, stripe)
    fake.next(TRANSFERS, **fault)
    with pytest.raises(Unreachable):
        pay_out(stripe, destination)

    answer = found(stripe, destination)
    assert answer is not None
    assert answer.outcome == Outcome.SUCCEEDED
    assert len(fake.all("transfer")) == 1


def test_what_can_not_be_sent_is_refused(fake: FakeStripe, stripe: StripeGateway) -> None:
    with pytest.raises(Refused):
        pay_out(stripe, account(fake, stripe, usable=False))
    destination = account(fake, stripe)
    fake.next(TRANSFERS, error=Error(400, "balance_insufficient"))
    with pytest.raises(Refused, match="at the moment"):
        pay_out(stripe, destination)
    with pytest.raises(Refused):
        stripe.read_payout("tr_none")
    assert fake.all("transfer") == []


def test_a_payout_that_was_taken_back_has_not_been_sent(fake: FakeStripe, stripe: StripeGateway) -> None:
    """P51"""
    destination = account(fake, stripe)
    whole, part = pay_out(stripe, destination, "p1"), pay_out(stripe, destination, "p2")

    fake.reverse(whole.reference)
    fake.reverse(part.reference, 1_000)

    back, less = stripe.read_payout(whole.reference), stripe.read_payout(part.reference)
    assert (back.outcome, back.reason, back.amount) == (Outcome.DECLINED, "destination_refused", 5_000)
    assert (less.outcome, less.amount) == (Outcome.SUCCEEDED, 4_000)


def test_its_lines_say_what_each_was_and_add_up_to_the_balance(fake: FakeStripe, stripe: StripeGateway) -> None:
    fake.fee = 175
    destination = account(fake, stripe)
    charged = charge(stripe, fake.method(), "k1", 10_000)
    refunded = stripe.refund(key="r1", charge=charged.reference, amount=2_000, currency="EUR")
    paid = pay_out(stripe, destination, "p1", 3_000)
    fake.reverse(paid.reference)
    fake.page = 2

    lines = list(stripe.movements(datetime.now(UTC) - timedelta(minutes=1)))

    assert {(line.kind, line.reference, line.key, line.amount) for line in lines if line.kind != "fee"} == {
        ("charge", charged.reference, "k1", 10_000),
        ("refund", refunded.reference, "r1", -2_000),
        ("payout", paid.reference, "p1", -3_000),
        ("payout_failed", paid.reference, "", 3_000),
    }
    assert [line.amount for line in lines if line.kind == "fee"] == [-175]
    assert {line.currency for line in lines} == {"EUR"}
    assert stripe.balances() == {"EUR": sum(line.amount for line in lines)} == {"EUR": 7_825}
    assert list(stripe.movements(datetime.now(UTC) + timedelta(minutes=1))) == []


def test_lines_of_other_kinds_are_told_as_such(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.make("payout", "po", metadata={})
    fake._line("payout", -700, "jpy", source)
    fake._line("stripe_fee", -20, "eur", source)

    lines = list(stripe.movements(datetime.now(UTC) - timedelta(minutes=1)))

    assert [(line.kind, line.amount, line.currency) for line in lines] == [("fee", -20, "EUR"), ("other", -700, "JPY")]


def test_an_answer_that_is_lost_between_two_pages_is_told(fake: FakeStripe, stripe: StripeGateway) -> None:
    charge(stripe, fake.method(), "k1")
    charge(stripe, fake.method(), "k2")
    fake.page = 1
    lines = stripe.movements(datetime.now(UTC) - timedelta(minutes=1))
    assert next(lines).key == "k2"
    fake.next("GET /v1/balance_transactions", drop=True)

    with pytest.raises(Unreachable):
        next(lines)


def test_it_is_not_asked_within_a_transaction(fake: FakeStripe, stripe: StripeGateway) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        charge(stripe, fake.method())
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside any transaction"):
        list(stripe.movements(datetime.now(UTC)))
    assert fake.asked == []
