"""Stripe's webhooks: only what it signed within the last five minutes is read (issue 3, item 4)."""

import hashlib
import hmac
import time
from typing import Any

import pytest
import time_machine

from finances.payments.gateways import BadSignature
from finances.payments.gateways.stripe import StripeGateway
from tests.finances.payments.fake_stripe import WEBHOOK_SECRET, FakeStripe
from tests.finances.payments.gateways.test_stripe_charges import charge

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000


def test_an_event_about_a_charge_is_read(fake: FakeStripe, stripe: StripeGateway) -> None:
    answer = charge(stripe, fake.method())
    fake.asked.clear()
    body, headers = fake.event(answer.reference, "payment_intent.succeeded", event_id="evt_7")

    for named in (headers, {name.upper(): value for name, value in headers.items()}):
        notice = stripe.webhook(body, named)
        assert (notice.event_id, notice.kind, notice.reference, notice.key) == (
            "evt_7",
            "charge",
            answer.reference,
            "k1",
        )
    assert fake.asked == []  # nobody is asked for a webhook

    charged = stripe.webhook(*fake.event(fake.objects[answer.reference]["latest_charge"], "charge.succeeded"))
    assert (charged.kind, charged.reference, charged.key) == ("charge", answer.reference, "k1")


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        ({"object": "transfer", "id": "tr_1", "metadata": {"key": "p1"}}, "payout"),
        ({"object": "account", "id": "acct_1"}, "setup"),
        ({"object": "checkout.session", "id": "cs_1", "mode": "setup"}, "setup"),
        ({"object": "checkout.session", "id": "cs_1", "mode": "payment"}, "other"),
        ({"object": "charge", "id": "ch_1", "payment_intent": None}, "other"),
        ({"object": "refund", "id": "re_1", "metadata": None}, "other"),
        ({"object": "balance"}, "other"),
    ],
)
def test_events_say_what_they_are_about(
    fake: FakeStripe, stripe: StripeGateway, thing: dict[str, Any], kind: str
) -> None:
    notice = stripe.webhook(*fake.event(thing))
    assert (notice.kind, notice.reference) == (kind, thing.get("id", ""))
    assert notice.key == (thing.get("metadata") or {}).get("key", "")


@pytest.mark.parametrize(
    "header", [None, "", "nonsense", "t=,v1=", f"t={NOW}", "v1=abc", f"t={NOW},v1=é", f"t={NOW},v0=a"]
)
def test_what_is_unsigned_or_wrongly_signed_is_refused(
    fake: FakeStripe, stripe: StripeGateway, header: str | None
) -> None:
    body, _ = fake.event({"object": "account", "id": "acct_1"})
    with time_machine.travel(NOW, tick=False), pytest.raises(BadSignature):
        stripe.webhook(body, {} if header is None else {"Stripe-Signature": header})


def test_another_body_another_secret_or_none_is_refused(fake: FakeStripe, stripe: StripeGateway, settings: Any) -> None:
    body, headers = fake.event({"object": "account", "id": "acct_1"})
    with pytest.raises(BadSignature):
        stripe.webhook(body.replace(b"acct_1", b"acct_2"), headers)
    for secret in ("whsec_other", ""):
        settings.STRIPE_WEBHOOK_SECRET = secret
        with pytest.raises(BadSignature):
            stripe.webhook(body, headers)


@pytest.mark.parametrize(("age", "good"), [(0, True), (299, True), (301, False), (86_400, False)])
def test_an_event_is_good_for_five_minutes(fake: FakeStripe, stripe: StripeGateway, age: int, good: bool) -> None:
    body, headers = fake.event({"object": "account", "id": "acct_1"}, at=NOW - age)
    with time_machine.travel(NOW, tick=False):
        if good:
            stripe.webhook(body, headers)
        else:
            with pytest.raises(BadSignature):
                stripe.webhook(body, headers)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'"text"', b'{"id": "evt_1", "data": {"object": null}}'])
def test_a_signed_body_that_is_no_event_is_refused(fake: FakeStripe, stripe: StripeGateway, body: bytes) -> None:
    stamp = int(time.time())
    signature = hmac.new(WEBHOOK_SECRET.encode(), b"%d.%s" % (stamp, body), hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        stripe.webhook(body, {"Stripe-Signature": f"t={stamp},v1={signature}"})
