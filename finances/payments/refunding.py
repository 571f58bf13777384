"""Giving back at the provider what it took for a payment under review (P71): a reason, two people above a set sum.

1. ``refund`` writes who decided it, when and why, and commits that; above CORRECTION_ALONE_LIMIT the first person's
step is a proposal. 2. The provider is asked outside any transaction, under a key of the payment's own, so that it gives
back once however often it is asked. 3. The payment is moved on. Where the provider doesn't answer, it stays under
review, and the same step is taken again.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.notices import amount, tell
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.payments import notices
from finances.payments.gateways import Outcome, Refused, gateway
from finances.payments.models import Payment, PaymentEvent
from finances.payments.notices_corrections import of_finance

WAITS = timedelta(days=14)  # how long a proposal waits for a second person
DECIDED, PROPOSED = "refund", "refund_proposed"  # the two events of ``refund``


def refund(payment: Payment, *, reason: str, by: Member, key: uuid.UUID, seen: Seen = UNSEEN) -> Payment:
    """Give back all that the provider took, or propose it, and return the payment as it stands then.

    Above the limit, and in currencies without one, the first person proposes it and another one gives it back: the
    payment that comes back is still under review after a proposal. The same *key* again does nothing anew.

    WrongState, PermissionDenied, Unreachable and Refused as their names say; KeyConflict where *key* was another
    step. Must not be called within a transaction.
    """
    payment, decided = _decide(payment.pk, reason, by, key, seen)
    if not decided or payment.state != Payment.State.REVIEW:
        return payment
    answer = gateway(payment.gateway).refund(
        key=str(refund_key(payment)), charge=payment.reference, amount=payment.to_refund, currency=payment.taken_in
    )
    if answer.outcome in (Outcome.DECLINED, Outcome.CANCELLED):
        raise Refused(_("The provider could not give it back."))
    return _refunded(payment.pk, by)


def refund_key(payment: Payment) -> uuid.UUID:
    """Return the key under which all of the payment is given back, once."""
    return uuid.uuid5(payment.key, "refund")


def needs_second(payment: Payment) -> bool:
    """Return whether one person can't give it back alone."""
    limit: int = settings.CORRECTION_ALONE_LIMIT.get(payment.taken_in, 0)
    return payment.to_refund > limit


def proposal(payment: Payment) -> PaymentEvent | None:
    """Return the newest proposal to give it back that still waits for a second person."""
    events = payment.events.filter(action=PROPOSED, at__gt=timezone.now() - WAITS)
    return events.select_related("actor").order_by("pk").last()  # type: ignore[no-any-return]


def proposes(payment: Payment, by: Member) -> bool:
    """Return whether *by* would propose it and not give it back. WrongState where they proposed it already."""
    if not needs_second(payment):
        return False
    before = proposal(payment)
    if before and before.actor_id == by.pk:
        raise WrongState(_("You have proposed it. A second person must give it back now."))
    return before is None


def version(payment: Payment) -> str:
    """Return what changes with each step of the payment, and with each proposal to give it back."""
    before = proposal(payment)
    return f"{payment.version}-{before.pk if before else 0}"


@retried
def _decide(pk: int, reason: str, by: Member, key: uuid.UUID, seen: Seen) -> tuple[Payment, bool]:
    """Write the step down; return the payment, and whether the provider is to be asked."""
    with transaction.atomic():
        payment = _locked(pk)
        if before := PaymentEvent.objects.filter(key=key).first():
            if before.payment_id != pk or before.actor_id != by.pk or before.action not in (DECIDED, PROPOSED):
                raise KeyConflict(f"operation {key} was {before}")
            return payment, before.action == DECIDED
        payment.require("refund", by)
        seen.require(version(payment))
        action = PROPOSED if proposes(payment, by) else DECIDED
        payment.record(action, by=by, key=key, shown=seen.shown, address=seen.address, note=reason)
        if action == PROPOSED:
            _tell_others(payment, by)
    return payment, action == DECIDED


@retried
def _refunded(pk: int, by: Member) -> Payment:
    with transaction.atomic():
        payment = _locked(pk)
        if payment.state == Payment.State.REVIEW:
            payment.state = Payment.State.REFUNDED
            payment.version += 1
            payment.save(update_fields=["state", "version"])
            payment.record(payment.state, by=by)
            notices.of_payment("refunded", payment)
    return payment


def _locked(pk: int) -> Payment:
    rows = Payment.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("owner", "source").get(pk=pk)  # type: ignore[no-any-return]


def _tell_others(payment: Payment, by: Member) -> None:
    """Tell those of the group finance who could be the second person."""
    for member in of_finance().exclude(pk__in=[by.pk, payment.owner_id]):
        tell(
            member,
            "payment-refund-waiting",
            reverse("admin:payments_payment_change", args=[payment.pk]),
            who=by.name,
            reference=payment.display_reference,
            sum=amount(payment.to_refund, payment.taken_in),
        )
