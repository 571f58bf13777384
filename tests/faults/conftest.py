"""A provider over real HTTP for the process of the tests, and a server to break for processes of their own."""

import re
from collections.abc import Iterator

import pytest

from finances.payments.gateways.base import by_name
from tests.config.server import Server
from tests.faults.place import Place
from tests.finances.payments.fake_stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """A PostgreSQL that a test may restart."""
    server = Server()
    yield server
    server.close()


@pytest.fixture
def place(server: Server, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A site in a database of its own, at a provider of its own."""
    with Place(server, re.sub(r"\W", "_", request.node.name)) as place:
        yield place


@pytest.fixture
def stripe(settings) -> Iterator[FakeStripe]:
    """The provider of this process is Stripe, at an address of this machine."""
    by_name.cache_clear()
    with FakeStripe() as fake:
        settings.PAYMENT_GATEWAY, settings.STRIPE_API_BASE, settings.PAYMENT_TIMEOUT = "stripe", fake.address, 5
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = SECRET_KEY, WEBHOOK_SECRET
        settings.WITHDRAWAL_PAUSE = 0
        yield fake
    by_name.cache_clear()
