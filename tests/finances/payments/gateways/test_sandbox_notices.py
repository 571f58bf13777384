"""The sandbox's webhooks: only what it signed within the last five minutes is read (issue 3, item 4)."""

import json
import time
from typing import Any

import pytest
import time_machine

from finances.payments.gateways import BadSignature
from finances.payments.sandbox import Behaviour, notices
from finances.payments.sandbox.models import SandboxCharge, SandboxPayout
from tests.finances.payments.gateways.sandbox_helpers import SANDBOX, card, payout_account

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000


def charged(behaviour: str = Behaviour.SUCCEEDS) -> SandboxCharge:
    answer = SANDBOX.charge(
        key="k1",
        source=card(behaviour).reference,
        customer="",
        amount=500,
        currency="EUR",
        words="",
        back="",
    )
    return SandboxCharge.objects.get(reference=answer.reference)


def test_a_notice_of_its_own_is_read() -> None:
    charge = charged()
    body, headers = notices.signed(charge)

    for named in (headers, {name.upper(): value for name, value in headers.items()}):
        notice = SANDBOX.webhook(body, named)
        assert (notice.kind, notice.reference, notice.key) == ("charge", charge.reference, "k1")
        assert charge.reference in notice.event_id


def test_the_same_standing_is_the_same_event_and_another_is_another() -> None:
    charge = charged(Behaviour.NEEDS_STEP)
    ids = [SANDBOX.webhook(*notices.signed(charge)).event_id for _ in range(2)]
    SANDBOX.cancel_charge(charge.reference)
    charge.refresh_from_db()

    assert ids[0] == ids[1] != SANDBOX.webhook(*notices.signed(charge)).event_id


def test_payouts_and_setups_have_notices_too() -> None:
    account = payout_account()
    answer = SANDBOX.pay_out(key="p1", destination=account.reference, amount=5, currency="EUR", words="")

    payout = SANDBOX.webhook(*notices.signed(SandboxPayout.objects.get()))
    setup = SANDBOX.webhook(*notices.signed(account.setup))

    assert (payout.kind, payout.reference, payout.key) == ("payout", answer.reference, "p1")
    assert (setup.kind, setup.reference) == ("setup", account.setup.reference)


@pytest.mark.parametrize(
    "header", [None, "", "nonsense", "t=,v1=", f"t={NOW}", "v1=abc", f"t={NOW},v1=é", f"t={NOW},v1="]
)
def test_what_is_unsigned_or_wrongly_signed_is_refused(header: str | None) -> None:
    body, _ = notices.signed(charged())
    with time_machine.travel(NOW, tick=False), pytest.raises(BadSignature):
        SANDBOX.webhook(body, {} if header is None else {notices.HEADER: header})


def test_a_changed_body_or_time_is_refused(settings: Any) -> None:
    body, headers = notices.signed(charged(), at=time.time())
    forged = json.dumps({**json.loads(body), "key": "k2"}).encode()
    later = headers[notices.HEADER].replace("t=", "t=1", 1)

    with pytest.raises(BadSignature):
        SANDBOX.webhook(forged, headers)
    with pytest.raises(BadSignature):
        SANDBOX.webhook(body, {notices.HEADER: later})
    settings.SECRET_KEY = "another site's"
    with pytest.raises(BadSignature):
        SANDBOX.webhook(body, headers)


@pytest.mark.parametrize(("age", "good"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_notice_is_good_for_five_minutes(age: int, good: bool) -> None:
    body, headers = notices.signed(charged(), at=NOW - age)
    with time_machine.travel(NOW, tick=False):
        if good:
            SANDBOX.webhook(body, headers)
        else:
            with pytest.raises(BadSignature, match="five minutes"):
                SANDBOX.webhook(body, headers)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'"text"', b'{"id": "1"}'])
def test_a_signed_body_that_is_no_notice_is_refused(body: bytes) -> None:
    stamp = int(time.time())
    header = f"t={stamp},v1={notices._signature(stamp, body)}"
    with pytest.raises(BadSignature):
        SANDBOX.webhook(body, {notices.HEADER: header})
