"""Adding a payment source or payout account: on the provider's page, then back."""

from typing import TypeVar

from django.conf import settings
from django.urls import reverse

from accounts.models import Member
from config.refusals import WrongState
from finances.payments.gateways import gateway
from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from finances.payments.models.instruments import too_many

T = TypeVar("T", bound=Instrument)


def begin_source(owner: Member, *, kind: str, currency: str = "") -> PaymentSource:
    """Begin to add a source of *kind* ("card", "bank"); its ``setup_url`` is the provider's page to go to.

    WrongState where the member has too many; Refused and Unreachable from the provider. Not within a transaction.
    """
    _refuse_too_many(owner, PaymentSource)
    back = settings.SITE_URL + reverse("payments:source-back")
    provider = gateway()
    setup = provider.begin_source(owner_id=owner.pk, email=owner.email, kind=kind, currency=currency, back=back)
    source: PaymentSource = PaymentSource.objects.create(
        owner=owner, gateway=provider.name, setup=setup.reference, setup_url=setup.url, kind=kind, currency=currency
    )
    return source


def begin_destination(owner: Member, *, currency: str) -> PayoutDestination:
    """Begin to add an account for payouts in *currency*; otherwise as ``begin_source``."""
    _refuse_too_many(owner, PayoutDestination)
    back = settings.SITE_URL + reverse("payments:destination-back")
    provider = gateway()
    setup = provider.begin_destination(owner_id=owner.pk, email=owner.email, currency=currency, back=back)
    destination: PayoutDestination = PayoutDestination.objects.create(
        owner=owner,
        gateway=provider.name,
        setup=setup.reference,
        setup_url=setup.url,
        kind=Instrument.Kind.BANK,
        currency=currency,
    )
    return destination


def finish(instrument: T) -> T:
    """Keep what the provider saved, if the member has finished adding it, and return it. Any number of times.

    Raises Unreachable. Not within a transaction.
    """
    if instrument.state in (Instrument.State.ADDING, Instrument.State.UNVERIFIED):
        saved = gateway(instrument.gateway).finished(instrument.setup)
        if saved is not None:
            instrument.save_what(saved)
    return instrument


def _refuse_too_many(owner: Member, model: type[Instrument]) -> None:
    words = too_many(owner, model)
    if words:
        raise WrongState(words)
