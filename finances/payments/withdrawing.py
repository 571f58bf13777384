"""Withdrawing: out of the wallet at once, sent after a pause in which it can be cancelled, settled once.

The money waits in the owner's account of payouts in flight, so two withdrawals can't spend it twice and nobody counts
it as available. It leaves that account when the provider says that it arrived (to provider clearing), or when it was
cancelled or could not be sent (back to the wallet).
"""

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post
from finances.payments import jobs, notices
from finances.payments.gateways import Answer, Outcome, Refused, Unreachable, gateway
from finances.payments.models import PayoutDestination, Withdrawal

logger = logging.getLogger(__name__)

# The transfers after the first have keys made from the withdrawal's own, one a step that can happen once.
ARRIVED, BACK = "arrived", "back"
# The provider is asked again with the same key, which is one payout, for as long as it surely remembers keys.
ASK_AGAIN = timedelta(hours=12)
# After this long no request of ours can still be under way, so what the provider does not know it will never know.
NEVER_SENT = ASK_AGAIN + timedelta(minutes=10)


@retried
def request(
    destination: PayoutDestination, amount: int, currency: str, *, by: Member, key: uuid.UUID, seen: Seen = UNSEEN
) -> Withdrawal:
    """Take *amount* minor units of *currency* out of the wallet to be sent to *destination*; the same for a *key*.

    Raises InsufficientFunds where the wallet has less, WrongState for a destination that is not verified, was removed
    or takes another currency, PermissionDenied for anybody but its owner, KeyConflict for a key of something else.
    """
    with transaction.atomic():
        if destination.owner_id != by.pk:
            raise PermissionDenied(_("Only its owner can withdraw to a payout account."))
        destination = PayoutDestination.objects.select_for_update(no_key=True).get(pk=destination.pk)
        done = Withdrawal.objects.filter(key=key).first()
        if done:
            if (done.destination_id, done.amount, done.currency) != (destination.pk, amount, currency):
                raise KeyConflict(f"operation {key} was {done}")
            return done  # type: ignore[no-any-return]
        seen.require("")
        if not PayoutDestination.objects.usable(currency).filter(pk=destination.pk).exists():
            raise WrongState(_("This payout account can't be used for it (any more). Choose another one."))
        wallet, payout = Account.wallet(by.pk, currency), Account.payout(by.pk, currency)
        (transfer,) = post(key, Leg(wallet, payout, amount, Transfer.Kind.WITHDRAWAL))
        withdrawal: Withdrawal = Withdrawal.objects.create(
            owner=by,
            destination=destination,
            gateway=destination.gateway,
            key=key,
            amount=amount,
            currency=currency,
            send_at=timezone.now() + timedelta(seconds=settings.WITHDRAWAL_PAUSE),
        )
        withdrawal.record("requested", transfer=transfer, by=by, shown=seen.shown, address=seen.address)
        notices.of_withdrawal("requested", withdrawal)
        jobs.send_later(withdrawal)
    return withdrawal


@retried
def cancel(withdrawal: Withdrawal, *, by: Member, seen: Seen = UNSEEN) -> Withdrawal:
    """Put the money back into the wallet. WrongState once it is being sent, PermissionDenied for anybody but its owner.

    Cancelling what is cancelled changes nothing.
    """
    with transaction.atomic():
        withdrawal = _locked(withdrawal.pk)
        withdrawal.require_who("cancel", by)
        if withdrawal.state == Withdrawal.State.CANCELLED:
            return withdrawal
        withdrawal.require("cancel", by)
        seen.require(str(withdrawal.version))
        _put_back(withdrawal, Withdrawal.State.CANCELLED, by=by, seen=seen)
        notices.of_withdrawal("cancelled", withdrawal)
    return withdrawal


def send(withdrawal: Withdrawal) -> Withdrawal:
    """Give the withdrawal to the provider if its pause is over, and return it as it stands then.

    What was given to it without an answer is looked for, and given again with the same key, which is one payout, for
    half a day. Raises Unreachable where no answer comes. Must not be called within a transaction.
    """
    withdrawal, first = _sending(withdrawal.pk)
    if not first and withdrawal.state in (Withdrawal.State.SENDING, Withdrawal.State.SENT):
        # Before it is given again: a provider that did it and failed may repeat the error as long as it keeps the key.
        withdrawal = look_up(withdrawal)
    if withdrawal.state == Withdrawal.State.SENDING and not _too_old(withdrawal):
        return _give(withdrawal)
    return withdrawal


def _too_old(withdrawal: Withdrawal, limit: timedelta = ASK_AGAIN) -> bool:
    """Whether the provider may have forgotten the key, so that giving it again could be a second payout."""
    return bool(withdrawal.asked_at and timezone.now() - withdrawal.asked_at > limit)


def _give(withdrawal: Withdrawal) -> Withdrawal:
    try:
        answer = gateway(withdrawal.gateway).pay_out(
            key=str(withdrawal.key),
            destination=withdrawal.destination.reference,
            amount=withdrawal.amount,
            currency=withdrawal.currency,
            words=f"{settings.SITE_NAME} {withdrawal.display_reference}",
        )
    except Unreachable:
        logger.warning("No answer to the payout of %s: it will be asked for again.", withdrawal)
        raise
    except Refused as refusal:
        declined = Answer(Outcome.DECLINED, "", withdrawal.amount, withdrawal.currency, reason="destination_refused")
        return settle(withdrawal.pk, declined, note=str(refusal))
    return settle(withdrawal.pk, answer)


