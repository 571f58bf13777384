"""A provider over real HTTP for the process of the tests, and a server to break for processes of their own."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from accounts.models import Member
from config import retry
from finances.payments.gateways.base import by_name
from finances.payments.models import PaymentSource, PayoutDestination
from tests.config.server import Server
from tests.faults.place import Place, migrate
from tests.finances.payments.fake_stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe
from tests.finances.payments.memory import saved


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """A PostgreSQL that a test may restart."""
    server = Server()
    migrate(server)
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


@pytest.fixture
def given_up(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses after deadlocks and serialization failures: one for each time that a verb had to begin again."""
    pauses: list[float] = []
    monkeypatch.setattr(retry, "time", SimpleNamespace(sleep=pauses.append))
    return pauses


@pytest.fixture
def card(erin: Member, stripe: FakeStripe) -> PaymentSource:
    """Erin's, which pays at once."""
    return saved(PaymentSource, erin, gateway="stripe", reference=stripe.method(), customer="cus_1")


@pytest.fixture
def slow(erin: Member, stripe: FakeStripe) -> PaymentSource:
    """Erin's, of which the bank says later whether it pays."""
    return saved(PaymentSource, erin, gateway="stripe", reference=stripe.method(then="slow"), customer="cus_1")


@pytest.fixture
def accounts(wes: Member, stripe: FakeStripe) -> list[PayoutDestination]:
    """Wes's two for euros."""
    made = []
    for _each in range(2):
        account = stripe.make("account", "acct", metadata={}, capabilities={}, default_currency="eur")
        stripe.onboard(account["id"])
        made.append(
            saved(PayoutDestination, wes, kind="bank", gateway="stripe", reference=account["id"], currency="EUR")
        )
    return made
