"""The cards and accounts of the demo's members, and what moves between those and their wallets."""

from collections.abc import Generator
from typing import TypeVar

from accounts.models import Member
from demo.people import EMPLOYERS, FREELANCERS
from demo.stage import Stage, Story, Wait, days, hours, minutes
from demo.till import Till
from finances.payments import adding, charging, withdrawing
from finances.payments.gateways import Outcome
from finances.payments.models import Instrument, PaymentSource, PayoutDestination, Withdrawal
from finances.payments.sandbox import BANKS, CARDS, PAYOUT_ACCOUNTS, Behaviour
from finances.payments.sandbox import Instrument as OnOffer
from finances.payments.sandbox.models import SandboxCharge, SandboxInstrument, SandboxSetup

T = TypeVar("T", bound=Instrument)

# What employers pay with, in the order in which it is tried, and what they call it; all others have one card.
CARDS_OF: dict[str, tuple[tuple[Behaviour, str], ...]] = {
    "erin": (
        (Behaviour.SUCCEEDS, "Guest house card"),
        (Behaviour.NEEDS_STEP, "Private card"),
        (Behaviour.DECLINED, "Old card"),
    ),
    "grace": ((Behaviour.SUCCEEDS, ""), (Behaviour.SUCCEEDS, "Studio card")),
    "ben": ((Behaviour.SUCCEEDS, ""), (Behaviour.INSUFFICIENT_FUNDS, "")),
}
ONE_CARD = ((Behaviour.SUCCEEDS, ""),)
# Where freelancers have their account; all others in euros. Wes and Ana have stories of their own.
HOME = {"leo": "GBP", "viktor": "GBP", "hugo": "GBP", "kenji": "JPY", "lin": "USD"}
THRIFTY = ("mei", "elif", "devika", "zanele")  # have taken nothing home so far


def open_accounts(stage: Stage) -> None:
    """Let everybody add what they pay with and are paid to; employers verify their cards."""
    for person in EMPLOYERS:
        for behaviour, name in CARDS_OF.get(person.key, ONE_CARD):
            card = verified(add_card(stage.cast[person.key], behaviour))
            if name:
                card.rename(name, by=card.owner)
            stage.cards.setdefault(card.owner_id, []).append(card)
    add_card(stage.cast["tom"], Behaviour.SUCCEEDS)  # for whose code he never looked
    for person in FREELANCERS:
        if person.key not in ("wes", "ana"):
            account = add_account(stage.cast[person.key], Behaviour.SUCCEEDS, HOME.get(person.key, "EUR"))
            if person.key not in THRIFTY:
                stage.enter(take_home(stage, account), stage.clock.now + days(stage.some(90, 150)))


def add_card(owner: Member, behaviour: Behaviour) -> PaymentSource:
    """Let *owner* add the test card that behaves so. It is not verified yet."""
    return _added(adding.begin_source(owner, kind="card"), CARDS, behaviour)


def add_bank(owner: Member, behaviour: Behaviour, currency: str) -> PaymentSource:
    """Let *owner* add the bank account that behaves so, in *currency*. It is not verified yet."""
    return _added(adding.begin_source(owner, kind="bank", currency=currency), BANKS, behaviour)


def add_account(owner: Member, behaviour: Behaviour, currency: str) -> PayoutDestination:
    """Let *owner* add the payout account that behaves so, in *currency*."""
    return _added(adding.begin_destination(owner, currency=currency), PAYOUT_ACCOUNTS, behaviour)


def _added(instrument: T, on_offer: list[OnOffer], behaviour: Behaviour) -> T:
    """Choose what behaves so on the provider's page, and come back."""
    chosen = next(each for each in on_offer if each.behaviour == behaviour)
    SandboxSetup.objects.get(reference=instrument.setup).add(chosen)
    return adding.finish(instrument)


def verified(source: PaymentSource) -> PaymentSource:
    """Let its owner read the code on the bank's statement, and type it."""
    code = SandboxInstrument.objects.values_list("code", flat=True).get(reference=source.reference)
    source.verify(code, by=source.owner)
    return source


def bank_debits(stage: Stage) -> Story:
    """Henrik pays in from his bank account, which takes its time. The last one is still on its way."""
    henrik = stage.cast["henrik"]
    account = verified(add_bank(henrik, Behaviour.SLOW, "EUR"))
    for _ in range(2):
        yield stage.by_day(days(50))
        payment = stage.deposit(henrik, 80_000, "EUR", account)
        yield Till.slow + hours(3)
        charging.look_up(payment)
    yield stage.end - hours(21)
    stage.deposit(henrik, 120_000, "EUR", account)


def steps(stage: Stage) -> Story:
    """Erin's bank asks her for a confirmation, twice: she confirms once, and gives up once."""
    erin, private = stage.cast["erin"], stage.cards[stage.cast["erin"].pk][1]
    payment = stage.deposit(erin, 30_000, "EUR", private)
    yield minutes(3)
    SandboxCharge.objects.get(reference=payment.reference).end_step(Outcome.SUCCEEDED)
    charging.look_up(payment)
    yield days(6)
    payment = stage.deposit(erin, 50_000, "EUR", private)
    yield minutes(9)
    charging.give_up(payment, by=erin)


def take_home(stage: Stage, account: PayoutDestination) -> Story:
    """What a freelancer withdraws, every three or four months."""
    while True:
        part = stage.some(0.4, 0.8)
        amount = int(stage.available(account.owner, account.currency) * part) // 5_000 * 5_000
        if amount:
            yield from withdraw(stage, account, amount)
        yield stage.by_day(days(stage.some(90, 120)))


def of_wes(stage: Stage) -> Story:
    """Wes took some euros home, has pounds on their way, and asked for euros a minute ago."""
    euros = add_account(stage.cast["wes"], Behaviour.SUCCEEDS, "EUR")
    pounds = add_account(stage.cast["wes"], Behaviour.SLOW, "GBP")
    yield stage.end - days(21)
    yield from withdraw(stage, euros, 30_000)
    yield stage.end - hours(27)
    yield from withdraw(stage, pounds, 60_000)
    yield stage.end - minutes(4)
    request(stage, euros, 25_000)


def of_ana(stage: Stage) -> Story:
    """Ana's first withdrawal came back, and the second she cancelled."""
    closed = add_account(stage.cast["ana"], Behaviour.FAILS_LATER, "EUR")
    yield stage.end - days(15)
    withdrawal = yield from withdraw(stage, closed, 30_000)
    yield Till.slow + hours(1)
    withdrawing.look_up(withdrawal)
    yield hours(2)
    account = add_account(stage.cast["ana"], Behaviour.SUCCEEDS, "EUR")
    account.put_first(by=account.owner)
    yield stage.end - days(5)
    second = request(stage, account, 20_000)
    yield minutes(4)
    withdrawing.cancel(second, by=second.owner)


def request(stage: Stage, account: PayoutDestination, amount: int) -> Withdrawal:
    """Ask for *amount* minor units to be sent to *account*."""
    return withdrawing.request(account, amount, account.currency, by=account.owner, key=stage.key())


def withdraw(stage: Stage, account: PayoutDestination, amount: int) -> Generator[Wait, None, Withdrawal]:
    """Ask for *amount* minor units, and let it be sent when its pause is over."""
    withdrawal = request(stage, account, amount)
    yield withdrawal.send_at + minutes(1)
    return withdrawing.send(withdrawal)
