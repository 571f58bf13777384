"""Amounts as Stripe writes them, for currencies with 0, 2 and 3 decimals and those that it treats in its own way."""

import pytest
from moneyed import CURRENCIES

from finances.payments.gateways import Outcome, Refused
from finances.payments.gateways.stripe import StripeGateway
from finances.payments.gateways.stripe_amounts import (
    NO_DECIMALS,
    THREE_DECIMALS,
    WHOLE_BUT_WRITTEN_WITH_TWO,
    from_stripe,
    to_stripe,
)
from tests.finances.payments.fake_stripe import FakeStripe
from tests.finances.payments.gateways.test_stripe_charges import charge


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (1_234, "EUR", 1_234),  # 12.34
        (1, "USD", 1),
        (500, "JPY", 500),
        (1_234_560, "TND", 1_234_560),  # 1,234.560
        (5, "ISK", 500),  # no decimals, written with two
        (5, "UGX", 500),
        (1_200, "MGA", 12),  # two decimals in ISO 4217, none at Stripe
        (1_234, "HUF", 1_234),
        (100_000_000_000_000, "EUR", 100_000_000_000_000),
    ],
)
def test_amounts_are_written_exactly_and_read_back(minor: int, currency: str, written: int) -> None:
    assert to_stripe(minor, currency) == written
    assert from_stripe(written, currency) == from_stripe(written, currency.lower()) == minor
    assert from_stripe(-written, currency) == -minor


@pytest.mark.parametrize(("minor", "currency"), [(1_234, "TND"), (5, "KWD"), (1_250, "MGA")])
def test_what_stripe_can_not_express_is_refused_with_words(minor: int, currency: str) -> None:
    with pytest.raises(Refused, match=currency):
        to_stripe(minor, currency)


@pytest.mark.parametrize("currency", ["IQD", "LYD", "CLF", "UYW"])
def test_a_currency_that_stripe_does_not_know_is_refused(currency: str) -> None:
    with pytest.raises(Refused, match=currency):
        to_stripe(1_000, currency)


def test_what_is_no_whole_minor_unit_is_not_read() -> None:
    with pytest.raises(ValueError, match="ISK"):
        from_stripe(150, "isk")


def test_every_special_currency_is_one() -> None:
    special = NO_DECIMALS | THREE_DECIMALS | WHOLE_BUT_WRITTEN_WITH_TWO
    assert special <= set(CURRENCIES)
    assert len(special) == len(NO_DECIMALS) + len(THREE_DECIMALS) + len(WHOLE_BUT_WRITTEN_WITH_TWO)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minor", "currency", "written"), [(500, "JPY", 500), (1_230, "TND", 1_230), (5, "ISK", 500), (1_299, "GBP", 1_299)]
)
def test_a_charge_and_its_refund_are_asked_and_told_in_our_units(
    fake: FakeStripe, stripe: StripeGateway, minor: int, currency: str, written: int
) -> None:
    answer = charge(stripe, fake.method(), amount=minor, currency=currency)

    assert (answer.outcome, answer.amount, answer.currency) == (Outcome.SUCCEEDED, minor, currency)
    assert fake.objects[answer.reference]["amount"] == written
    assert stripe.balances() == {currency: minor}
    assert stripe.refund(key="r1", charge=answer.reference, amount=minor, currency=currency).amount == minor


@pytest.mark.django_db
def test_nothing_is_asked_for_an_amount_that_can_not_be_expressed(fake: FakeStripe, stripe: StripeGateway) -> None:
    with pytest.raises(Refused):
        charge(stripe, fake.method(), amount=1_234, currency="TND")
    assert fake.asked == []
