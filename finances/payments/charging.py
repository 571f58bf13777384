"""Charging a payment source: the intent first, then the provider, then its answer, applied once.

1. ``begin`` writes the intent and commits it. 2. ``charge`` calls the provider outside any transaction, with the
intent's key. 3. ``settle`` applies what it answered, in a second transaction. An answer that never comes is asked for
later by ``look_up``, which a job, a webhook and the person who comes back from their bank all call: whoever is first
settles it, and the others find it settled.
"""

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post
from finances.payments import jobs, notices, purposes
from finances.payments.gateways import Answer, Outcome, Refused, Unreachable, gateway
from finances.payments.models import Payment, PaymentSource

logger = logging.getLogger(__name__)

# After this long without the provider having heard of a charge, no request of ours can still be under way: each is
# given up after PAYMENT_TIMEOUT seconds, a minute at most.
NEVER_SENT = timedelta(minutes=10)


@retried
def begin(
    source: PaymentSource,
    amount: int,
    currency: str,
    *,
    by: Member,
    key: uuid.UUID,
    purpose: str = "deposit",
    words: str = "",
    seen: Seen = UNSEEN,
) -> Payment:
    """Write the intent to charge *amount* minor units of *currency* to *source*, and return it: the same for a *key*.

    Nothing is charged yet. Raises WrongState for a source that is not verified (P16), was removed, is another
    provider's or can't pay in *currency*, and where too much time passed since it was *seen*; PermissionDenied for
    anybody but its owner; KeyConflict where the key was used for something else.
    """
    with transaction.atomic():
        if source.owner_id != by.pk:
            raise PermissionDenied(_("Only its owner can pay from a payment source."))
        # One at a time for each source, so that two with the same key find one another.
        source = PaymentSource.objects.select_for_update(no_key=True).get(pk=source.pk)
        done = Payment.objects.filter(key=key).first()
        if done:
            if (done.source_id, done.amount, done.currency, done.purpose) != (source.pk, amount, currency, purpose):
                raise KeyConflict(f"operation {key} was {done}")
            return done  # type: ignore[no-any-return]
        seen.require("")
        if not PaymentSource.objects.usable(currency).filter(pk=source.pk).exists():
            raise WrongState(_("This payment source can't be used for it (any more). Choose another one."))
        payment: Payment = Payment.objects.create(
            owner=by,
            source=source,
            gateway=source.gateway,
            key=key,
            purpose=purpose,
            words=words or str(_("Deposit")),
            amount=amount,
            currency=currency,
        )
        payment.record("created", by=by, key=key, shown=seen.shown, address=seen.address)
        jobs.look_up_later(payment)
    return payment


def charge(payment: Payment) -> Payment:
    """Ask the provider to take the money, and return the payment as it stands then. Once a payment: see ``_claimed``.

    Where no answer comes, it stays open, and ``look_up`` finds out later. Must not be called within a transaction.
    """
    if not _claimed(payment):
        return _fresh(payment)
    try:
        answer = gateway(payment.gateway).charge(
            key=str(payment.key),
            source=payment.source.reference,
            customer=payment.source.customer,
            amount=payment.amount,
            currency=payment.currency,
            words=f"{settings.SITE_NAME} {payment.display_reference}",
            back=settings.SITE_URL + reverse("payments:back", args=[payment.pk]),
        )
    except Unreachable:
        logger.warning("No answer to the charge of %s: it will be looked up.", payment)
        return _fresh(payment)
    except Refused as refusal:
        return _fail(payment.pk, "other", str(refusal))
    return settle(payment.pk, answer)


def _claimed(payment: Payment) -> bool:
    """Note that the provider is about to be called. False where that was noted before: by a twin, or before a crash.

    What died between this note and the provider's answer is never sent again by itself: nobody wants to be charged
    when they have long gone elsewhere. It is looked up, and if the provider never heard of it, it has failed.
    """
    unasked = Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED, asked_at=None)
    return bool(unasked.update(asked_at=timezone.now()))


def _fresh(payment: Payment) -> Payment:
    return Payment.objects.select_related("owner", "source").get(pk=payment.pk)  # type: ignore[no-any-return]


