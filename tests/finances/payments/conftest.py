"""What members have saved at the provider."""

from collections.abc import Callable

import pytest

from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from tests.finances.payments.memory import saved


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
