"""A payment source is charged once, and what comes of it is applied once (P16, P17, P51)."""

import uuid
from datetime import timedelta

import pytest

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Notification
from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from finances.ledger.models import Account, Transfer
from finances.ledger.verification import verify
from finances.payments import charging
from finances.payments.gateways import Outcome, Refused, Unreachable
from finances.payments.models import Instrument, Payment, PaymentEvent, PaymentSource
from tests.finances.payments.refunds import give_back

pytestmark = pytest.mark.django_db


def begin(card, amount=20_000, **more) -> Payment:
    return charging.begin(card, amount, "EUR", by=card.owner, key=more.pop("key", uuid.uuid4()), **more)


def wallet_of(member, currency="EUR") -> int:
    return Account.wallet(member.pk, currency).balance


def clearing(currency="EUR") -> int:
    return Account.platform(Account.Kind.CLEARING, currency).true_balance()


def asked_earlier(payment: Payment, by: timedelta) -> Payment:
    """*payment* as if the provider had been asked that much earlier."""
    Payment.objects.filter(pk=payment.pk).update(asked_at=timezone.now() - by)
    return Payment.objects.get(pk=payment.pk)


def test_p51_a_deposit_arrives_in_the_wallet(card, erin, provider):
    payment = charging.charge(begin(card))
    assert payment.state == "succeeded"
    assert (wallet_of(erin), clearing()) == (20_000, -20_000)
    assert payment.transfer.kind == Transfer.Kind.DEPOSIT
    assert payment.transfer.key == payment.key
    assert list(payment.events.order_by("id").values_list("action", flat=True)) == ["created", "succeeded"]
    assert Notification.objects.filter(member=erin, kind="payment-succeeded").count() == 1
    assert provider.calls == ["charge"]
    assert verify() == []


def test_p51_nothing_is_charged_before_the_intent_is_there(card, provider):
    payment = begin(card)
    assert provider.calls == []
    assert payment.state == "created"
    assert payment.asked_at is None


def test_the_same_key_is_the_same_payment(card, erin, provider):
    key = uuid.uuid4()
    first, second = begin(card, key=key), begin(card, key=key)
    assert first.pk == second.pk
    charging.charge(first)
    charging.charge(second)
    assert provider.calls == ["charge"]
    assert wallet_of(erin) == 20_000
    with pytest.raises(KeyConflict):
        begin(card, 20_001, key=key)


def test_p16_what_is_not_verified_is_never_charged(card, erin, sam, provider):
    sources = PaymentSource.objects.filter(pk=card.pk)
    for fields in (
        {"state": Instrument.State.UNVERIFIED},
        {"state": Instrument.State.ADDING},
        {"state": Instrument.State.REMOVED},
        {"state": Instrument.State.VERIFIED, "currency": "USD"},
        {"currency": "", "gateway": "stripe"},
    ):
        sources.update(**fields)
        with pytest.raises(WrongState):
            begin(card)
    sources.update(gateway="sandbox")
    with pytest.raises(PermissionDenied):
        charging.begin(card, 100, "EUR", by=sam, key=uuid.uuid4())
    with pytest.raises(WrongState):
        begin(card, seen=Seen("", expired=True))
    assert not Payment.objects.exists()
    assert provider.calls == []
    begin(card)


def test_p17_a_declined_charge_moves_nothing(card, erin, provider):
    provider.next = Outcome.DECLINED
    payment = charging.charge(begin(card))
    assert (payment.state, payment.reason) == ("declined", "card_declined")
    assert wallet_of(erin) == clearing() == 0
    assert Notification.objects.get(member=erin).kind == "payment-declined"
    assert verify() == []


def test_p17_a_refused_request_is_a_declined_payment_with_the_providers_words(card, provider):
    provider.next = Refused("This card was removed.")
    payment = charging.charge(begin(card))
    assert payment.state == "declined"
    assert payment.events.latest("id").note == "This card was removed."


def test_p17_a_step_at_the_bank_leaves_it_open_until_it_is_taken(card, erin, provider):
    provider.next = Outcome.NEEDS_STEP
    payment = charging.charge(begin(card))
    assert (payment.state, payment.step_url) == ("needs_step", "https://bank.example/step")
    assert wallet_of(erin) == 0
    assert charging.look_up(payment).state == "needs_step"
    assert payment.events.filter(action="needs_step").count() == 1
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
    assert charging.look_up(payment).state == "succeeded"
    assert charging.look_up(payment).state == "succeeded"
    assert (wallet_of(erin), clearing()) == (20_000, -20_000)


def test_p17_a_lost_answer_is_found_by_key_and_settled_once(card, erin, provider):
    provider.lose = 1
    payment = charging.charge(begin(card))
    assert payment.state == "created"
    assert wallet_of(erin) == 0
    assert charging.charge(payment).state == "created", "what was asked for is looked up, and never asked for again"
    for _again in range(3):
        assert charging.look_up(payment).state == "succeeded"
    assert provider.calls == ["charge", "find_charge", "find_charge", "find_charge"]
    assert wallet_of(erin) == 20_000
    assert len(provider.charges) == 1


