"""Charging through Stripe, over real HTTP: once a key, whatever becomes of the answer (P17)."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.refusals import KeyConflict
from finances.payments.gateways import Answer, Outcome, Refused, Unreachable
from finances.payments.gateways.stripe import StripeGateway
from tests.finances.payments.fake_stripe import Error, FakeStripe

pytestmark = pytest.mark.django_db  # the gateway looks whether it is asked within a transaction

CHARGES = "POST /v1/payment_intents"
BACK = "https://milepost.example/payments/7/"


def charge(gateway: StripeGateway, source: str, key: str = "k1", amount: int = 5_000, currency: str = "EUR") -> Answer:
    return gateway.charge(
        key=key, source=source, customer="cus_1", amount=amount, currency=currency, words="Milestone M-7", back=BACK
    )


def found(gateway: StripeGateway, key: str = "k1", customer: str = "cus_1") -> Answer | None:
    return gateway.find_charge(key, customer=customer, since=datetime.now(UTC))


def test_it_charges_what_it_was_asked_to(fake: FakeStripe, stripe: StripeGateway) -> None:
    answer = charge(stripe, fake.method())

    assert (answer.outcome, answer.amount, answer.currency, answer.key) == (Outcome.SUCCEEDED, 5_000, "EUR", "k1")
    made = fake.objects[answer.reference]
    assert (made["amount_received"], made["currency"], made["customer"]) == (5_000, "eur", "cus_1")
    assert made["description"] == "Milestone M-7"
    assert stripe.read_charge(answer.reference) == answer == found(stripe)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("card_declined", "card_declined"),
        ("card_declined:generic_decline", "card_declined"),
        ("card_declined:insufficient_funds", "insufficient_funds"),
        ("card_declined:lost_card", "lost_card"),
        ("card_declined:stolen_card", "lost_card"),
        ("card_declined:authentication_required", "authentication_failed"),
        ("expired_card", "expired_card"),
        ("bank_account_unusable", "source_closed"),
        ("processing_error", "other"),
    ],
)
def test_a_decline_says_why(fake: FakeStripe, stripe: StripeGateway, code: str, reason: str) -> None:
    answer = charge(stripe, fake.method(then=code))

    assert (answer.outcome, answer.reason, answer.amount) == (Outcome.DECLINED, reason, 5_000)
    assert answer.reference in fake.objects
    assert charge(stripe, answer_source(fake, answer)) == answer == found(stripe)
    assert len(fake.all("payment_intent")) == 1


def answer_source(fake: FakeStripe, answer: Answer) -> str:
    return fake.objects[answer.reference]["payment_method"]


def test_a_step_is_named_and_ends_well_or_badly(fake: FakeStripe, stripe: StripeGateway) -> None:
    """P17"""
    source = fake.method(then="step")
    good, bad = charge(stripe, source, "k1"), charge(stripe, source, "k2")
    assert good.outcome == Outcome.NEEDS_STEP
    assert good.step_url == f"{fake.address}/step/{good.reference}"
    assert fake.objects[good.reference]["next_action"]["redirect_to_url"]["return_url"] == BACK

    fake.settle(good.reference)
    fake.settle(bad.reference, {"code": "payment_intent_authentication_failure"})

    assert stripe.read_charge(good.reference).outcome == Outcome.SUCCEEDED
    ended = stripe.read_charge(bad.reference)
    assert (ended.outcome, ended.reason, ended.step_url) == (Outcome.DECLINED, "authentication_failed", "")


def test_a_step_can_be_given_up_but_not_what_has_succeeded(fake: FakeStripe, stripe: StripeGateway) -> None:
    open_, done = charge(stripe, fake.method(then="step"), "k1"), charge(stripe, fake.method(), "k2")

    assert stripe.cancel_charge(open_.reference).outcome == Outcome.CANCELLED
    assert stripe.cancel_charge(open_.reference).outcome == Outcome.CANCELLED
    assert stripe.cancel_charge(done.reference) == done
    with pytest.raises(Refused):
        stripe.cancel_charge("pi_none")


def test_a_bank_debit_is_processing_until_it_is_known(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.method("sepa_debit", then="slow")
    good, bad = charge(stripe, source, "k1"), charge(stripe, source, "k2")
    assert (good.outcome, good.amount) == (Outcome.PROCESSING, 5_000)

    fake.settle(good.reference)
    fake.settle(bad.reference, {"code": "account_closed"})

    assert stripe.read_charge(good.reference).outcome == Outcome.SUCCEEDED
    assert stripe.read_charge(bad.reference).reason == "source_closed"


def test_what_was_received_is_what_counts(fake: FakeStripe, stripe: StripeGateway) -> None:
    answer = charge(stripe, fake.method())
    fake.objects[answer.reference]["amount_received"] = 4_000

    assert stripe.read_charge(answer.reference).amount == 4_000


# --- No answer ---


@pytest.mark.parametrize("fault", [{"drop": True}, {"body": b"<h1>gateway error</h1>"}, {"body": b"{"}, {"body": b""}])
def test_a_charge_whose_answer_is_lost_is_found_and_not_made_again(
    fake: FakeStripe, stripe: StripeGateway, fault: dict[str, Any]
) -> None:
    """P17"""
    source = fake.method()
    fake.next(CHARGES, **fault)
    with pytest.raises(Unreachable):
        charge(stripe, source)

    answer = found(stripe)

    assert answer is not None
    assert answer.outcome == Outcome.SUCCEEDED
    assert charge(stripe, source) == answer
    assert len(fake.all("payment_intent")) == 1


def test_a_failure_after_the_charge_is_remembered_by_the_key_and_found_by_looking(
    fake: FakeStripe, stripe: StripeGateway
) -> None:
    """P17. Stripe repeats its own 500 for the same key, so that asking again is not enough."""
    source = fake.method()
    fake.next(CHARGES, status=500)
    for _ in range(2):
        with pytest.raises(Unreachable):
            charge(stripe, source)

    answer = found(stripe)
    assert answer is not None
    assert answer.outcome == Outcome.SUCCEEDED
    assert len(fake.all("payment_intent")) == 1


def test_a_request_that_never_arrived_is_not_found_and_can_be_made_again(
    fake: FakeStripe, stripe: StripeGateway
) -> None:
    """P17"""
    source = fake.method()
    fake.next(CHARGES, lose=True)
    with pytest.raises(Unreachable):
        charge(stripe, source)

    assert found(stripe) is None
    assert charge(stripe, source).outcome == Outcome.SUCCEEDED


@pytest.mark.parametrize(
    "error",
    [
        Error(500, kind="api_error"),
        Error(503, kind="api_error"),
        Error(429, "rate_limit"),
        Error(409, "idempotency_key_in_use", "idempotency_error"),
        Error(401),
        Error(403),
    ],
)
def test_nothing_is_concluded_from_an_error_that_does_not_say(
    fake: FakeStripe, stripe: StripeGateway, error: Error
) -> None:
    fake.next(CHARGES, error=error)
    fake.next("GET /v1/payment_intents", error=error)

    with pytest.raises(Unreachable):
        charge(stripe, fake.method())
    with pytest.raises(Unreachable):
        found(stripe)


def test_nobody_there_is_no_answer(fake: FakeStripe, settings: Any) -> None:
    fake.__exit__()
    with pytest.raises(Unreachable):
        charge(StripeGateway(), "pm_1")


@pytest.mark.parametrize("fault", [{"delay": 3.0}, {"trickle": 6.0}])
def test_it_waits_no_longer_than_it_was_told(fake: FakeStripe, settings: Any, fault: dict[str, float]) -> None:
    """The whole answer counts, not each piece of it."""
    settings.PAYMENT_TIMEOUT = 1
    impatient, source = StripeGateway(), fake.method()
    fake.next(CHARGES, **fault)
    begun = datetime.now(UTC)

    with pytest.raises(Unreachable):
        charge(impatient, source)

    assert timedelta(seconds=0.9) < datetime.now(UTC) - begun < timedelta(seconds=2)
    assert fake.asked.count(CHARGES) == 1  # the library did not try again by itself
    answer = found(impatient)
    assert answer is not None
    assert answer.outcome == Outcome.SUCCEEDED


# --- Once a key ---


def test_the_same_key_charges_once_and_another_twice(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.method()

    assert charge(stripe, source, "k1") == charge(stripe, source, "k1") != charge(stripe, source, "k2")
    assert len(fake.all("payment_intent")) == 2


def test_many_at_once_with_one_key_charge_once(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.method()
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(charge(stripe, source))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [found(stripe)] * 8
    assert len(fake.all("payment_intent")) == 1


def test_the_same_key_for_something_else_is_an_error(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.method()
    answer = charge(stripe, source)

    with pytest.raises(KeyConflict):
        charge(stripe, source, amount=5_001)
    with pytest.raises(KeyConflict):
        stripe.refund(key="k1", charge=answer.reference, amount=1, currency="EUR")
    assert len(fake.all("payment_intent")) == 1


def test_of_several_charges_with_a_key_the_one_that_took_money_is_found(
    fake: FakeStripe, stripe: StripeGateway
) -> None:
    """Stripe forgets keys after a day."""
    for then in ("slow", "succeeds", "expired_card"):
        charge(stripe, fake.method(then=then))
        fake.answers.clear()

    answer = found(stripe)
    assert answer is not None
    assert answer.outcome == Outcome.SUCCEEDED


def test_a_charge_is_found_on_any_page_and_only_with_its_own_customer(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.method()
    for number in range(7):
        charge(stripe, source, f"k{number}")
    fake.page = 3
    fake.asked.clear()

    first = found(stripe, "k0")

    assert first is not None
    assert first.key == "k0"
    assert fake.asked.count("GET /v1/payment_intents") == 3
    assert found(stripe, "k0", customer="") == first
    assert found(stripe, "k0", customer="cus_2") is None
    assert stripe.find_charge("k0", customer="cus_1", since=datetime.now(UTC) + timedelta(hours=1)) is None


# --- Refused ---


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Error(400, "amount_too_small"), "less than"),
        (Error(400, "amount_too_large"), "more than"),
        (Error(404, "resource_missing"), "does not know"),
        (Error(400, "parameter_invalid"), "refused"),
        (Error(402, "card_declined", "card_error"), "refused"),  # without a charge that it is about
    ],
)
def test_a_refusal_has_words(fake: FakeStripe, stripe: StripeGateway, error: Error, words: str) -> None:
    fake.next(CHARGES, error=error)
    with pytest.raises(Refused, match=words):
        charge(stripe, fake.method())


def test_a_forgotten_source_is_not_charged(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.method()
    stripe.forget(source)
    stripe.forget(source)
    stripe.forget("pm_none")

    with pytest.raises(Refused):
        charge(stripe, source)
    with pytest.raises(Refused):
        stripe.read_charge("pi_none")


# --- Giving back ---


def test_it_gives_back_once_a_key_and_never_more_than_was_charged(fake: FakeStripe, stripe: StripeGateway) -> None:
    charged = charge(stripe, fake.method())
    first = stripe.refund(key="r1", charge=charged.reference, amount=3_000, currency="EUR")

    assert (first.outcome, first.amount, first.currency, first.key) == (Outcome.SUCCEEDED, 3_000, "EUR", "r1")
    assert stripe.refund(key="r1", charge=charged.reference, amount=3_000, currency="EUR") == first
    with pytest.raises(Refused):
        stripe.refund(key="r2", charge=charged.reference, amount=2_001, currency="EUR")
    assert stripe.balances() == {"EUR": 2_000}
