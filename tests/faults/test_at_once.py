"""Withdrawals at once never exceed the wallet; a payment is settled once, by whoever is first (issue 3; P17, P51)."""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds
from finances.ledger.verification import verify
from finances.payments import charging, webhooks, withdrawing
from finances.payments.models import Payment, PaymentEvent, Withdrawal
from finances.payments.reconciliation import settle_open
from milestones.models import Funding, Milestone
from tests import factories
from tests.faults.crowd import at_once
from tests.finances.payments.fake_stripe import FakeStripe
from tests.money import EUR
from tests.steps import books

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 20


@pytest.fixture(autouse=True)
def _books_add_up(transactional_db, given_up, caplog) -> Any:
    """Whatever was done at once, every cent is explained in the end, nothing failed, nobody waited in a circle."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.exc_info] == []
    assert verify() == []
    assert books() == []
    assert given_up == []


def balances(member) -> tuple[int, int]:
    """What is in the wallet, and what is in flight."""
    return Account.wallet(member.pk, "EUR").balance, Account.payout(member.pk, "EUR").balance


def ask(account, amount: int) -> Withdrawal:
    return withdrawing.request(account, amount, "EUR", by=account.owner, key=uuid.uuid4())


def in_threads(verbs: list[Callable[[], Any]], dice: random.Random) -> list[Any]:
    dice.shuffle(verbs)
    return at_once(verbs)


# --- Out ------------------------------------------------------------------------------------------------------


def test_of_twenty_withdrawals_as_many_are_made_as_there_is_money_for(accounts, wes, fund) -> None:
    fund(wes, EUR("100.00"))
    results = at_once([partial(ask, accounts[number % 2], 2_300) for number in range(MANY)])
    assert sum(isinstance(result, Withdrawal) for result in results) == 4
    assert sum(isinstance(result, InsufficientFunds) for result in results) == MANY - 4
    assert balances(wes) == (800, 9_200)


def test_one_withdrawal_asked_for_by_many_with_one_key_is_one(accounts, wes, fund) -> None:
    fund(wes, EUR("100.00"))
    key = uuid.uuid4()
    verb = partial(withdrawing.request, accounts[0], 4_000, "EUR", by=wes, key=key)
    assert len({withdrawal.pk for withdrawal in at_once([verb] * MANY)}) == 1
    assert balances(wes) == (6_000, 4_000)


def test_asking_cancelling_sending_and_settling_at_once_never_exceed_the_wallet(stripe, accounts, wes, fund) -> None:
    """Twenty at a time, of all that can happen to withdrawals, to two accounts."""
    fund(wes, EUR("100.00"))
    dice, happened = random.Random(3), Counter()
    for _turn in range(8):
        verbs: list[Callable[[], Any]] = [partial(ask, dice.choice(accounts), dice.randint(1, 3_000)) for _ in range(8)]
        for each in dice.sample(waiting := list(Withdrawal.objects.filter(state="requested")), min(3, len(waiting))):
            verbs += [partial(withdrawing.cancel, each, by=wes), partial(withdrawing.send, each)]
        for transfer in dice.sample(gone := stripe.all("transfer"), min(2, len(gone))):
            if not transfer["reversed"] and dice.random() < 0.5:
                stripe.reverse(transfer["id"])
            told = webhooks.receive("stripe", *stripe.event(transfer["id"]))[0].pk
            verbs += [partial(webhooks.handle, told)] * 2
        while len(verbs) < MANY:
            verbs.append(settle_open)
        in_threads(verbs, dice)
        wallet, in_flight = balances(wes)
        assert wallet >= 0
        states = Counter(Withdrawal.objects.values_list("state", flat=True))
        paid = sum(Withdrawal.objects.filter(state="paid").values_list("amount", flat=True))
        assert wallet + in_flight + paid == 10_000
        happened = states
    for each in Withdrawal.objects.under_way():
        withdrawing.send(each)
    there = [each for each in stripe.all("transfer") if not each["reversed"]]
    keys = [each["metadata"]["key"] for each in stripe.all("transfer")]
    assert len(keys) == len(set(keys)), "something was sent twice"
    assert sum(each["amount"] for each in there) <= 10_000
    assert min(happened[state] for state in ("paid", "failed", "cancelled")) > 0, f"no race was run: {happened}"


def test_cancelling_against_sending_has_one_winner(stripe, accounts, wes, fund) -> None:
    """What was cancelled is never sent, what is sent is never back in the wallet."""
    fund(wes, EUR("100.00"))
    winners = Counter()
    for turn in range(10):
        withdrawal = ask(accounts[0], 1_000)
        verbs = [partial(withdrawing.cancel, withdrawal, by=wes), partial(withdrawing.send, withdrawal)] * (MANY // 2)
        in_threads(verbs, random.Random(turn))
        withdrawal.refresh_from_db()
        sent = [each for each in stripe.all("transfer") if each["metadata"]["key"] == str(withdrawal.key)]
        assert (withdrawal.state, len(sent)) in (("cancelled", 0), ("paid", 1))
        winners[withdrawal.state] += 1
        assert balances(wes) == (10_000 - 1_000 * winners["paid"], 0)
    assert len(winners) == 2, f"no race was run: {winners}"


def test_withdrawals_against_milestones_share_what_is_there(accounts, wes, ana, fund) -> None:
    """Wes hires, too: what is in his wallet is held for Ana or on its way to his bank, never both."""
    fund(wes, EUR("100.00"))
    award = factories.accepted(factories.AwardFactory(employer=wes, freelancer=ana))
    winners = Counter()
    dice = random.Random(1)
    hold = partial(Milestone.create, award, task="x", by=wes)
    for _turn in range(6):
        verbs = [partial(ask, accounts[number % 2], dice.randint(1, 900)) for number in range(MANY // 2)]
        verbs += [partial(hold, amount=dice.randint(1, 900), key=uuid.uuid4()) for _ in range(MANY // 2)]
        winners.update(type(result).__name__ for result in in_threads(verbs, dice))
        held = sum(milestone.held for milestone in Milestone.objects.select_related("escrow"))
        assert sum(balances(wes)) + held == 10_000
        assert balances(wes)[0] >= 0
    assert min(winners[name] for name in ("Withdrawal", "Milestone", "InsufficientFunds")) > 0, winners


# --- In -------------------------------------------------------------------------------------------------------


def whoever(stripe: FakeStripe, payment: Payment) -> list[Callable[[], Any]]:
    """Twenty who settle *payment*: webhooks, who comes back from the bank, who presses again, the job that looks."""
    (intent,) = [each for each in stripe.all("payment_intent") if each["metadata"]["key"] == str(payment.key)]
    told = [webhooks.receive("stripe", *stripe.event(intent["id"]))[0].pk for _ in range(4)]
    verbs: list[Callable[[], Any]] = [partial(webhooks.handle, each) for each in told for _twice in range(2)]
    verbs += [partial(charging.look_up, payment)] * 7
    verbs += [partial(charging.charge, payment)] * 3 + [settle_open] * 2
    assert len(verbs) == MANY
    return verbs


@pytest.mark.parametrize("way", ["no answer", "slow", "late"])
@pytest.mark.parametrize("purpose", ["deposit", "milestone"])
def test_whoever_is_first_settles_a_payment_and_it_is_settled_once(stripe, card, slow, erin, wes, purpose, way) -> None:
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    for turn in range(1, 5):
        source, key = slow if way == "slow" else card, uuid.uuid4()
        if purpose == "deposit":
            payment = charging.begin(source, 3_000, "EUR", by=erin, key=key)
        else:
            payment = Funding.begin(award, task="x", amount=3_000, source=source, by=erin, key=key).payment
        stripe.next("POST /v1/payment_intents", drop=True)
        payment = charging.charge(payment)
        if way == "slow":
            stripe.settle(stripe.all("payment_intent")[-1]["id"])
        if way == "late":
            charging._fail(payment.pk, "never_sent")
        in_threads(whoever(stripe, payment), random.Random(turn))

        held = purpose == "milestone" and way != "late"
        assert Account.wallet(erin.pk, "EUR").balance == (0 if held else 3_000 * turn)
        assert [m.held for m in Milestone.objects.select_related("escrow")] == ([3_000] * turn if held else [])
        assert Transfer.objects.filter(key=payment.key).count() == 1
        assert PaymentEvent.objects.filter(payment=payment, action="succeeded").count() == 1
        kind = "payment-late" if way == "late" else "payment-succeeded"
        assert erin.notifications.filter(kind=kind).count() == turn
        assert wes.notifications.filter(kind="milestone-created").count() == (turn if held else 0)


def test_milestones_that_are_paid_for_against_what_else_happens_to_the_award(stripe, card, erin, wes, fund) -> None:
    """Milestones made of arriving money, made of the wallet, and cancelled, all of one award."""
    fund(erin, EUR("100.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    dice = random.Random(2)
    for turn in range(1, 6):
        stripe.next("POST /v1/payment_intents", drop=True, times=8)
        verbs: list[Callable[[], Any]] = []
        for _each in range(8):
            key = uuid.uuid4()
            funding = Funding.begin(award, task="paid", amount=1_000, source=card, by=erin, key=key)
            verbs.append(partial(charging.look_up, charging.charge(funding.payment)))
        verbs += [partial(Milestone.create, award, task="x", amount=100, by=erin, key=uuid.uuid4()) for _ in range(8)]
        made = Milestone.objects.filter(task="x", state="held")[:4]
        verbs += [partial(milestone.cancel, by=wes, key=uuid.uuid4()) for milestone in made]
        in_threads(verbs, dice)
        assert [m.held for m in Milestone.objects.filter(task="paid").select_related("escrow")] == [1_000] * 8 * turn
        held = sum(m.held for m in Milestone.objects.filter(task="x").select_related("escrow"))
        assert Account.wallet(erin.pk, "EUR").balance + held == 10_000


def test_one_payment_begun_and_charged_by_many_is_charged_once(stripe, card, erin) -> None:
    key = uuid.uuid4()

    def press() -> Payment:
        return charging.charge(charging.begin(card, 3_000, "EUR", by=erin, key=key))

    assert len({payment.pk for payment in at_once([press] * MANY)}) == 1
    assert stripe.asked.count("POST /v1/payment_intents") == 1
    assert Payment.objects.get().state == "succeeded"
    assert Account.wallet(erin.pk, "EUR").balance == 3_000


def test_giving_up_against_the_banks_yes_ends_one_way(stripe, slow, erin) -> None:
    """The person gives a step up at the moment in which the bank confirms it."""
    slow.reference = stripe.method(then="step")
    slow.save()
    ends: Counter[str] = Counter()
    for turn in range(10):
        dice = random.Random(turn)
        payment = charging.charge(charging.begin(slow, 1_000, "EUR", by=erin, key=uuid.uuid4()))
        assert payment.state == "needs_step"

        def confirm(intent: str = payment.reference, looks: int = turn % 3, payment: Payment = payment) -> None:
            for _each in range(looks):
                charging.look_up(payment)
            with stripe.lock:
                if stripe.objects[intent]["status"] == "requires_action":
                    stripe.settle(intent)

        verbs = [partial(charging.give_up, payment, by=erin)] * 3 + [partial(charging.look_up, payment)] * 6
        in_threads([confirm, *verbs], dice)
        there, here = stripe.objects[payment.reference]["status"], charging.look_up(payment).state
        assert (there, here) in (("succeeded", "succeeded"), ("canceled", "cancelled"))
        ends[here] += 1
        assert Account.wallet(erin.pk, "EUR").balance == 1_000 * ends["succeeded"]
    assert len(ends) == 2, f"no race was run: {ends}"
