"""A provider in memory, and what members have saved there."""

from collections.abc import Callable

import pytest

from accounts.models import Member
from finances.payments.gateways import base
from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from tests.finances.payments.memory import MemoryGateway


@pytest.fixture
def provider(monkeypatch) -> MemoryGateway:
    """The only provider there is."""
    provider = MemoryGateway()
    monkeypatch.setattr(base, "by_name", lambda name: provider)
    return provider


def saved(model: type[Instrument], owner: Member, **fields: object) -> Instrument:
    """A verified instrument of *owner*, as the provider's page leaves it."""
    number = model.objects.count() + 1
    fields = {
        "gateway": "sandbox",
        "setup": f"{model.__name__}-{number}",
        "reference": f"reference-{number}",
        "kind": "card",
        "brand": "Visa",
        "last4": "4242",
        "state": Instrument.State.VERIFIED,
        "place": number,
        **fields,
    }
    return model.objects.create(owner=owner, **fields)


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
