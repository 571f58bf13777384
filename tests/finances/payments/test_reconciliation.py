"""Answers that never came are found, and the provider's books are compared with the ledger (P73)."""

import io
from datetime import timedelta

import pytest
import time_machine

from django.core.management import CommandError, call_command
from django.utils import timezone

from finances.ledger.models import Account
from finances.payments import charging, withdrawing
from finances.payments.gateways import Answer, Outcome, Refused, Unreachable
from finances.payments.models import Delivery, Payment, Reconciliation, Withdrawal
from finances.payments.reconciliation import STEP, compare_and_record, settle_open
from finances.payments.tasks import compare_with_provider, look_up_payment, send_withdrawal, settle_open_intents
from tests.finances.payments.refunds import give_back
from tests.finances.payments.test_charging import begin, wallet_of
from tests.finances.payments.test_withdrawing import ask, due
from tests.money import EUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_a_minute():
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        yield


def in_an_hour() -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(hours=1))


def test_an_open_payment_is_left_alone_while_its_own_process_may_be_at_it(card, provider):
    provider.lose = 1
    charging.charge(begin(card))
    assert settle_open() == 0
    assert provider.calls == ["charge"]


def test_every_open_intent_is_found_and_settled_once(card, account, erin, wes, fund, provider):
    fund(wes, EUR("100.00"))
    provider.lose = 2
    payments = [charging.charge(begin(card, 1_000)), charging.charge(begin(card, 2_000))]
    withdrawal = due(ask(account))
    assert {p.state for p in payments} == {"created"}
    with in_an_hour():
        assert settle_open() == 3
        assert settle_open() == 0
    assert wallet_of(erin) == 3_000
    assert Withdrawal.objects.get(pk=withdrawal.pk).state == "paid"
    assert provider.calls.count("charge") == 2


def test_the_provider_down_for_the_whole_run_and_back(card, erin, provider):
    """Nothing is asked more than three times of one that does not answer; all settles when it is back."""
    payments = [begin(card, 1_000) for _ in range(6)]
    provider.lose = 6
    for payment in payments:
        charging.charge(payment)
    provider.down, provider.calls = True, []
    with in_an_hour():
        assert settle_open() == 0
        assert len(provider.calls) == 3
        provider.down = False
        assert settle_open() == 3, "those that were not asked for in vain a moment ago"
    with time_machine.travel(timezone.now() + timedelta(minutes=70)):
        assert settle_open() == 3
    assert wallet_of(erin) == 6_000


def test_a_step_that_nobody_takes_is_given_up_after_a_day(card, erin, provider):
    provider.next = Outcome.NEEDS_STEP
    payment = charging.charge(begin(card))
    with in_an_hour():
        assert settle_open() == 0
    with time_machine.travel(timezone.now() + STEP + timedelta(minutes=1)):
        assert settle_open() == 1
    payment.refresh_from_db()
    assert payment.state == "cancelled"


def test_one_that_fails_holds_up_no_other(card, erin, provider, monkeypatch):
    provider.lose = 2
    first, second = charging.charge(begin(card, 1_000)), charging.charge(begin(card, 2_000))
    real = charging.look_up

    def failing(payment):
        if payment.pk == first.pk:
            raise ZeroDivisionError
        return real(payment)

    monkeypatch.setattr(charging, "look_up", failing)
    with in_an_hour():
        assert settle_open() == 1
    assert wallet_of(erin) == 2_000
    assert Payment.objects.get(pk=second.pk).state == "succeeded"


def test_jobs_do_the_same(card, account, wes, fund, provider):
    fund(wes, EUR("100.00"))
    provider.lose = 1
    payment = charging.charge(begin(card))
    assert look_up_payment(payment_id=payment.pk) == "succeeded"
    assert look_up_payment(payment_id=payment.pk) == "succeeded"
    provider.next = Outcome.PROCESSING
    assert send_withdrawal(withdrawal_id=due(ask(account)).pk) == "sent"
    assert settle_open_intents() == 0
    assert compare_with_provider() == 0


# --- the books ----------------------------------------------------------------------------------------------


def sentences() -> list[str]:
    return list(compare_and_record().differences)


def test_p73_books_that_agree(card, account, erin, wes, fund, provider):
    """Through every state, with money in flight, and with money that staff received by hand."""
    fund(wes, EUR("100.00"))
    charging.charge(begin(card))
    provider.next = Outcome.PROCESSING
    on_its_way = withdrawing.send(due(ask(account, 2_000)))
    failed = withdrawing.send(due(ask(account, 1_000)))
    provider.ends(provider.payouts, failed.key, Outcome.DECLINED)
    withdrawing.look_up(failed)
    ask(account, 500)  # sent by the comparison, which settles first
    with in_an_hour():
        result = compare_and_record()
    assert result.differences == []
    (euros,) = result.balances
    assert euros == {"currency": "EUR", "provider": 17_500, "ledger": 17_500, "by_hand": 10_000}
    assert on_its_way.state == "sent"


def test_p73_money_at_the_provider_that_nobody_asked_for(card, erin, provider):
    charging.charge(begin(card))
    provider.line(
        "charge", Answer(Outcome.SUCCEEDED, "stray", 500, "EUR", key="5f0c8d2e-0000-4000-8000-000000000000"), 1
    )
    wrong = sentences()
    assert wrong[0] == "The provider holds €205.00, by the ledger it is €200.00: a difference of €5.00"
    assert wrong[1].startswith("€5.00 (charge stray, ")
    assert wrong[1].endswith("was taken, and no payment here asked for it")
    assert len(wrong) == 2