def test_p17_what_the_provider_never_heard_of_fails_after_a_while(card, erin, provider):
    provider.down = True
    payment = charging.charge(begin(card))
    assert payment.state == "created"
    with pytest.raises(Unreachable):
        charging.look_up(payment)
    provider.down = False
    assert charging.look_up(payment).state == "created", "the request may still be under way"
    payment = charging.look_up(asked_earlier(payment, charging.NEVER_SENT + timedelta(seconds=1)))
    assert (payment.state, payment.reason) == ("declined", "never_sent")


def test_money_that_comes_after_all_is_not_lost(card, erin, provider):
    provider.next = Outcome.DECLINED
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
    assert charging.look_up(payment).state == "succeeded"
    assert wallet_of(erin) == 20_000
    assert Notification.objects.filter(member=erin, kind="payment-late").count() == 1
    assert verify() == []


def test_a_success_is_never_taken_back_by_a_late_answer(card, erin, provider):
    payment = charging.charge(begin(card))
    for outcome in (Outcome.PROCESSING, Outcome.NEEDS_STEP, Outcome.DECLINED, Outcome.CANCELLED):
        provider.ends(provider.charges, payment.key, outcome)
        assert charging.look_up(payment).state == "succeeded"
    assert wallet_of(erin) == 20_000
    assert payment.events.count() == 2


@pytest.mark.parametrize(("amount", "currency"), [(20_001, "EUR"), (19_999, "EUR"), (20_000, "USD")])
def test_p17_another_sum_than_was_asked_for_credits_nobody(card, erin, finn, provider, amount, currency):
    provider.next = Outcome.PROCESSING
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=amount, currency=currency)
    payment = charging.look_up(payment)
    assert (payment.state, payment.taken_amount, payment.taken_currency) == ("review", amount, currency)
    assert wallet_of(erin) == clearing() == 0
    assert Notification.objects.filter(member=erin, kind="payment-review").exists()
    with pytest.raises(PermissionDenied):
        give_back(payment, by=erin)
    provider.next = Outcome.SUCCEEDED
    payment = give_back(payment, by=finn)
    assert payment.state == "refunded"
    with pytest.raises(WrongState):
        give_back(payment, by=finn)
    (refund,) = provider.refunds.values()
    assert (refund.amount, refund.currency) == (amount, currency)
    assert charging.look_up(payment).state == "refunded"
    assert verify() == []


def test_giving_up_asks_the_provider_first(card, erin, sam, provider):
    provider.next = Outcome.NEEDS_STEP
    payment = charging.charge(begin(card))
    with pytest.raises(PermissionDenied):
        charging.give_up(payment, by=sam)
    provider.down = True
    with pytest.raises(Unreachable):
        charging.give_up(payment, by=erin)
    assert Payment.objects.get().state == "needs_step"
    provider.down = False
    payment = charging.give_up(payment, by=erin)
    assert (payment.state, payment.reason) == ("cancelled", "given_up")
    with pytest.raises(WrongState):
        charging.give_up(payment, by=erin)


def test_giving_up_too_late_keeps_the_money(card, erin, provider):
    provider.next = Outcome.NEEDS_STEP
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
    assert charging.give_up(payment, by=erin).state == "succeeded"
    assert wallet_of(erin) == 20_000


def test_p26_the_record_says_what_was_shown_and_nothing_of_it_changes(card, erin, sam, provider):
    payment = begin(card, seen=Seen("", {"amount": 20_000, "source": "Visa"}, "203.0.113.7"))
    event = payment.events.get()
    assert (event.actor, event.address, event.shown["source"]) == (erin, "203.0.113.7", "Visa")
    payments = Payment.objects.filter(pk=payment.pk)
    for change in (
        lambda: PaymentEvent.objects.filter(pk=event.pk).update(action="x"),
        lambda: payments.update(amount=1),
        lambda: payments.update(owner=sam),
        lambda: payments.update(key=uuid.uuid4()),
        lambda: payments._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="is refused: its rows are history"), transaction.atomic():
            change()


def test_verification_finds_a_payment_that_lies(card, erin, fund, provider):
    payment = charging.charge(begin(card))
    fund(erin)
    payments = Payment.objects.filter(pk=payment.pk)
    payments.update(transfer=Transfer.objects.latest("id"))
    wrong = f"P{payment.pk} is “{{}}” of 20000; its transfer says “deposit” of 20000"
    assert [d.sentence for d in verify() if d.check == "payments"] == [wrong.format("succeeded")]
    payments.update(transfer=None, state="declined")
    assert [d.sentence for d in verify() if d.check == "payments"] == [wrong.format("declined")]


def test_a_payment_is_credited_if_and_only_if_it_succeeded(card, provider):
    payment = charging.charge(begin(card))
    for fields in ({"state": "declined"}, {"transfer": None}):
        with pytest.raises(DatabaseError, match="payment_credited_if_paid"), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(**fields)
