"""Money leaves the wallet once, and comes back if it can't be sent (P51)."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Notification
from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from finances.ledger.models import Account
from finances.ledger.posting import InsufficientFunds
from finances.ledger.verification import verify
from finances.payments import withdrawing
from finances.payments.gateways import Outcome, Refused, Unreachable
from finances.payments.models import Instrument, PayoutDestination, Withdrawal
from tests.money import EUR

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _money(wes, fund, provider):
    fund(wes, EUR("100.00"))


def ask(account, amount=6_000, **more) -> Withdrawal:
    return withdrawing.request(account, amount, "EUR", by=account.owner, key=more.pop("key", uuid.uuid4()), **more)


def due(withdrawal: Withdrawal) -> Withdrawal:
    """*withdrawal* with its pause over."""
    Withdrawal.objects.filter(pk=withdrawal.pk).update(send_at=timezone.now() - timedelta(seconds=1))
    return Withdrawal.objects.get(pk=withdrawal.pk)


def stands(member) -> tuple[int, int, int]:
    """What is in the wallet, in flight, and gone through the provider, in minor units of euros."""
    clearing = Account.platform(Account.Kind.CLEARING, "EUR").true_balance()
    return Account.wallet(member.pk, "EUR").balance, Account.payout(member.pk, "EUR").balance, clearing + 10_000


def test_p51_a_withdrawal_waits_is_sent_and_arrives(account, wes, provider):
    withdrawal = ask(account)
    assert (withdrawal.state, stands(wes)) == ("requested", (4_000, 6_000, 0))
    assert withdrawing.send(withdrawal).state == "requested", "not before its pause is over"
    assert provider.calls == []
    provider.next = Outcome.PROCESSING
    assert withdrawing.send(due(withdrawal)).state == "sent"
    assert stands(wes) == (4_000, 6_000, 0)
    provider.ends(provider.payouts, withdrawal.key, Outcome.SUCCEEDED)
    for _again in range(2):
        assert withdrawing.send(Withdrawal.objects.get()).state == "paid"
    assert stands(wes) == (4_000, 0, 6_000)
    assert [e.action for e in withdrawal.events.order_by("id")] == ["requested", "sending", "sent", "paid"]
    kinds = Notification.objects.filter(member=wes).values_list("kind", flat=True)
    assert sorted(kinds) == ["withdrawal-paid", "withdrawal-requested", "withdrawal-sent"]
    assert provider.calls.count("pay_out") == 1
    assert verify() == []


def test_no_more_than_there_is(account, wes, provider):
    with pytest.raises(InsufficientFunds):
        ask(account, 10_001)
    ask(account, 10_000)
    with pytest.raises(InsufficientFunds):
        ask(account, 1)
    assert Withdrawal.objects.count() == 1


def test_the_same_key_is_the_same_withdrawal(account, wes):
    key = uuid.uuid4()
    assert ask(account, key=key).pk == ask(account, key=key).pk
    assert stands(wes) == (4_000, 6_000, 0)
    with pytest.raises(KeyConflict):
        ask(account, 5_999, key=key)


def test_only_to_an_own_verified_account_of_that_currency(account, sam, wes):
    destinations = PayoutDestination.objects.filter(pk=account.pk)
    for fields in (
        {"state": Instrument.State.UNVERIFIED},
        {"state": Instrument.State.REMOVED},
        {"state": Instrument.State.VERIFIED, "currency": "USD"},
    ):
        destinations.update(**fields)
        with pytest.raises(WrongState):
            ask(account)
    destinations.update(currency="EUR")
    with pytest.raises(PermissionDenied):
        withdrawing.request(account, 100, "EUR", by=sam, key=uuid.uuid4())
    with pytest.raises(WrongState):
        ask(account, seen=Seen("", expired=True))
    assert stands(wes) == (10_000, 0, 0)


def test_p51_it_can_be_cancelled_until_it_is_sent(account, wes, sam, provider):
    withdrawal = ask(account)
    with pytest.raises(PermissionDenied):
        withdrawing.cancel(withdrawal, by=sam)
    with pytest.raises(WrongState):
        withdrawing.cancel(withdrawal, by=wes, seen=Seen("7"))
    for _twice in range(2):
        assert withdrawing.cancel(withdrawal, by=wes).state == "cancelled"
    assert stands(wes) == (10_000, 0, 0)
    assert withdrawing.send(due(withdrawal)).state == "cancelled"
    assert provider.calls == []
    provider.next = Outcome.PROCESSING
    sent = withdrawing.send(due(ask(account)))
    with pytest.raises(WrongState):
        withdrawing.cancel(sent, by=wes)
    assert verify() == []


def test_p51_a_lost_answer_is_asked_for_again_with_the_same_key(account, wes, provider):
    provider.lose = 1
    provider.next = Outcome.PROCESSING
    withdrawal = due(ask(account))
    with pytest.raises(Unreachable):
        withdrawing.send(withdrawal)
    assert Withdrawal.objects.get().state == "sending"
    with pytest.raises(WrongState):
        withdrawing.cancel(withdrawal, by=wes)
    assert withdrawing.send(withdrawal).state == "sent"
    assert len(provider.payouts) == 1


def test_after_half_a_day_it_is_looked_for_and_not_sent_again_but_comes_back(account, wes, provider):
    provider.down = True
    withdrawal = due(ask(account))
    with pytest.raises(Unreachable):
        withdrawing.send(withdrawal)
    provider.down, provider.calls = False, []
    with time_machine.travel(timezone.now() + withdrawing.ASK_AGAIN + timedelta(minutes=1)):
        assert withdrawing.send(withdrawal).state == "sending"
    assert provider.calls == ["find_payout"]
    assert stands(wes) == (4_000, 6_000, 0), "a request may still be under way"
    with time_machine.travel(timezone.now() + withdrawing.NEVER_SENT + timedelta(minutes=1)):
        withdrawal = withdrawing.send(withdrawal)
    assert (withdrawal.state, withdrawal.reason) == ("failed", "not_sent")
    assert "pay_out" not in provider.calls
    assert stands(wes) == (10_000, 0, 0)
    assert verify() == []


@pytest.mark.parametrize("how", ["declined", "refused", "later", "after it arrived"])
def test_p51_a_failed_payout_returns_the_money(account, wes, provider, how):
    withdrawal = due(ask(account))
    provider.next = {
        "declined": Outcome.DECLINED,
        "refused": Refused("This account is closed."),
        "later": Outcome.PROCESSING,
        "after it arrived": Outcome.SUCCEEDED,
    }[how]
    withdrawing.send(withdrawal)
    if how in ("later", "after it arrived"):
        provider.ends(provider.payouts, withdrawal.key, Outcome.DECLINED, reason="source_closed")
    for _again in range(2):
        withdrawal = Withdrawal.objects.get()
        if withdrawal.reference:
            withdrawing.look_up(withdrawal)
    assert Withdrawal.objects.get().state == "failed"
    assert stands(wes) == (10_000, 0, 0)
    assert Notification.objects.filter(member=wes, kind="withdrawal-failed").count() == 1
    assert verify() == []


def test_another_sum_at_the_provider_settles_nothing(account, wes, provider):
    withdrawal = due(ask(account))
    provider.next = Outcome.PROCESSING
    withdrawing.send(withdrawal)
    provider.ends(provider.payouts, withdrawal.key, Outcome.SUCCEEDED, amount=6_001)
    assert withdrawing.look_up(Withdrawal.objects.get()).state == "sent"
    assert stands(wes) == (4_000, 6_000, 0)


def test_nothing_of_it_changes(account, wes, sam):
    withdrawal = ask(account)
    withdrawals = Withdrawal.objects.filter(pk=withdrawal.pk)
    for change in (
        lambda: withdrawals.update(amount=1),
        lambda: withdrawals.update(owner=sam),
        lambda: withdrawals._raw_delete("default"),
        lambda: withdrawal.events.update(action="paid"),
    ):
        with pytest.raises(DatabaseError, match="is refused: its rows are history"), transaction.atomic():
            change()


def test_verification_finds_withdrawals_that_lie(account, wes):
    withdrawal = ask(account)
    Withdrawal.objects.filter(pk=withdrawal.pk).update(state="paid")
    assert [d.sentence for d in verify() if d.check == "payments"] == [
        f"W{withdrawal.pk} is “paid” of 6000; its transfers took 6000 out of the wallet, 0 arrived and 0 came back",
        f"member {wes.pk} has 6000 EUR in flight; their withdrawals say 0",
    ]
