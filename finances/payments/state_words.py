"""What is true of a payment or a withdrawal now, and whose move it is: a tone and a sentence for each state."""

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from config.money import format_minor
from finances.payments import purposes, reasons
from finances.payments.models import Payment, Withdrawal

PAYMENT_TONES = {
    Payment.State.CREATED: "accent",
    Payment.State.PROCESSING: "accent",
    Payment.State.NEEDS_STEP: "caution",
    Payment.State.SUCCEEDED: "positive",
    Payment.State.DECLINED: "negative",
    Payment.State.CANCELLED: "neutral",
    Payment.State.REVIEW: "caution",
    Payment.State.REFUNDED: "neutral",
}
WITHDRAWAL_TONES = {
    Withdrawal.State.REQUESTED: "accent",
    Withdrawal.State.SENDING: "accent",
    Withdrawal.State.SENT: "accent",
    Withdrawal.State.PAID: "positive",
    Withdrawal.State.FAILED: "negative",
    Withdrawal.State.CANCELLED: "neutral",
}


def of_payment(payment: Payment) -> str:
    """Say how the payment stands, and who has to do what."""
    words = {
        Payment.State.CREATED: _(
            "We have no answer from the payment provider yet. Nothing is lost: we ask until we know, and the money is "
            "taken once at most. You don't have to do anything. Wait with paying again until this is answered."
        ),
        Payment.State.PROCESSING: _(
            "The payment provider is at it. With a card that takes seconds, with a bank account some working days. "
            "You don't have to do anything; we tell you when it is through."
        ),
        Payment.State.NEEDS_STEP: _(
            "Your bank asks you to confirm this payment. Nothing is taken until you do, and after a day it is given up."
        ),
        Payment.State.CANCELLED: _("It was given up before your bank had confirmed it. Nothing was taken."),
        Payment.State.REFUNDED: _(
            "What the provider had taken was given back to %(source)s. Your bank may need some days to show it."
        ),
        Payment.State.REVIEW: _(
            "The payment provider reports that it took %(taken)s, not %(sum)s. Nothing was added to your funds. Our "
            "staff look into it and give the money back; you don't have to do anything."
        ),
    }
    if payment.state == Payment.State.SUCCEEDED:
        return purposes.purpose_of(payment).outcome(payment)
    if payment.state == Payment.State.DECLINED:
        return _("%(why)s Nothing was taken.") % {"why": reasons.words(payment.reason)}
    taken = payment.taken_amount or payment.amount
    return words[Payment.State(payment.state)] % {
        "source": payment.source,
        "sum": format_minor(payment.amount, payment.currency),
        "taken": format_minor(taken, payment.taken_currency or payment.currency),
    }


def of_withdrawal(withdrawal: Withdrawal) -> str:
    """Say how the withdrawal stands, and who has to do what."""
    sent_at = formats.date_format(timezone.localtime(withdrawal.send_at), "DATETIME_FORMAT")
    words = {
        Withdrawal.State.REQUESTED: _(
            "It is sent on %(sent_at)s. Until then you can cancel it. The money has left your available funds already."
        ),
        Withdrawal.State.SENDING: _(
            "It was given to the payment provider, which has not confirmed it yet, so it can't be cancelled any more. "
            "Nothing is lost: we ask until we know, and it is sent once at most."
        ),
        Withdrawal.State.SENT: _("The payment provider has sent it. You don't have to do anything. %(arrival)s"),
        Withdrawal.State.PAID: _("The payment provider has paid it out. %(arrival)s"),
        Withdrawal.State.FAILED: _("%(why)s The money is back in your available funds."),
        Withdrawal.State.CANCELLED: _("You cancelled it. The money is back in your available funds."),
    }
    return words[Withdrawal.State(withdrawal.state)] % {
        "sent_at": sent_at,
        "arrival": arrival(withdrawal),
        "why": reasons.words(withdrawal.reason),
    }


def arrival(withdrawal: Withdrawal) -> str:
    """Say when the money is at its destination, as far as anybody knows."""
    if withdrawal.arrives_on is None:
        return _("Banks usually need some working days.") if withdrawal.is_open else ""
    day = {"day": formats.date_format(withdrawal.arrives_on, "DATE_FORMAT")}
    if withdrawal.arrives_on > timezone.localdate():
        return _("It is expected at your bank on %(day)s.") % day
    return _("It was expected at your bank on %(day)s.") % day


UNITS = (
    (86_400, ngettext_lazy("%(number)d day after you confirm", "%(number)d days after you confirm", "number")),
    (3600, ngettext_lazy("%(number)d hour after you confirm", "%(number)d hours after you confirm", "number")),
    (60, ngettext_lazy("%(number)d minute after you confirm", "%(number)d minutes after you confirm", "number")),
    (1, ngettext_lazy("%(number)d second after you confirm", "%(number)d seconds after you confirm", "number")),
)


def pause() -> str:
    """Say how long after its confirmation a withdrawal is sent."""
    seconds = settings.WITHDRAWAL_PAUSE
    if seconds == 0:
        return _("as soon as you confirm")
    size, words = next((size, words) for size, words in UNITS if seconds % size == 0)
    return words % {"number": seconds // size}
