"""Amounts of money: whole minor units beside an ISO 4217 code; ``Money`` (py-moneyed) at the boundary.

Nothing here uses floats. Shares are rounded half-even to the minor unit, and the parts of a whole add up to it.
"""

import copy
import functools
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from babel import Locale
from babel.numbers import format_percent, get_currency_name, get_decimal_symbol, get_group_symbol
from moneyed import Money, get_currency

from django.utils import translation
from django.utils.translation import gettext as _

# The largest amount of one operation, in minor units: a million times a million, far below the database's 2^63 - 1.
LARGEST = 10**14


# The largest percentage that can be typed: ten times the whole.
MOST_PERCENT = 1000


class BadAmount(ValueError):
    """What was typed is no amount in this currency; the message says why, for the person who typed it."""


class BadPercent(ValueError):
    """What was typed is no percentage; the message says why, for the person who typed it."""


@functools.cache
def decimals(currency: str) -> int:
    """Return how many decimals *currency* has (ISO 4217: JPY 0, EUR 2, TND 3)."""
    return len(str(get_currency(currency).sub_unit)) - 1


def to_minor(money: Money) -> int:
    """Return *money* in minor units. ValueError if it has a fraction of one."""
    minor = money.amount * get_currency(money.currency.code).sub_unit
    if minor != minor.to_integral_value():
        raise ValueError(f"{money!r} has a fraction of a minor unit")
    return int(minor)


def from_minor(minor: int, currency: str) -> Money:
    """Return *minor* units of *currency* as Money."""
    places = decimals(currency)
    return Money(Decimal(minor).scaleb(-places), currency)


def format_minor(minor: int, currency: str) -> str:
    """Return *minor* units as the reader writes money: all decimals, a true minus, never abbreviated."""
    locale = _locale()
    shape = _shape(currency, locale, minor < 0)
    if shape is None:
        return _by_babel(minor, currency, locale)
    before, group, point, after = shape
    whole, fraction = _split(abs(minor), decimals(currency))
    return f"{before}{f'{int(whole):,}'.replace(',', group)}{point + fraction if fraction else ''}{after}"


@functools.cache
def _shape(currency: str, locale: str, negative: bool) -> tuple[str, str, str, str] | None:
    """How *locale* writes an amount: what stands before it, between thousands, before decimals and after it.

    Read off Babel's own answers (CLDR), because a page of 30 rows has some 200 amounts and Babel takes 50 µs for each.
    None where the language groups digits in another way than by threes; Babel then does it all.
    """
    group, point = get_group_symbol(locale), get_decimal_symbol(locale)
    sign, places, shapes = -1 if negative else 1, decimals(currency), set()
    for digits in (1, 1234, 1234567, 1234567890):
        minor = int(f"{digits}{'678'[:places]}")
        text = f"{digits:,}".replace(",", group) + (point + "678"[:places] if places else "")
        before, found, after = _by_babel(sign * minor, currency, locale).partition(text)
        shapes.add((before, group, point, after) if found else None)
    return shapes.pop() if len(shapes) == 1 else None


def _by_babel(minor: int, currency: str, locale: str) -> str:
    # Babel would round to CLDR's decimals, which are the habit of shops: RSD 12.34 has none there, and reads as 12.
    pattern = copy.copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (decimals(currency), decimals(currency))
    amount = Decimal(minor).scaleb(-decimals(currency))
    text: str = pattern.apply(amount, locale, currency=currency, currency_digits=False)
    return text.replace("-", "\N{MINUS SIGN}")


def _split(minor: int, places: int) -> tuple[str, str]:
    """Return the digits before and after the decimal point."""
    digits = str(minor).zfill(places + 1)
    return (digits[:-places], digits[-places:]) if places else (digits, "")


def plain_minor(minor: int, currency: str) -> str:
    """Return *minor* units as a plain decimal number ("400.00"), for forms, CSV and the ``value`` of ``<data>``."""
    whole, fraction = _split(abs(minor), decimals(currency))
    return f"{'-' if minor < 0 else ''}{whole}{'.' + fraction if fraction else ''}"


def typed_minor(minor: int, currency: str) -> str:
    """Return *minor* units the way the reader would type them into a form, without grouping."""
    return plain_minor(minor, currency).replace(".", get_decimal_symbol(_locale()))


