"""Finding the answers that never came, and comparing the provider's books with the ledger (P73).

Differences are told, never smoothed: nothing here moves money but by settling an intent with the provider's own answer.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, F, OuterRef, Sum
from django.utils import timezone

from config.money import format_minor
from finances.ledger.models import Account, Transfer
from finances.payments import adding, charging, refunding, withdrawing
from finances.payments.gateways import Gateway, Movement, Unreachable, gateway
from finances.payments.models import (
    Delivery,
    Instrument,
    Payment,
    PaymentSource,
    PayoutDestination,
    Reconciliation,
    Withdrawal,
)
from finances.payments.webhooks import handle, our_keys

logger = logging.getLogger(__name__)

MOST = 500  # intents of a kind a run
FIRST = timedelta(seconds=20)  # younger ones may be under way in a web process
STEP = timedelta(hours=24)  # a step that nobody took for so long is given up
UNANSWERED = 3  # calls in a row after which the provider is taken to be down for this run
LATE = timedelta(minutes=15)  # younger lines of the provider's books may be ahead of ours, or behind
LOOK_BACK = timedelta(days=3)  # so far do comparisons overlap


def settle_open() -> int:
    """Look up every open intent that is due, and return how many found their end.

    A sort of which several in a row have no answer is left to the next run, which takes them in another order: a
    provider that is down is not asked for ever, and what is hopeless keeps nobody else waiting.
    """
    ended = 0
    unanswered: Counter[type] = Counter()
    for what, look in _due():
        sort = type(what)
        if unanswered[sort] >= UNANSWERED:
            continue
        try:
            ended += bool(look())
            unanswered[sort] = 0
        except Unreachable:
            unanswered[sort] += 1
            if unanswered[sort] == UNANSWERED:
                logger.warning("The payment provider does not answer (%s); the next run goes on.", sort.__name__)
        except Exception:
            logger.exception("%s could not be settled", what)
    return ended


def _due() -> Iterator[tuple[Any, Callable[[], bool]]]:
    """What waits, with the call that looks it up and returns whether that was its end."""
    now = timezone.now()
    deliveries = Delivery.objects.filter(handled_at=None, received_at__lt=now - FIRST)
    for delivery in deliveries.order_by("received_at")[:MOST]:
        yield delivery, partial(handle, delivery.pk)
    payments = Payment.objects.open().filter(created_at__lt=now - FIRST).select_related("source")
    for payment in payments.order_by(F("looked_at").asc(nulls_first=True), "created_at")[:MOST]:
        # The older, the more seldom: a bank debit takes days.
        if payment.looked_at is None or now - payment.looked_at > (now - payment.created_at) / 20:
            yield payment, partial(_payment_ended, payment, now)
    withdrawals = Withdrawal.objects.under_way().filter(send_at__lte=now)
    for withdrawal in withdrawals.order_by("?")[:MOST]:
        yield withdrawal, partial(_withdrawal_ended, withdrawal)
    for model in (PaymentSource, PayoutDestination):
        begun = model.objects.filter(state=Instrument.State.ADDING, created_at__gt=now - timedelta(days=1))
        for instrument in begun.order_by("created_at")[:MOST]:
            yield instrument, partial(_added, instrument)


def _payment_ended(payment: Payment, now: datetime) -> bool:
    Payment.objects.filter(pk=payment.pk).update(looked_at=now)  # also where no answer comes: others are next then
    if payment.state == Payment.State.NEEDS_STEP and now - payment.created_at > STEP:
        answer = gateway(payment.gateway).cancel_charge(payment.reference)
        return not charging.settle(payment.pk, answer).is_open
    return not charging.look_up(payment).is_open


def _withdrawal_ended(withdrawal: Withdrawal) -> bool:
    return not withdrawing.send(withdrawal).is_open


def _added(instrument: Instrument) -> bool:
    return adding.finish(instrument).state != Instrument.State.ADDING


def compare_and_record(since: datetime | None = None) -> Reconciliation:
    """Settle what is open, compare since *since* (the last comparison's, less three days), keep the result.

    Raises Unreachable where the provider is down: nothing can be compared then.
    """
    provider = gateway()
    settled = settle_open()
    last = Reconciliation.objects.filter(gateway=provider.name).order_by("-at").first()
    since = since or (last.at if last else _first_intent(provider.name)) - LOOK_BACK
    now = timezone.now()
    movements = list(provider.movements(since))
    balances, unequal = _balances(provider, _ahead_of_us(provider.name, movements, now))
    differences = [
        *unequal,
        *_unknown_to_us(provider.name, movements, now),
        *_missing(provider.name, movements, since, now),
    ]
    return Reconciliation.objects.create(
        gateway=provider.name,
        since=since,
        settled=settled,
        movements=len(movements),
        balances=balances,
        differences=differences,
    )


def _first_intent(name: str) -> datetime:
    first = Payment.objects.filter(gateway=name).order_by("created_at").first()
    return first.created_at if first else timezone.now()


def _ahead_of_us(name: str, movements: Sequence[Movement], now: datetime) -> Counter[str]:
    """What moved at the provider just now for intents that are still to be settled here, by currency, minor units."""
    young = [movement for movement in movements if _young(movement, now)]
    keys = our_keys(movement.key for movement in young)
    waiting = {
        str(key) for key in Payment.objects.open().filter(gateway=name, key__in=keys).values_list("key", flat=True)
    }
    sending = Withdrawal.objects.filter(gateway=name, key__in=keys, state=Withdrawal.State.SENDING)
    waiting |= {str(key) for key in sending.values_list("key", flat=True)}
    sums: Counter[str] = Counter()
    for movement in young:
        if movement.key in waiting:
            sums[movement.currency] += movement.amount
    return sums


def _balances(provider: Gateway, ahead: Counter[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """What the provider holds beside what it must hold by the ledger once what is *ahead* of it is settled.

    That is what came in through it, less what it has sent already; what staff received by hand (``manage.py deposit``)
    is not at the provider.
    """
    sent = Withdrawal.objects.filter(gateway=provider.name, state=Withdrawal.State.SENT).order_by()
    on_its_way = {row["currency"]: row["sum"] for row in sent.values("currency").annotate(sum=Sum("amount"))}
    held, by_hand = provider.balances(), _received_by_hand()
    clearing = {a.currency: -a.true_balance() for a in Account.objects.filter(kind=Account.Kind.CLEARING)}
    rows, sentences = [], []
    for code in sorted({*held, *clearing}):
        theirs, elsewhere = held.get(code, 0), on_its_way.get(code, 0) + by_hand.get(code, 0)
        ours = clearing.get(code, 0) - elsewhere + ahead[code]
        rows.append({"currency": code, "provider": theirs, "ledger": ours, "by_hand": by_hand.get(code, 0)})
        if theirs != ours:
            sums = [format_minor(sum_, code) for sum_ in (theirs, ours, theirs - ours)]
            sentences.append("The provider holds {}, by the ledger it is {}: a difference of {}".format(*sums))
    return rows, sentences


def _received_by_hand() -> dict[str, int]:
    """What came in by deposits that no payment made, by currency, in minor units."""
    paid = Payment.objects.filter(transfer=OuterRef("pk"))
    deposits = Transfer.objects.filter(debit_account__kind=Account.Kind.CLEARING, kind=Transfer.Kind.DEPOSIT)
    by_hand = deposits.filter(~Exists(paid)).order_by().values("currency").annotate(sum=Sum("amount"))
    return {row["currency"]: row["sum"] for row in by_hand}


def _unknown_to_us(name: str, movements: Sequence[Movement], now: datetime) -> Iterator[str]:
    """Lines of the provider's books that our intents do not explain, each in a sentence."""
    keys = our_keys(movement.key for movement in movements)
    payments = {str(p.key): p for p in Payment.objects.filter(gateway=name, key__in=keys)}
    withdrawals = {str(w.key): w for w in Withdrawal.objects.filter(gateway=name, key__in=keys)}
    given_back = Payment.objects.filter(gateway=name, state=Payment.State.REFUNDED)
    refunds = {str(refunding.refund_key(payment)) for payment in given_back}
    came_back = {movement.key for movement in movements if movement.kind == "payout_failed"}
    for movement in movements:
        wrong = ""
        if movement.kind == "charge":
            wrong = _of_charge(movement, payments.get(movement.key), now)
        elif movement.kind == "payout":
            wrong = _of_payout(movement, withdrawals.get(movement.key), movement.key in came_back, now)
        elif movement.kind == "payout_failed":
            withdrawal = withdrawals.get(movement.key)
            if not _young(movement, now) and (withdrawal is None or withdrawal.state != Withdrawal.State.FAILED):
                wrong = "is not back in a wallet here"
        elif movement.kind != "refund" or movement.key not in refunds:
            wrong = "is not in the ledger"
        if wrong:
            sum_ = format_minor(movement.amount, movement.currency)
            yield f"{sum_} ({movement.kind} {movement.reference}, {movement.at:%Y-%m-%d %H:%M} UTC) {wrong}"


def _young(movement: Movement, now: datetime) -> bool:
    return now - movement.at < LATE


def _of_charge(movement: Movement, payment: Payment | None, now: datetime) -> str:
    if payment is None:
        return "was taken, and no payment here asked for it"
    given_back = payment.state == Payment.State.REFUNDED
    if given_back and (movement.amount, movement.currency) == (payment.taken_amount, payment.taken_currency):
        return ""
    if (movement.amount, movement.currency) != (payment.amount, payment.currency):
        return f"was taken for {payment}, which asked for {format_minor(payment.amount, payment.currency)}"
    if payment.state != Payment.State.SUCCEEDED and not _young(movement, now):
        return f"was taken for {payment}, which is “{payment.state}” here"
    return ""


def _of_payout(movement: Movement, withdrawal: Withdrawal | None, came_back: bool, now: datetime) -> str:
    if withdrawal is None:
        return "was sent, and no withdrawal here asked for it"
    if (-movement.amount, movement.currency) != (withdrawal.amount, withdrawal.currency):
        return f"was sent for {withdrawal}, which asked for {format_minor(withdrawal.amount, withdrawal.currency)}"
    sent = withdrawal.state in (Withdrawal.State.SENDING, Withdrawal.State.SENT, Withdrawal.State.PAID)
    if not sent and not came_back and not _young(movement, now):
        return f"was sent for {withdrawal}, which is “{withdrawal.state}” here"
    return ""


def _missing(name: str, movements: Iterable[Movement], since: datetime, now: datetime) -> Iterator[str]:
    """Money that we say came in or went out, of which the provider's books know nothing."""
    told = {(movement.kind, movement.key) for movement in movements}
    paid = Payment.objects.filter(gateway=name, state=Payment.State.SUCCEEDED, created_at__gte=since)
    for payment in paid.filter(transfer__created_at__lt=now - LATE):
        if ("charge", str(payment.key)) not in told:
            yield f"{payment}: {format_minor(payment.amount, payment.currency)} came in here, but not at the provider"
    gone = Withdrawal.objects.filter(gateway=name, state=Withdrawal.State.PAID)
    for withdrawal in gone.filter(asked_at__gte=since, asked_at__lt=now - LATE):
        if ("payout", str(withdrawal.key)) not in told:
            sum_ = format_minor(withdrawal.amount, withdrawal.currency)
            yield f"{withdrawal}: {sum_} went out here, but not at the provider"