def test_p73_money_here_that_the_provider_does_not_have(card, account, erin, wes, fund, provider):
    fund(wes, EUR("100.00"))
    payment = charging.charge(begin(card))
    withdrawal = withdrawing.send(due(ask(account)))
    provider.lines.clear()
    with in_an_hour():
        wrong = sentences()
    assert wrong == [
        "The provider holds €0.00, by the ledger it is €140.00: a difference of −€140.00",
        f"P{payment.pk}: €200.00 came in here, but not at the provider",
        f"W{withdrawal.pk}: €60.00 went out here, but not at the provider",
    ]


def test_p73_another_sum_a_fee_and_a_payout_that_came_back(card, account, erin, finn, wes, fund, provider):
    fund(wes, EUR("100.00"))
    provider.next = Outcome.PROCESSING
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=20_100)
    charging.look_up(payment)
    provider.line("fee", Answer(Outcome.SUCCEEDED, "fee-1", 30, "EUR"), -1)
    withdrawal = withdrawing.send(due(ask(account)))
    provider.ends(provider.payouts, withdrawal.key, Outcome.DECLINED)
    with in_an_hour():
        wrong = [line.partition(")")[2].strip() or line for line in sentences()]
    assert wrong == [
        "The provider holds €200.70, by the ledger it is €0.00: a difference of €200.70",
        f"was taken for P{payment.pk}, which asked for €200.00",
        "is not in the ledger",
    ], "the payout that came back was settled by the same run"
    provider.next = Outcome.SUCCEEDED
    give_back(Payment.objects.get(), by=finn)
    with in_an_hour():
        told = sentences()
    assert told[0].endswith("a difference of −€0.30")
    assert [line.partition(")")[2].strip() for line in told[1:]] == ["is not in the ledger"], "what was given back is"


def test_a_comparison_is_kept_and_the_next_one_looks_back_from_it(card, provider):
    charging.charge(begin(card))
    first = compare_and_record()
    second = compare_and_record()
    assert Reconciliation.objects.count() == 2
    assert second.since == first.at - timedelta(days=3)


def test_nothing_is_compared_while_the_provider_is_down(provider):
    provider.down = True
    with pytest.raises(Unreachable):
        compare_and_record()
    with pytest.raises(CommandError, match="does not answer"):
        call_command("reconcile")
    assert not Reconciliation.objects.exists()


def test_the_command_says_what_it_did(card, erin, provider):
    provider.lose = 1
    charging.charge(begin(card))
    out = io.StringIO()
    with in_an_hour():
        call_command("reconcile", stdout=out)
    assert out.getvalue().splitlines() == [
        "1 found their end; 1 lines of sandbox compared.",
        "EUR: the provider holds €200.00, by the ledger it should be €200.00.",
        "Everything agrees.",
    ]
    provider.lines.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=2)), pytest.raises(CommandError, match="2 differences"):
        call_command("reconcile", "--days", "3", stdout=out)
    assert Account.wallet(erin.pk, "EUR").balance == 20_000
    assert Delivery.objects.count() == 0


def test_what_is_hopeless_keeps_nobody_else_waiting(card, account, wes, fund, provider, monkeypatch):
    """Three withdrawals and a payment that never have an answer, and others that have."""
    fund(wes, EUR("100.00"))
    provider.next = Outcome.PROCESSING
    hopeless = [withdrawing.send(due(ask(account, 1_000))) for _ in range(3)]
    fine = [withdrawing.send(due(ask(account, 1_000))) for _ in range(3)]
    provider.lose = 1
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED)
    for withdrawal in fine:
        provider.ends(provider.payouts, withdrawal.key, Outcome.SUCCEEDED)
    real = provider.read_payout

    def read_payout(reference):
        if reference in [withdrawal.reference for withdrawal in hopeless]:
            raise Unreachable
        return real(reference)

    monkeypatch.setattr(provider, "read_payout", read_payout)
    with in_an_hour():
        for _run in range(60):
            settle_open()
    assert {w.state for w in Withdrawal.objects.filter(pk__in=[w.pk for w in fine])} == {"paid"}
    payment.refresh_from_db()
    assert payment.state == "succeeded"


def test_p73_what_the_provider_did_a_moment_ago_is_no_difference(card, account, wes, fund, provider):
    fund(wes, EUR("100.00"))
    provider.lose = 2
    charging.charge(begin(card))
    with pytest.raises(Unreachable):
        withdrawing.send(due(ask(account)))
    Withdrawal.objects.update(send_at=timezone.now() + timedelta(hours=1))  # left alone by this run
    assert sentences() == []
    with in_an_hour():
        assert sentences() == []
    assert Account.platform(Account.Kind.CLEARING, "EUR").true_balance() == -24_000


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.CANCELLED])
def test_a_refund_that_failed_is_not_said_to_be_given_back(card, finn, provider, outcome):
    provider.next = Outcome.PROCESSING
    payment = charging.charge(begin(card))
    provider.ends(provider.charges, payment.key, Outcome.SUCCEEDED, amount=1)
    payment = charging.look_up(payment)
    provider.next = outcome
    with pytest.raises(Refused):
        give_back(payment, by=finn)
    payment.refresh_from_db()
    assert payment.state == "review"
