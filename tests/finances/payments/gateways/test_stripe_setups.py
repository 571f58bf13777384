"""Adding sources and destinations at Stripe: on its own pages, so that no number reaches this site (P16)."""

from typing import Any

import pytest

from finances.payments.gateways import Refused, Saved
from finances.payments.gateways.stripe import StripeGateway
from tests.finances.payments.fake_stripe import Error, FakeStripe

pytestmark = pytest.mark.django_db

BACK = "https://milepost.example/payments/sources/"


def begin(stripe: StripeGateway, kind: str = "card", currency: str = "EUR", email: str = "erin@example.com") -> Any:
    return stripe.begin_source(owner_id=7, email=email, kind=kind, currency=currency, back=BACK)


def test_a_card_is_saved_by_stripes_own_page(fake: FakeStripe, stripe: StripeGateway) -> None:
    begun = begin(stripe)
    session = fake.objects[begun.reference]
    assert begun.url == session["url"]
    assert (session["mode"], session["payment_method_types"], session["success_url"]) == ("setup", ["card"], BACK)
    assert fake.objects[session["customer"]]["email"] == "erin@example.com"
    assert stripe.finished(begun.reference) is None

    source = fake.finish(begun.reference)

    customer = session["customer"]
    assert stripe.finished(begun.reference) == Saved(
        source, "card", "Visa", "4242", "04/2031", "", verified=True, customer=customer
    )


@pytest.mark.parametrize(
    ("currency", "kind"), [("EUR", "sepa_debit"), ("USD", "us_bank_account"), ("GBP", "bacs_debit")]
)
def test_a_bank_account_is_saved_in_its_currency(
    fake: FakeStripe, stripe: StripeGateway, currency: str, kind: str
) -> None:
    begun = begin(stripe, "bank", currency)
    assert fake.objects[begun.reference]["payment_method_types"] == [kind]

    fake.finish(begun.reference)

    saved = stripe.finished(begun.reference)
    assert saved is not None
    assert (saved.kind, saved.currency, saved.last4, saved.expires) == ("bank", currency, "6789", "")


def test_bank_accounts_that_stripe_does_not_debit_are_refused(fake: FakeStripe, stripe: StripeGateway) -> None:
    for currency in ("JPY", ""):
        with pytest.raises(Refused, match="no bank accounts"):
            begin(stripe, "bank", currency)


@pytest.mark.parametrize("status", ["processing", "requires_payment_method", "canceled"])
def test_what_is_not_usable_is_not_saved(fake: FakeStripe, stripe: StripeGateway, status: str) -> None:
    begun = begin(stripe)
    fake.finish(begun.reference, status=status)
    assert stripe.finished(begun.reference) is None
    assert stripe.finished("cs_none") is None


def test_a_bank_account_may_wait_for_a_code(fake: FakeStripe, stripe: StripeGateway) -> None:
    """P16"""
    begun = begin(stripe, "bank", "USD")
    source = fake.finish(begun.reference, status="requires_action")
    saved = stripe.finished(begun.reference)
    assert saved is not None
    assert not saved.verified

    assert not stripe.verify(source, "SM99ZZ")
    assert stripe.verify(source, " sm11aa ")
    assert stripe.verify(source, "anything")  # it is verified by now

    saved = stripe.finished(begun.reference)
    assert saved is not None
    assert saved.verified


def test_or_for_two_small_amounts(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.finish(begin(stripe, "bank", "USD").reference, status="requires_action")

    assert not stripe.verify(source, "32 and 44")
    assert stripe.verify(source, "32, 45")


def test_too_many_wrong_codes_are_refused(fake: FakeStripe, stripe: StripeGateway) -> None:
    source = fake.finish(begin(stripe, "bank", "USD").reference, status="requires_action")
    for _ in range(10):
        assert not stripe.verify(source, "SM99ZZ")
    with pytest.raises(Refused, match="too often"):
        stripe.verify(source, "SM11AA")
    with pytest.raises(Refused, match="can’t be verified"):
        stripe.verify("pm_none", "SM11AA")


def test_a_member_is_one_customer_for_as_long_as_their_address_stays(fake: FakeStripe, stripe: StripeGateway) -> None:
    for email in ("erin@example.com", "erin@example.com", "vogel@example.com"):
        begin(stripe, email=email)

    assert [each["email"] for each in fake.all("customer")] == ["erin@example.com", "vogel@example.com"]


def test_a_destination_is_a_connected_account(fake: FakeStripe, stripe: StripeGateway) -> None:
    begun = stripe.begin_destination(owner_id=7, email="wes@example.com", currency="EUR", back=BACK)
    account = fake.objects[begun.reference]
    assert begun.url == f"{fake.address}/onboard/{account['id']}"
    assert account["controller"]["stripe_dashboard"] == {"type": "express"}
    assert stripe.finished(begun.reference) is None

    fake.onboard(begun.reference, usable=False)
    saved = stripe.finished(begun.reference)
    assert saved is not None
    assert not saved.verified

    fake.onboard(begun.reference)
    assert stripe.finished(begun.reference) == Saved(account["id"], "bank", "TEST BANK", "3000", "", "EUR", True)


def test_an_error_while_adding_is_told(fake: FakeStripe, stripe: StripeGateway) -> None:
    fake.next("POST /v1/checkout/sessions", error=Error(400, "parameter_invalid"))
    with pytest.raises(Refused):
        begin(stripe)
