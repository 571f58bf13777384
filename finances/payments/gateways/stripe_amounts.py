"""Amounts as Stripe writes them, to and from minor units of ISO 4217. Exactly, or not at all.

Most currencies agree. Those that don't, as Stripe documents them: some have no decimals there, ISK and UGX have none
but are written with two, and with three decimals the last must be zero.
"""

from django.utils.translation import gettext as _

from config.money import decimals
from finances.payments.gateways.base import Refused

NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
WHOLE_BUT_WRITTEN_WITH_TWO = frozenset({"ISK", "UGX"})
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def _way(currency: str) -> tuple[int, int]:
    """Return how many decimals Stripe writes, and of what each of its amounts must be a multiple."""
    if currency in NO_DECIMALS:
        return 0, 1
    if currency in WHOLE_BUT_WRITTEN_WITH_TWO:
        return 2, 100
    if currency in THREE_DECIMALS:
        return 3, 10
    if decimals(currency) == 2:
        return 2, 1
    raise Refused(_("The payment provider does not know the currency %(currency)s.") % {"currency": currency})


def to_stripe(minor: int, currency: str) -> int:
    """Return *minor* units as Stripe writes them. Raises Refused, with words, for what Stripe can't express."""
    places, step = _way(currency)
    ours = decimals(currency)
    amount, rest = divmod(minor * 10**places, 10**ours)
    if rest or amount % step:
        raise Refused(
            _("The payment provider can’t take exactly this amount in %(currency)s. Choose a rounder one.")
            % {"currency": currency}
        )
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """Return what Stripe writes as *amount* in minor units of ISO 4217. ValueError if they can't express it."""
    code = currency.upper()
    places, _step = _way(code)
    minor, rest = divmod(amount * 10 ** decimals(code), 10**places)
    if rest:
        raise ValueError(f"{amount} of {code} at Stripe is no whole number of minor units")
    return minor
