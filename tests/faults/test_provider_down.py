"""The provider is down for the whole of a run: nothing hangs, all settles when it is back (issue 3; P17, P73)."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from django.utils import timezone

from finances.ledger.models import Account
from finances.ledger.verification import verify
from finances.payments import charging, webhooks, withdrawing
from finances.payments.gateways import Unreachable
from finances.payments.gateways.base import by_name
from finances.payments.gateways.stripe_http import BoundedClient
from finances.payments.models import Payment, Withdrawal
from finances.payments.reconciliation import compare_and_record, settle_open
from milestones.models import Funding, Milestone
from tests import factories
from tests.config.site import free_port
from tests.finances.payments.fake_stripe_books import Error
from tests.money import EUR

pytestmark = pytest.mark.django_db

TIMEOUT = 0.3  # seconds
SLACK = 2.0  # seconds; a loaded machine is slow
ALWAYS = 10**9
# In which way it is down, and whether it does what it is asked all the same.
DOWN: dict[str, tuple[dict[str, Any], bool]] = {
    "nobody there": ({}, False),
    "hangs up": ({"lose": True}, False),
    "does it and hangs up": ({"drop": True}, True),
    "says 503": ({"error": Error(503, kind="api_error")}, False),
    "does it and says 500": ({"status": 500}, True),
    "answers too late": ({"delay": 3 * TIMEOUT}, True),
    "answers byte by byte": ({"trickle": 10 * TIMEOUT}, True),
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each call to the provider took, in seconds."""
    took: list[float] = []
    real = BoundedClient.request

    def request(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return real(*args, **kwargs)
        finally:
            took.append(time.perf_counter() - begun)

    monkeypatch.setattr(BoundedClient, "request", request)
    return took


def unanswered(verb: Callable[[], object]) -> None:
    with pytest.raises(Unreachable):
        verb()


@pytest.mark.parametrize("way", DOWN)
def test_nothing_hangs_and_everything_settles_when_it_is_back(
    stripe, settings, card, accounts, erin, wes, fund, calls, way
) -> None:
    fund(wes, EUR("100.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    before = charging.charge(charging.begin(card, 500, "EUR", by=erin, key=uuid.uuid4()))
    fault, done = DOWN[way]
    settings.PAYMENT_TIMEOUT = TIMEOUT
    by_name.cache_clear()
    if fault:
        stripe.next("*", times=ALWAYS, **fault)
    else:
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{free_port()}"
    calls.clear()

    # What people do meanwhile: each asks once, and is told that the answer is still to come.
    payments = [charging.begin(card, 1_000, "EUR", by=erin, key=uuid.uuid4()) for _ in range(3)]
    payments += [
        Funding.begin(award, task=task, amount=2_000, source=card, by=erin, key=uuid.uuid4()).payment for task in "ab"
    ]
    for payment in payments:
        assert charging.charge(payment).state == "created"
        assert charging.charge(payment).state == "created"
    assert len(calls) == len(payments), "a charge is asked for once, however often somebody confirms it"
    unanswered(lambda: charging.look_up(payments[0]))
    sent = [withdrawing.request(account, 700, "EUR", by=wes, key=uuid.uuid4()) for account in accounts]
    for withdrawal in sent:
        unanswered(lambda withdrawal=withdrawal: withdrawing.send(withdrawal))
    told, _first = webhooks.receive("stripe", *stripe.event(before.reference))
    unanswered(lambda: webhooks.handle(told.pk))
    assert Account.wallet(erin.pk, "EUR").balance == 500
    assert (Account.wallet(wes.pk, "EUR").balance, Account.payout(wes.pk, "EUR").balance) == (8_600, 1_400)
    assert not Milestone.objects.exists()

    # What the jobs do: each run gives up soon, and nothing is concluded from silence.
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        runs = []
        for _run in range(3):
            calls.clear()
            assert settle_open() == 0
            runs.append(len(calls))
        # The webhook, three of the payments, both withdrawals: the other payments are left to the next run.
        assert len(payments) > 3
        assert runs[0] == max(runs) == 6
        unanswered(compare_and_record)
    assert max(calls) < TIMEOUT + SLACK
    assert {p.state for p in Payment.objects.exclude(pk=before.pk)} == {"created"}
    assert {w.state for w in Withdrawal.objects.all()} == {"sending"}

    stripe.faults.clear()
    settings.STRIPE_API_BASE = stripe.address
    settings.PAYMENT_TIMEOUT = 5
    by_name.cache_clear()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert settle_open() == len(payments) + len(sent) + 1
        assert settle_open() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert compare_and_record().differences == []
    states = {p.state for p in Payment.objects.exclude(pk=before.pk)}
    # Nobody wants to be charged hours later, so what never reached it is over; a withdrawal is still wanted.
    assert states == {"succeeded" if done else "declined"}
    assert Account.wallet(erin.pk, "EUR").balance == (3_500 if done else 500)
    assert [m.held for m in Milestone.objects.all()] == ([2_000, 2_000] if done else [])
    assert {w.state for w in Withdrawal.objects.all()} == {"paid"}
    assert (Account.wallet(wes.pk, "EUR").balance, Account.payout(wes.pk, "EUR").balance) == (8_600, 0)
    assert len(stripe.all("transfer")) == len(sent)
    assert len(stripe.all("payment_intent")) == 1 + (len(payments) if done else 0)
    assert verify() == []
