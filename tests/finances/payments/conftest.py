"""What members have saved at the provider."""

from collections.abc import Callable

import pytest

from django.test import Client

from accounts.models import Member
from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from tests.finances.payments.memory import saved
from tests.finances.payments.refunds import of_finance


@pytest.fixture
def card(erin, provider) -> PaymentSource:
    """Erin's verified card."""
    return saved(PaymentSource, erin)


@pytest.fixture
def account(wes, provider) -> PayoutDestination:
    """Wes's verified account for euros."""
    return saved(PayoutDestination, wes, kind="bank", brand="Testbank", last4="7890", currency="EUR")


@pytest.fixture
def another() -> Callable[..., Instrument]:
    """``another(PaymentSource, erin, currency="USD")`` is one more."""
    return saved


@pytest.fixture
def finn(settings) -> Member:
    """One of the group finance, who gives back alone what is under review here."""
    settings.CORRECTION_ALONE_LIMIT = {"EUR": 1_000_000, "USD": 1_000_000}
    return of_finance("Finn")


@pytest.fixture
def trusted(signed_in, settings) -> Callable[[Member], Client]:
    """``trusted(wes)`` is a browser in which Wes is signed in and typed his password again just now."""
    settings.ACCOUNT_RATE_LIMITS = False

    def trusted(member: Member) -> Client:
        client: Client = signed_in(member)
        assert client.post("/accounts/reauthenticate/", {"password": "secret"}).status_code == 302
        return client

    return trusted
