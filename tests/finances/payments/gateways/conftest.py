"""For the tests of the Stripe gateway: a Stripe on this machine, and the gateway that talks to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from finances.payments.gateways.base import by_name
from finances.payments.gateways.stripe import StripeGateway
from tests.finances.payments.fake_stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe


@pytest.fixture(autouse=True)
def _with_the_settings_of_each_test() -> Iterator[None]:
    """A gateway reads its settings when it is made, and is made once."""
    by_name.cache_clear()
    yield
    by_name.cache_clear()


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = SECRET_KEY, WEBHOOK_SECRET
        settings.STRIPE_API_BASE, settings.PAYMENT_TIMEOUT = fake.address, 5
        yield fake


@pytest.fixture
def stripe(fake: FakeStripe) -> StripeGateway:
    return StripeGateway()
