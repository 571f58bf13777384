"""Why a payment or a withdrawal came to nothing, in words for the member."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Those of gateways.REASONS, then our own.
WORDS: dict[str, str | Promise] = {
    "card_declined": _("The bank declined the card. It does not say why; your bank can."),
    "insufficient_funds": _("There is not enough money in the account behind it."),
    "expired_card": _("The card has expired."),
    "lost_card": _("The bank says that this card was reported lost or stolen."),
    "authentication_failed": _("It was not confirmed with the bank."),
    "source_closed": _("The account behind it is closed."),
    "destination_refused": _("The account does not accept this payout."),
    "other": _("The payment provider refused it and gave no reason."),
    "never_sent": _("It never reached the payment provider, so nothing was charged."),
    "not_sent": _("It never reached the payment provider."),
    "given_up": _("It was given up before the bank confirmed it."),
}


def words(reason: str) -> str:
    """Return the sentence for *reason*; that of "other" for one that nobody knows, nothing for none."""
    return str(WORDS.get(reason, WORDS["other"])) if reason else ""
