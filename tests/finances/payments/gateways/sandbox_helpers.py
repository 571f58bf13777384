"""Sources and destinations at the sandbox, as if their owner had added them on its pages."""

from finances.payments.gateways import gateway
from finances.payments.sandbox import BANKS, CARDS, PAYOUT_ACCOUNTS, Behaviour
from finances.payments.sandbox.models import SandboxInstrument, SandboxSetup

SANDBOX = gateway("sandbox")


def added(use: str, kind: str, behaviour: str, currency: str = "", owner_id: int = 1) -> SandboxInstrument:
    """Go through a setup of the test card or account with this behaviour."""
    if use == "destination":
        begun = SANDBOX.begin_destination(owner_id=owner_id, email="", currency=currency, back="/back/")
    else:
        begun = SANDBOX.begin_source(owner_id=owner_id, email="", kind=kind, currency=currency, back="/back/")
    setup = SandboxSetup.objects.get(reference=begun.reference)
    return setup.add(next(each for each in setup.choices if each.behaviour == behaviour))


def card(behaviour: str = Behaviour.SUCCEEDS, verified: bool = True, owner_id: int = 1) -> SandboxInstrument:
    made = added("source", "card", behaviour, owner_id=owner_id)
    return _verified(made) if verified else made


def bank(behaviour: str = Behaviour.SLOW, currency: str = "EUR") -> SandboxInstrument:
    return _verified(added("source", "bank", behaviour, currency))


def payout_account(behaviour: str = Behaviour.SUCCEEDS, currency: str = "EUR") -> SandboxInstrument:
    return added("destination", "bank", behaviour, currency)


def _verified(made: SandboxInstrument) -> SandboxInstrument:
    assert SANDBOX.verify(made.reference, made.code)
    return made


ALL = [*CARDS, *BANKS, *PAYOUT_ACCOUNTS]