@retried
def _sending(pk: int) -> tuple[Withdrawal, bool]:
    """Note, before the provider is called, that it can't be cancelled any more. Returns whether that is new."""
    with transaction.atomic():
        withdrawal = _locked(pk)
        first = withdrawal.state == Withdrawal.State.REQUESTED and withdrawal.send_at <= timezone.now()
        if first:
            withdrawal.asked_at = timezone.now()
            _move(withdrawal, Withdrawal.State.SENDING)
    return withdrawal, first


@retried
def settle(pk: int, answer: Answer, note: str = "") -> Withdrawal:
    """Apply what the provider says of the withdrawal *pk*, once, and return it.

    A payout that comes back after it had arrived puts the money back into the wallet all the same.
    """
    given = (Withdrawal.State.SENDING, Withdrawal.State.SENT)
    with transaction.atomic():
        withdrawal = _locked(pk)
        withdrawal.reference = answer.reference or withdrawal.reference
        withdrawal.arrives_on = answer.arrives_on or withdrawal.arrives_on
        withdrawal.save(update_fields=["reference", "arrives_on"])
        state = withdrawal.state
        if answer.reference and (answer.amount, answer.currency) != (withdrawal.amount, withdrawal.currency):
            # Its key fixes the sum; reconciliation tells of it, and the money stays in flight.
            logger.error("%s: the provider says that %s %s was sent", withdrawal, answer.amount, answer.currency)
        elif answer.outcome == Outcome.SUCCEEDED and state in given:
            _arrived(withdrawal)
        elif answer.outcome in (Outcome.DECLINED, Outcome.CANCELLED) and state in (*given, Withdrawal.State.PAID):
            withdrawal.reason = answer.reason or "other"
            _put_back(withdrawal, Withdrawal.State.FAILED, note=note)
            notices.of_withdrawal("failed", withdrawal)
        elif answer.outcome == Outcome.PROCESSING and state == Withdrawal.State.SENDING:
            _move(withdrawal, Withdrawal.State.SENT)
            notices.of_withdrawal("sent", withdrawal)
    return withdrawal


def look_up(withdrawal: Withdrawal) -> Withdrawal:
    """Ask the provider what became of a withdrawal that was given to it, and apply it. Raises Unreachable.

    What it does not know after half a day of asking never reached it: the money goes back into the wallet.
    """
    provider = gateway(withdrawal.gateway)
    if withdrawal.reference:
        return settle(withdrawal.pk, provider.read_payout(withdrawal.reference))
    answer = provider.find_payout(
        str(withdrawal.key), destination=withdrawal.destination.reference, since=withdrawal.created_at
    )
    if answer is not None:
        return settle(withdrawal.pk, answer)
    if withdrawal.state == Withdrawal.State.SENDING and _too_old(withdrawal, NEVER_SENT):
        logger.error("%s was given to the provider, which does not know it: the money goes back.", withdrawal)
        unsent = Answer(Outcome.DECLINED, "", withdrawal.amount, withdrawal.currency, reason="not_sent")
        return settle(withdrawal.pk, unsent)
    return withdrawal


def _locked(pk: int) -> Withdrawal:
    withdrawals = Withdrawal.objects.select_for_update(of=("self",), no_key=True)
    return withdrawals.select_related("owner", "destination").get(pk=pk)  # type: ignore[no-any-return]


def _arrived(withdrawal: Withdrawal) -> None:
    payout = Account.payout(withdrawal.owner_id, withdrawal.currency)
    clearing = Account.platform(Account.Kind.CLEARING, withdrawal.currency)
    key = uuid.uuid5(withdrawal.key, ARRIVED)
    (transfer,) = post(key, Leg(payout, clearing, withdrawal.amount, Transfer.Kind.WITHDRAWAL))
    _move(withdrawal, Withdrawal.State.PAID, transfer=transfer)
    notices.of_withdrawal("paid", withdrawal)


def _put_back(
    withdrawal: Withdrawal, state: str, *, by: Member | None = None, seen: Seen = UNSEEN, note: str = ""
) -> None:
    """Return the money to the wallet from where it is: in flight, or, after it had arrived, at the provider again."""
    if withdrawal.state == Withdrawal.State.PAID:
        place = Account.platform(Account.Kind.CLEARING, withdrawal.currency)
    else:
        place = Account.payout(withdrawal.owner_id, withdrawal.currency)
    wallet = Account.wallet(withdrawal.owner_id, withdrawal.currency)
    key = uuid.uuid5(withdrawal.key, BACK)
    (transfer,) = post(key, Leg(place, wallet, withdrawal.amount, Transfer.Kind.RETURN))
    _move(withdrawal, state, transfer=transfer, by=by, seen=seen, note=note)


def _move(
    withdrawal: Withdrawal,
    state: str,
    *,
    transfer: Transfer | None = None,
    by: Member | None = None,
    seen: Seen = UNSEEN,
    note: str = "",
) -> None:
    withdrawal.state = state
    withdrawal.version += 1
    withdrawal.save(update_fields=["state", "version", "reason", "asked_at"])
    withdrawal.record(state, transfer=transfer, by=by, shown=seen.shown, address=seen.address, note=note)
