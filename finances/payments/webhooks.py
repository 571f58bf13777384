"""What the provider tells by itself. A webhook is never believed: it says which object to read again."""

import contextlib
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from finances.payments import adding, charging, jobs, withdrawing
from finances.payments.gateways import Refused, gateway
from finances.payments.models import Delivery, Payment, PaymentSource, PayoutDestination, Withdrawal


def receive(name: str, body: bytes, headers: Mapping[str, str]) -> tuple[Delivery, bool]:
    """Check the signature of a webhook and store it; return the row, and whether it is the first of its event.

    The job that handles it is deferred in the same transaction. Raises BadSignature, and KeyError for an unknown
    provider.
    """
    notice = gateway(name).webhook(body, headers)
    with transaction.atomic():
        delivery, first = Delivery.objects.get_or_create(
            gateway=name,
            event_id=notice.event_id,
            defaults={"kind": notice.kind, "reference": notice.reference, "key": notice.key},
        )
        if first:
            jobs.handle_later(delivery)
        else:
            Delivery.objects.filter(pk=delivery.pk).update(times=F("times") + 1)
    return delivery, first


def handle(delivery_id: int) -> bool:
    """Read again what the delivery is about, and apply it. Returns whether it is about something of ours.

    Raises Unreachable. Must not be called within a transaction.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.handled_at:
        return True
    try:
        ours = _read_again(delivery)
    except Refused:  # the provider itself does not know what it told us of
        ours = False
    Delivery.objects.filter(pk=delivery.pk).update(handled_at=timezone.now())
    return ours


def _read_again(delivery: Delivery) -> bool:
    """Ask the provider for the object. Whose it is says the key that the object carries, not the webhook."""
    provider = gateway(delivery.gateway)
    if delivery.kind == "charge" and delivery.reference:
        answer = provider.read_charge(delivery.reference)
        payment = Payment.objects.filter(gateway=delivery.gateway, key__in=our_keys([answer.key])).first()
        if payment:
            charging.settle(payment.pk, answer)
        return payment is not None
    if delivery.kind == "payout" and delivery.reference:
        answer = provider.read_payout(delivery.reference)
        withdrawal = Withdrawal.objects.filter(gateway=delivery.gateway, key__in=our_keys([answer.key])).first()
        if withdrawal:
            withdrawing.settle(withdrawal.pk, answer)
        return withdrawal is not None
    if delivery.kind == "setup" and delivery.reference:
        for model in (PaymentSource, PayoutDestination):
            instrument = model.objects.filter(gateway=delivery.gateway, setup=delivery.reference).first()
            if instrument:
                adding.finish(instrument)
                return True
    return False


def our_keys(words: Iterable[str]) -> list[UUID]:
    """Return those of *words* that can be keys of our intents: a provider's books have lines of others, too."""
    keys = []
    for word in words:
        with contextlib.suppress(ValueError):
            keys.append(UUID(word))
    return keys
