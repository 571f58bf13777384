"""Webhooks: stored once, never believed, read again at the provider."""

import random
from dataclasses import replace

import pytest

from finances.ledger.models import Account
from finances.payments import charging, webhooks, withdrawing
from finances.payments.gateways import BadSignature, Outcome, Saved, Unreachable
from finances.payments.models import Delivery, Instrument, PaymentSource
from finances.payments.reconciliation import settle_open
from tests.finances.payments.test_charging import begin
from tests.finances.payments.test_withdrawing import ask, due

pytestmark = pytest.mark.django_db


def receive(event: str, kind: str, reference: str) -> tuple[Delivery, bool]:
    return webhooks.receive("sandbox", f"signed {event} {kind} {reference}".encode(), {})


def test_a_webhook_settles_what_had_no_answer(card, erin, provider):
    provider.lose = 1
    payment = charging.charge(begin(card))
    reference = provider.charges[str(payment.key)].reference
    delivery, first = receive("e1", "charge", reference)
    assert first
    assert webhooks.handle(delivery.pk)
    assert Account.wallet(erin.pk, "EUR").balance == 20_000
    delivery.refresh_from_db()
    assert delivery.handled_at


def test_a_webhook_is_stored_once_and_has_one_effect(card, erin, provider):
    payment = charging.charge(begin(card))
    for number in range(5):
        delivery, first = receive("e1", "charge", payment.reference)
        assert first == (number == 0)
        assert webhooks.handle(delivery.pk)
    assert Delivery.objects.get().times == 5
    assert Account.wallet(erin.pk, "EUR").balance == 20_000
    assert provider.calls == ["charge", "read_charge"]


def test_nothing_is_stored_of_what_is_not_signed(provider):
    for body in (b"", b"forged e1 charge charge-1", b"\xff\xfe"):
        with pytest.raises((BadSignature, UnicodeDecodeError)):
            webhooks.receive("sandbox", body, {})
    assert not Delivery.objects.exists()


def test_a_webhook_about_something_of_nobody_moves_nothing(card, provider):
    for event, kind, reference in (("e1", "charge", "nothing"), ("e2", "payout", "nothing"), ("e3", "other", "x")):
        delivery, _first = receive(event, kind, reference)
        assert not webhooks.handle(delivery.pk)
    assert not Delivery.objects.filter(handled_at=None).exists()


def test_it_is_believed_only_what_the_provider_says_when_it_is_asked(card, erin, provider):
    """A webhook of a success, while the provider itself says that the charge needs a step."""
    provider.next = Outcome.NEEDS_STEP
    payment = charging.charge(begin(card))
    delivery, _first = receive("payment-succeeded", "charge", payment.reference)
    webhooks.handle(delivery.pk)
    payment.refresh_from_db()
    assert payment.state == "needs_step"


def test_of_a_payout_and_of_a_setup(account, erin, wes, fund, provider):
    fund(wes)
    provider.next = Outcome.PROCESSING
    withdrawal = withdrawing.send(due(ask(account)))
    provider.ends(provider.payouts, withdrawal.key, Outcome.SUCCEEDED)
    webhooks.handle(receive("e1", "payout", withdrawal.reference)[0].pk)
    withdrawal.refresh_from_db()
    assert withdrawal.state == "paid"
    source = PaymentSource.objects.create(owner=erin, gateway="sandbox", setup="setup-77", kind="card")
    webhooks.handle(receive("e2", "setup", "setup-77")[0].pk)
    source.refresh_from_db()
    assert source.state == Instrument.State.ADDING
    provider.saved["setup-77"] = Saved("card-9", "card", "Visa", "4242", "12/2030", "", verified=False)
    webhooks.handle(receive("e3", "setup", "setup-77")[0].pk)
    source.refresh_from_db()
    assert (source.state, source.last4) == (Instrument.State.UNVERIFIED, "4242")


def test_while_the_provider_is_down_it_waits_and_is_handled_later(card, erin, provider):
    provider.lose = 1
    payment = charging.charge(begin(card))
    delivery, _first = receive("e1", "charge", provider.charges[str(payment.key)].reference)
    provider.down = True
    with pytest.raises(Unreachable):
        webhooks.handle(delivery.pk)
    provider.down = False
    Delivery.objects.update(received_at="2026-01-01T00:00Z")
    assert settle_open() == 1
    assert Account.wallet(erin.pk, "EUR").balance == 20_000


def test_500_webhooks_in_any_order_any_number_of_times(card, erin, provider):
    """Duplicated, reordered, late, before our own answer: each charge is credited once, whatever comes."""
    provider.lose = 25
    payments = [charging.charge(begin(card, 1_000 + number)) for number in range(50)]
    provider.lose = 0
    dice = random.Random(7)
    known = {str(p.key): provider.charges[str(p.key)].reference for p in payments}
    events = [(f"{reference}-{n}", reference) for reference in known.values() for n in range(4)]
    arriving = [dice.choice(events) for _ in range(500)]
    for event, reference in arriving:
        webhooks.handle(receive(event, "charge", reference)[0].pk)
    settled = [charging.look_up(payment).state for payment in payments]
    assert settled == ["succeeded"] * 50
    assert Account.wallet(erin.pk, "EUR").balance == sum(1_000 + number for number in range(50))
    assert Delivery.objects.count() == len(set(arriving))


def test_a_delivery_is_handled_by_a_job_of_its_transaction(provider):
    from procrastinate.contrib.django.models import ProcrastinateJob

    delivery, _first = receive("e1", "other", "x")
    receive("e1", "other", "x")
    jobs = ProcrastinateJob.objects.filter(task_name="finances.payments.tasks.handle_delivery")
    assert [job.args for job in jobs] == [{"delivery_id": delivery.pk}]


def test_a_key_that_is_no_key_of_ours_is_nobodys(card, provider):
    payment = charging.charge(begin(card))
    provider.charges["not a key"] = replace(provider.charges.pop(str(payment.key)), key="not a key")
    assert not webhooks.handle(receive("e1", "charge", payment.reference)[0].pk)
