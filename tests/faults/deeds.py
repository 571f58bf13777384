"""What a process of ``victim.py`` does, with the real verbs, the real Stripe gateway and the real job worker."""

import json
import random
import signal
import time
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import time_machine

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import Notification
from finances.ledger.models import Account
from finances.ledger.verification import verify
from finances.payments import charging, withdrawing
from finances.payments.deposits import record_deposit
from finances.payments.gateways import gateway
from finances.payments.gateways.stripe import StripeGateway
from finances.payments.models import Payment, PaymentSource, PayoutDestination, Withdrawal
from finances.payments.reconciliation import compare_and_record, settle_open
from milestones.models import Funding, Milestone
from projects.models import Award
from tests import factories
from tests.faults import mail_deeds
from tests.finances.payments.memory import saved
from tests.money import EUR
from tests.steps import books


def warm_up() -> None:
    """Load what is loaded at its first use, so that no process has to that is forked from this one."""
    get_resolver().url_patterns  # noqa: B018
    StripeGateway()


def do(do: str, stripe: str, **options: Any) -> Any:
    """Do what is ordered, with the Stripe at that address."""
    settings.STRIPE_API_BASE = stripe
    deeds = {"prepare": prepare, "web": web, "worker": worker, "settle": settle, "report": report, **mail_deeds.DEEDS}
    return deeds[do](**options)


def prepare(good: str, slow: str, bad: str, account: str) -> None:
    """Erin has three cards, Wes an account at a bank, and he works for her."""
    erin = factories.MemberFactory(name="Erin Vogel", email="erin@example.com")
    wes = factories.MemberFactory(name="Wes Adeyemi", email="wes@example.com")
    record_deposit(wes, EUR("1000.00"), key=uuid.uuid4())
    factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    for name, reference in {"good": good, "slow": slow, "bad": bad}.items():
        saved(PaymentSource, erin, name=name, gateway="stripe", reference=reference, customer="cus_1")
    saved(PayoutDestination, wes, kind="bank", gateway="stripe", reference=account, currency="EUR")


# --- Before the death ---------------------------------------------------------------------------------------


def web(seed: int, log: str = "") -> None:
    """Do what the pages do, one request after another, until SIGTERM, as a web process does.

    With a *log* each request has a line there, and one whose database is lost is an error of that request only.
    """
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    dice = random.Random(seed)
    again()
    while not stopped:
        visit = dice.choice((deposit, deposit, fund, fund, withdraw, come_back))
        begun, trouble = time.monotonic(), ""
        close_old_connections()  # as every request does
        try:
            visit(dice)
        except (DatabaseError, InterfaceError) as error:
            if not log:
                raise
            trouble = repr(error)
        if log:
            with open(log, "a") as lines:
                lines.write(json.dumps([begun, time.monotonic(), trouble]) + "\n")


def again() -> None:
    """Confirm once more what was confirmed last: the page never came, so people press the button again."""
    for paid in Payment.objects.filter(purpose="deposit").select_related("source", "owner").order_by("-id")[:2]:
        charging.charge(charging.begin(paid.source, paid.amount, paid.currency, by=paid.owner, key=paid.key))
    for sent in Withdrawal.objects.select_related("destination", "owner").order_by("-id")[:2]:
        withdrawing.request(sent.destination, sent.amount, sent.currency, by=sent.owner, key=sent.key)


def deposit(dice: random.Random) -> None:
    card = card_of(dice)
    charging.charge(charging.begin(card, dice.randint(100, 5_000), "EUR", by=card.owner, key=uuid.uuid4()))


def fund(dice: random.Random) -> None:
    card, award, key = card_of(dice), Award.objects.get(), uuid.uuid4()
    amount = dice.randint(100, 5_000)
    charging.charge(Funding.begin(award, task=str(key), amount=amount, source=card, by=card.owner, key=key).payment)


def card_of(dice: random.Random) -> PaymentSource:
    """Mostly the one that pays at once."""
    name = dice.choice(("good", "good", "good", "good", "slow", "bad"))
    return PaymentSource.objects.select_related("owner").get(name=name)


def withdraw(dice: random.Random) -> None:
    """Ask for it and send it, as the worker may do at the same moment."""
    withdrawing.send(ask_for(dice.randint(1, 50)))


def ask_for(amount: int) -> Withdrawal:
    account = PayoutDestination.objects.select_related("owner").get()
    return withdrawing.request(account, amount, "EUR", by=account.owner, key=uuid.uuid4())


def come_back(dice: random.Random) -> None:
    """Come back from the bank to a payment that is open."""
    payment = Payment.objects.open().select_related("source").order_by("-id").first()
    if payment:
        charging.look_up(payment)


def worker(asked_for: int = 0) -> None:
    """Be the job worker, for which every job is due; so many withdrawals were asked for just before."""
    for number in range(asked_for):
        ask_for(51 + number)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    connection.close()
    call_command("worker")


# --- After it -----------------------------------------------------------------------------------------------


def settle() -> list[int]:
    """Settle what is open an hour later, and return how much found its end in each run."""
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        return [settle_open() for _again in range(2)]


def report() -> dict[str, Any]:
    """Say what the books here say two hours later."""
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        differences = compare_and_record().differences
    held = {funding.payment.key: funding for funding in Funding.objects.select_related("payment")}
    wallets = Account.objects.filter(kind=Account.Kind.WALLET).select_related("owner")
    told = Notification.objects.values_list("kind", "path")
    return {
        "gateway": gateway().name,
        "payments": [[str(p.key), p.state, p.amount, p.purpose] for p in Payment.objects.order_by("id")],
        "withdrawals": [[str(w.key), w.state, w.amount] for w in Withdrawal.objects.order_by("id")],
        "held": {str(key): f.milestone and [f.amount, f.milestone.held] for key, f in held.items()},
        "milestones": Milestone.objects.count(),
        "wallets": {wallet.owner.email.partition("@")[0]: wallet.balance for wallet in wallets},
        "clearing": Account.platform(Account.Kind.CLEARING, "EUR").true_balance(),
        "told": Counter(kind for kind, _path in told),
        "told twice": [each for each, times in Counter(told).items() if times > 1],
        "wrong": [difference.sentence for difference in verify()] + books() + differences,
    }
