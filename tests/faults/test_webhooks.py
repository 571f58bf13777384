"""Five hundred webhooks as no provider should send them, signed as Stripe signs, over real HTTP (issue 3; P17, P51)."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence

import pytest

from finances.ledger.models import Account, Transfer
from finances.ledger.verification import verify
from finances.payments import charging, webhooks, withdrawing
from finances.payments.gateways import BadSignature
from finances.payments.models import Delivery, Payment, Withdrawal
from milestones.models import Funding, Milestone
from tests import factories
from tests.faults.crowd import at_once
from tests.finances.payments.fake_stripe import FakeStripe
from tests.money import EUR

pytestmark = pytest.mark.django_db(transaction=True)

Message = tuple[bytes, dict[str, str]]
THREADS = 10
BAD = ("unsigned", "nonsense", "another secret", "another body", "five minutes old")


@pytest.fixture
def keys(stripe: FakeStripe, card, slow, accounts, erin, wes, fund) -> list[str]:
    """What webhooks will be about: charges with and without an answer, still open or over, and payouts."""
    fund(wes, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    dice = random.Random(5)
    for number in range(30):
        key, source = uuid.uuid4(), dice.choice((card, card, slow))
        if dice.random() < 0.5:
            stripe.next("POST /v1/payment_intents", drop=True)
        if number % 2:
            payment = charging.begin(source, 1_000 + number, "EUR", by=erin, key=key)
        else:
            payment = Funding.begin(award, task="x", amount=1_000 + number, source=source, by=erin, key=key).payment
        charging.charge(payment)
    stripe.faults.clear()
    for number in range(10):
        sent = withdrawing.request(accounts[0], 100 + number, "EUR", by=wes, key=uuid.uuid4())
        withdrawing.send(sent)
    for intent in stripe.all("payment_intent"):
        if intent["status"] == "processing":
            stripe.settle(intent["id"])
    stripe.reverse(stripe.all("transfer")[0]["id"])
    assert Payment.objects.open().count() > 10
    return [thing["id"] for what in ("payment_intent", "transfer", "charge") for thing in stripe.all(what)]


def forged(way: str, message: Message, old: Message) -> Message:
    body, headers = message
    return {
        "unsigned": (body, {}),
        "nonsense": (body, {"Stripe-Signature": "t=1,v1=00"}),
        "another secret": (body, {"Stripe-Signature": headers["Stripe-Signature"][:-4] + "0000"}),
        "another body": (body.replace(b'"evt_', b'"evt_forged_'), headers),
        "five minutes old": old,
    }[way]


def post(messages: Sequence[tuple[str, Message]]) -> Counter[str]:
    """Take in one after the other as the web process does, each handled as the worker does; count what was refused."""
    refused: Counter[str] = Counter()
    for way, (body, headers) in messages:
        try:
            delivery, _first = webhooks.receive("stripe", body, headers)
        except BadSignature:
            refused[way] += 1
        else:
            webhooks.handle(delivery.pk)
    return refused


@pytest.mark.parametrize("threads", [1, THREADS])
def test_five_hundred_webhooks_each_have_their_effect_once(stripe, keys, erin, wes, given_up, threads) -> None:
    dice, now = random.Random(11), time.time()
    good = {f"evt_{thing}_{n}": (thing, f"evt_{thing}_{n}") for thing in keys for n in range(3)}
    messages: list[tuple[str, Message]] = []
    times: Counter[str] = Counter()
    for number in range(500):
        thing, event = good[dice.choice(list(good))]
        message = stripe.event(thing, at=now - dice.choice((0, 0, 30, 200)), event_id=event)
        if number % 5:
            messages.append(("good", message))
            times[event] += 1
        else:
            way = BAD[number // 5 % len(BAD)]
            messages.append((way, forged(way, message, stripe.event(thing, at=now - 301, event_id=f"old_{event}"))))
    # Each thing is told of at least once, or there would be nothing that it could have had.
    for thing in keys:
        messages.append(("good", stripe.event(thing, event_id=f"last_{thing}")))
        times[f"last_{thing}"] += 1
    dice.shuffle(messages)

    shares = [messages[n::threads] for n in range(threads)]
    if threads == 1:
        refused = post(messages)
    else:
        refused = sum(at_once([lambda share=share: post(share) for share in shares]), Counter())

    assert refused == Counter(way for way, _message in messages if way != "good")
    assert set(refused) == set(BAD)
    assert dict(Delivery.objects.values_list("event_id", "times")) == dict(times)
    assert not Delivery.objects.filter(handled_at=None).exists()

    states = Counter(Payment.objects.values_list("state", flat=True))
    assert states == {"succeeded": 30}, "every charge was told of, so nobody has to look"
    assert Transfer.objects.filter(kind="deposit", key__in=Payment.objects.values("key")).count() == 30
    milestones = Milestone.objects.select_related("escrow")
    assert sorted(m.held for m in milestones) == [1_000 + number for number in range(0, 30, 2)]
    assert Account.wallet(erin.pk, "EUR").balance == sum(1_000 + number for number in range(1, 30, 2))
    assert Counter(Withdrawal.objects.values_list("state", flat=True)) == {"paid": 9, "failed": 1}
    assert Account.wallet(wes.pk, "EUR").balance == 100_000 - sum(100 + number for number in range(1, 10))
    assert erin.notifications.filter(kind="payment-succeeded").count() == 30
    assert wes.notifications.filter(kind="milestone-created").count() == 15
    assert verify() == []
    assert given_up == [], "somebody waited for somebody who waited for them"
