"""Who hears of payments and withdrawals. Their owner, always."""

from django.utils.translation import gettext_lazy as _

from accounts.notices import Word, amount, register, register_way, tell
from finances.payments import reasons
from finances.payments.models import Instrument, Payment, Withdrawal

register("payment-succeeded", _("%(sum)s arrived from %(source)s: %(words)s"))
register("payment-late", _("%(sum)s arrived from %(source)s after all and is in your available funds: %(words)s"))
register("payment-declined", _("%(sum)s could not be taken from %(source)s. %(why)s"))
register("payment-needs-step", _("Your bank asks you to confirm a payment of %(sum)s: %(words)s"))
register("payment-review", _("A payment of %(sum)s is under review: the provider reports another sum."))
register(
    "payment-refund-waiting", _("%(who)s proposes to give back %(reference)s, %(sum)s: it awaits a second person.")
)
register("payment-refunded", _("A payment of %(sum)s was given back to %(source)s."))
register("withdrawal-requested", _("You asked for a withdrawal of %(sum)s to %(to)s."))
register("withdrawal-sent", _("%(sum)s is on its way to %(to)s."))
register("withdrawal-paid", _("%(sum)s was paid out to %(to)s."))
register("withdrawal-failed", _("%(sum)s could not be sent to %(to)s and is back in your available funds. %(why)s"))
register("withdrawal-cancelled", _("You cancelled a withdrawal of %(sum)s. It is back in your available funds."))


register_way("reason", reasons.words)
register_way("instrument", Instrument.called)


def _why(reason: str) -> Word:
    return {"as": "reason", "of": [reason]}


def _instrument(instrument: Instrument) -> Word:
    return {"as": "instrument", "of": list(instrument.calling)}


def of_payment(kind: str, payment: Payment) -> None:
    """Tell the payer that the payment is *kind* now."""
    tell(
        payment.owner,
        f"payment-{kind}",
        payment.get_absolute_url(),
        sum=amount(payment.amount, payment.currency),
        source=_instrument(payment.source),
        words=payment.words,
        why=_why(payment.reason),
    )


def of_withdrawal(kind: str, withdrawal: Withdrawal) -> None:
    """Tell the member that their withdrawal is *kind* now."""
    tell(
        withdrawal.owner,
        f"withdrawal-{kind}",
        withdrawal.get_absolute_url(),
        sum=amount(withdrawal.amount, withdrawal.currency),
        to=_instrument(withdrawal.destination),
        why=_why(withdrawal.reason),
    )