def parse_amount(text: str, currency: str) -> int:
    """Return the minor units that *text* names in *currency*, written as the reader's language writes numbers.

    Plain ASCII digits, correctly placed grouping marks and at most the currency's decimals are accepted, and
    nothing that could be meant otherwise. Raises BadAmount with words for anything else, for nothing, for zero
    and for more than LARGEST.
    """
    text = text.strip()
    if not text:
        raise BadAmount(_("Enter an amount."))
    point, group = get_decimal_symbol(_locale()), get_group_symbol(_locale())
    whole = rf"(?:[0-9]{{1,20}}|[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}}){{1,6}})"
    match = re.fullmatch(rf"({whole})(?:{re.escape(point)}([0-9]+))?", text)
    places = decimals(currency)
    if not match:
        if re.fullmatch(r"[-\N{MINUS SIGN}][0-9.,]+", text):
            raise BadAmount(_("The amount must be more than zero."))
        raise BadAmount(_("Write the amount as a number, like %(example)s.") % {"example": _example(currency)})
    fraction = match[2] or ""
    if len(fraction) > places:
        if places == 0:
            raise BadAmount(_("%(currency)s has no decimals: write a whole number.") % {"currency": currency})
        raise BadAmount(
            _("%(currency)s has %(places)d decimals: write the amount like %(example)s.")
            % {"currency": currency, "places": places, "example": _example(currency)}
        )
    minor = int(match[1].replace(group, "") + fraction.ljust(places, "0"))
    if minor == 0:
        raise BadAmount(_("The amount must be more than zero."))
    if minor > LARGEST:
        raise BadAmount(_("That is more than one payment can hold."))
    return minor


def share(minor: int, percent: Decimal) -> int:
    """Return *percent* per cent of *minor*, rounded half-even to the minor unit."""
    return int((Decimal(minor) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def percent_words(percent: Decimal) -> str:
    """Return *percent* per cent as the reader writes it: 8%, 7.5%."""
    text: str = format_percent(percent / 100, format=None, locale=_locale(), decimal_quantization=False)
    return text


def parse_percent(text: str) -> Decimal:
    """Return the percentage that *text* names, with the sign or without, written as the reader's language does.

    Plain ASCII digits with two decimals at most, and nothing that could be meant otherwise: no grouping marks. Raises
    BadPercent with words for anything else, for nothing, for zero and for more than MOST_PERCENT.
    """
    text = text.strip().removesuffix("%").strip()
    if not text:
        raise BadPercent(_("Enter a percentage."))
    point = get_decimal_symbol(_locale())
    match = re.fullmatch(rf"([0-9]{{1,20}})(?:{re.escape(point)}([0-9]{{1,2}}))?", text)
    if not match:
        if re.fullmatch(r"[-\N{MINUS SIGN}][0-9.,]+", text):
            raise BadPercent(_("The percentage must be more than zero."))
        example = {"example": f"12{point}5"}
        raise BadPercent(_("Write the percentage as a number with two decimals at most, like %(example)s.") % example)
    percent = Decimal(f"{match[1]}.{match[2] or 0}")
    if percent == 0:
        raise BadPercent(_("The percentage must be more than zero."))
    if percent > MOST_PERCENT:
        raise BadPercent(_("The percentage must be %(most)s at most.") % {"most": percent_words(Decimal(MOST_PERCENT))})
    return percent


def typed_percent(percent: Decimal) -> str:
    """Return *percent* the way the reader would type it into a form, with its sign."""
    return f"{_plain_percent(percent)}%".replace(".", get_decimal_symbol(_locale()))


def _plain_percent(percent: Decimal) -> str:
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent_of(minor: int, whole: int) -> tuple[Decimal, bool]:
    """Return how many per cent of *whole* *minor* is, with two decimals, and whether that is exact."""
    exact = Decimal(minor) * 100 / Decimal(whole)
    rounded = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return rounded.normalize() + 0, rounded * whole == Decimal(minor) * 100


def shares(minor: int, percents: Sequence[Decimal]) -> list[int]:
    """Return *percents* per cent of *minor*, so that they add up to what all of them together are of it.

    So parts of 100% are the whole, to the last minor unit. That sum is rounded half-even, and divided by ``divide``.
    """
    places = max((-int(percent.as_tuple().exponent) for percent in percents), default=0)
    weights = [int(percent.scaleb(max(places, 0))) for percent in percents]
    return divide(share(minor, sum(percents, Decimal(0))), weights)


def divide(minor: int, weights: Sequence[int]) -> list[int]:
    """Divide *minor* by *weights* so that the parts add up to it (largest remainder; ties go to the earlier part).

    ValueError if there is no weight above zero or one below it.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be zero or more, and not all zero")
    parts = [minor * weight // total for weight in weights]
    remainders = [minor * weight % total for weight in weights]
    for index in sorted(range(len(weights)), key=lambda i: -remainders[i])[: minor - sum(parts)]:
        parts[index] += 1
    return parts


def currency_name(code: str) -> str:
    """Return the currency's name in the reader's language."""
    return get_currency_name(code, locale=_locale())


def _example(currency: str) -> str:
    return typed_minor(123456 if decimals(currency) else 1200, currency)


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en")