@retried
def settle(pk: int, answer: Answer) -> Payment:
    """Apply what the provider says of the payment *pk*, once, and return it. However often, in whatever order.

    Money that was taken is never lost: where the payment had been given up for good, it goes to the wallet. Another
    sum than was asked for credits nobody: the payment is under review until staff give it back.
    """
    with transaction.atomic():
        payment = _locked(pk)
        payment.looked_at = timezone.now()
        payment.reference = answer.reference or payment.reference
        payment.save(update_fields=["looked_at", "reference"])
        if answer.outcome == Outcome.SUCCEEDED:
            _succeeded(payment, answer)
        elif payment.is_open:
            _still_without_money(payment, answer)
    return payment


def _locked(pk: int) -> Payment:
    """Lock what the payment's purpose wants locked, then the payment."""
    before = Payment.objects.get(pk=pk)
    purposes.purpose_of(before).lock(before)
    payments = Payment.objects.select_for_update(of=("self",), no_key=True)
    return payments.select_related("owner", "source").get(pk=pk)  # type: ignore[no-any-return]


def _succeeded(payment: Payment, answer: Answer) -> None:
    if payment.state in (Payment.State.SUCCEEDED, Payment.State.REVIEW, Payment.State.REFUNDED):
        return
    if (answer.amount, answer.currency) != (payment.amount, payment.currency):
        payment.taken_amount, payment.taken_currency = answer.amount, answer.currency
        payment.save(update_fields=["taken_amount", "taken_currency"])
        _move(payment, Payment.State.REVIEW)
        notices.of_payment("review", payment)
        return
    late = not payment.is_open
    clearing = Account.platform(Account.Kind.CLEARING, payment.currency)
    wallet = Account.wallet(payment.owner_id, payment.currency)
    (payment.transfer,) = post(payment.key, Leg(clearing, wallet, payment.amount, Transfer.Kind.DEPOSIT))
    payment.reason, payment.step_url = "", ""
    _move(payment, Payment.State.SUCCEEDED)
    notices.of_payment("late" if late else "succeeded", payment)
    purposes.purpose_of(payment).received(payment, late=late)


def _still_without_money(payment: Payment, answer: Answer) -> None:
    state = {
        Outcome.PROCESSING: Payment.State.PROCESSING,
        Outcome.NEEDS_STEP: Payment.State.NEEDS_STEP,
        Outcome.DECLINED: Payment.State.DECLINED,
        Outcome.CANCELLED: Payment.State.CANCELLED,
    }[answer.outcome]
    if state == payment.state:
        return
    payment.step_url = answer.step_url
    payment.reason = answer.reason or ("given_up" if state == Payment.State.CANCELLED else "")
    _move(payment, state)
    told = {Payment.State.DECLINED: "declined", Payment.State.NEEDS_STEP: "needs-step"}
    if state in told:
        notices.of_payment(told[state], payment)


def _move(payment: Payment, state: str, *, by: Member | None = None, note: str = "") -> None:
    payment.state = state
    payment.version += 1
    payment.save(update_fields=["state", "version", "reason", "step_url", "transfer"])
    payment.record(state, by=by, note=note)


@retried
def _fail(pk: int, reason: str, note: str = "") -> Payment:
    """Note that nothing was taken and nothing will be."""
    with transaction.atomic():
        payment = _locked(pk)
        if payment.is_open:
            payment.reason, payment.step_url = reason, ""
            _move(payment, Payment.State.DECLINED, note=note)
            notices.of_payment("declined", payment)
    return payment


def look_up(payment: Payment) -> Payment:
    """Ask the provider what became of the payment, apply it, and return the payment as it stands then.

    Raises Unreachable where no answer comes. Must not be called within a transaction.
    """
    provider = gateway(payment.gateway)
    if payment.reference:
        return settle(payment.pk, provider.read_charge(payment.reference))
    answer = provider.find_charge(str(payment.key), customer=payment.source.customer, since=payment.created_at)
    if answer is not None:
        return settle(payment.pk, answer)
    asked_at = payment.asked_at or payment.created_at
    if payment.is_open and timezone.now() - asked_at > NEVER_SENT:
        return _fail(payment.pk, "never_sent")
    Payment.objects.filter(pk=payment.pk).update(looked_at=timezone.now())
    return _fresh(payment)


def give_up(payment: Payment, *, by: Member) -> Payment:
    """Let the payment that needs a step never succeed, at the provider first, and return it as it stands then.

    WrongState where it does not need a step, PermissionDenied for anybody but the payer, Unreachable where the provider
    does not answer. Must not be called within a transaction.
    """
    payment.require("give_up", by)
    return settle(payment.pk, gateway(payment.gateway).cancel_charge(payment.reference))
