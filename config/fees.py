"""What the site keeps of money that is released: rates by currency, read from the settings, exact to the minor unit.

A fee is cumulative: it is computed on all that was released of a milestone, and a release pays what that adds to what
was paid before. So the parts of a milestone pay together what the whole would pay at once, to the last cent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from moneyed import CURRENCIES as ISO_4217

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.money import LARGEST, decimals, share

ENTRY = re.compile(r"(\*|[A-Z]{3})\s*=\s*([0-9]+)(?:\.([0-9]+))?\s*%(?:\s+min\s+([0-9]+)(?:\.([0-9]+))?)?")
AMOUNT = re.compile(r"([A-Z]{3})\s*=\s*([0-9]+)(?:\.([0-9]+))?")
PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)\s*%")
EVERY_OTHER = "*"  # currency
PLACES = 3  # decimals of a percentage


@dataclass(frozen=True)
class Fee:
    """*percent* per cent of what is released of a milestone, and *least* minor units at least, if more is released."""

    percent: Decimal = Decimal(0)
    least: int = 0

    def __bool__(self) -> bool:
        """Whether it ever comes to anything."""
        return self.percent > 0 or self.least > 0

    def on(self, released: int) -> int:
        """Return what is due, in minor units, once *released* of a milestone is released in all."""
        return min(released, max(share(released, self.percent), self.least)) if self else 0

    def between(self, before: int, after: int) -> int:
        """Return what is due for going on from *before* to *after* minor units released in all."""
        return self.on(after) - self.on(before)


class Sums(NamedTuple):
    """What a step comes to in fees, for each side, in minor units."""

    freelancer: int = 0
    employer: int = 0


NONE = Sums()


class Terms(NamedTuple):
    """The two fees that hold for an award: the freelancer's comes off what they get, the employer's on top."""

    freelancer: Fee = Fee()
    employer: Fee = Fee()

    def between(self, before: int, after: int) -> Sums:
        """Return both fees of a release that goes on from *before* to *after* minor units released in all."""
        return Sums(self.freelancer.between(before, after), self.employer.between(before, after))

    def __str__(self) -> str:
        """Both in one word, the same for the same terms: what a confirmation was shown."""
        return "/".join(f"{fee.percent.normalize():f}+{fee.least}" for fee in self)


def current(currency: str) -> Terms:
    """Return the terms that an award in *currency* gets if it is made now."""
    return Terms(*(_in(rates, currency) for rates in (settings.FREELANCER_FEES, settings.EMPLOYER_FEES)))


def _in(rates: Mapping[str, Fee], currency: str) -> Fee:
    return rates[currency] if currency in rates else rates.get(EVERY_OTHER, Fee())


def read(name: str, text: str) -> dict[str, Fee]:
    """Return the fees that the setting *name* says, by currency; *text* is like ``*=10%,GBP=5% min 0.50``.

    Raises ImproperlyConfigured, with a sentence, for anything else.
    """
    rates: dict[str, Fee] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        currency, fee = _entry(name, entry)
        if currency in rates:
            raise ImproperlyConfigured(f"{name} names {currency} twice.")
        rates[currency] = fee
    return rates


def read_percent(name: str, text: str) -> Decimal:
    """Return the percentage (``10%``) that the setting *name* says. Raises ImproperlyConfigured for anything else."""
    match = PERCENT.fullmatch(text.strip())
    if not match or Decimal(match[1]) > 100:
        raise ImproperlyConfigured(f"{name} says {text!r}; it is 0% to 100% with {PLACES} decimals at most.")
    return Decimal(match[1])


def read_amounts(name: str, text: str) -> dict[str, int]:
    """Return the amounts that the setting *name* says, in minor units by currency; *text* is like ``EUR=500,JPY=900``.

    Raises ImproperlyConfigured, with a sentence, for anything else.
    """
    amounts: dict[str, int] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = AMOUNT.fullmatch(entry)
        if not match or match[1] not in ISO_4217:
            raise ImproperlyConfigured(f"{name} says {entry!r}; an entry looks like EUR=5000.00 or JPY=800000.")
        if match[1] in amounts:
            raise ImproperlyConfigured(f"{name} names {match[1]} twice.")
        amounts[match[1]] = _least(name, entry, match[1], match[2], match[3] or "")
    return amounts


def _entry(name: str, entry: str) -> tuple[str, Fee]:
    match = ENTRY.fullmatch(entry)
    if not match:
        raise ImproperlyConfigured(f"{name} says {entry!r}; an entry looks like EUR=7.5% or GBP=5% min 0.50 or *=10%.")
    currency, whole, fraction, least, cents = match.groups(default="")
    if currency not in ISO_4217 and currency != EVERY_OTHER:
        raise ImproperlyConfigured(f"{name} names {currency!r}, which is no ISO 4217 currency code.")
    percent = Decimal(f"{whole}.{fraction or 0}")
    if percent > 100 or len(fraction) > PLACES:
        raise ImproperlyConfigured(f"{name} says {entry!r}; a fee is 0 to 100 per cent with {PLACES} decimals at most.")
    return currency, Fee(percent, _least(name, entry, currency, least, cents))


def _least(name: str, entry: str, currency: str, whole: str, cents: str) -> int:
    """Return the minimum in minor units."""
    if not whole:
        return 0
    if currency == EVERY_OTHER:
        raise ImproperlyConfigured(f"{name} says {entry!r}; a minimum is an amount and needs a currency of its own.")
    places = decimals(currency)
    if len(cents) > places:
        raise ImproperlyConfigured(f"{name} says {entry!r}; {currency} has {places} decimals.")
    least = int(whole + cents.ljust(places, "0"))
    if least > LARGEST:
        raise ImproperlyConfigured(f"{name} says {entry!r}; that minimum is more than one payment can hold.")
    return least
