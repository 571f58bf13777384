"""The picture of what was put on hold and released, month by month: the sizes of its bars, and the table behind it."""

import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from config.money import format_minor
from config.templatetags.money import money
from finances.dashboard.lists import TABS
from finances.ledger.months import later
from milestones.months import Month

MONTHS = 12
# Sizes in the units of the picture, which is as many pixels wide on a phone.
WIDTH, TOP, FOOT, BAR, GAP = 348, 18, 148, 11, 2


def picture(
    side: str, currency: str, first: datetime.date, months: dict[tuple[str, datetime.date], Month]
) -> dict[str, Any]:
    """Return what the template draws for one side ("outgoing", "incoming"): twelve months from *first* on.

    ``empty`` is true where nothing was put on hold or moved in them.
    """
    shown = [later(first, n) for n in range(MONTHS)]
    found = [(month, months.get((side, month), Month(0, 0, 0))) for month in shown]
    most = _round(max(max(sums.held, sums.released) for _month, sums in found))
    step = WIDTH / MONTHS
    rows = [_row(side, currency, month, sums) for month, sums in reversed(found) if any(sums)]
    return {
        "side": TABS[side],
        "name": side,
        "bars": [
            {
                "middle": _units(step * (n + 0.5)),
                "word": formats.date_format(month, "M"),
                "held": _bar(step * (n + 0.5) - GAP / 2 - BAR, sums.held, most),
                "released": _bar(step * (n + 0.5) + GAP / 2, sums.released, most),
            }
            for n, (month, sums) in enumerate(found)
        ],
        "lines": [
            # Only the highest line has words: no bar reaches above it, and any would stand before those of another.
            {"y": _units(FOOT - _height(level, most)), "words": format_minor(level, currency) if level == most else ""}
            for level in (most, most // 2)
        ],
        "label": _label(currency, found),
        "rows": rows,
        "empty": not rows,
    }


def _round(minor: int) -> int:
    """Return the even round number that the tallest bar, *minor*, is measured against: 2, 4, 6, 8 or 10 times 10ⁿ."""
    power = 1
    while 10 * power < minor:
        power *= 10
    return next(n * power for n in (2, 4, 6, 8, 10) if n * power >= minor)


def _height(minor: int, most: int) -> float:
    """Return how tall *minor* is. What is there at all can be seen."""
    return max((FOOT - TOP) * minor / most, 1.5) if minor else 0


def _bar(x: float, minor: int, most: int) -> dict[str, str]:
    tall = _height(minor, most)
    return {"x": _units(x), "y": _units(FOOT - tall), "height": _units(tall)}


def _units(number: float) -> str:
    """A length as SVG wants it, whatever the reader's language makes of decimals."""
    return f"{number:.1f}"


def _label(currency: str, found: list[tuple[datetime.date, Month]]) -> str:
    """The sentence that stands for the picture."""
    return _("%(first)s to %(last)s by month: %(held)s put on hold and %(released)s released in all") % {
        "first": formats.date_format(found[0][0], "YEAR_MONTH_FORMAT"),
        "last": formats.date_format(found[-1][0], "YEAR_MONTH_FORMAT"),
        "held": format_minor(sum(sums.held for _month, sums in found), currency),
        "released": format_minor(sum(sums.released for _month, sums in found), currency),
    }


def _row(side: str, currency: str, month: datetime.date, sums: Month) -> dict[str, Any]:
    """A line of the table: every sum opens to the steps that it is made of (P53)."""
    address = reverse("finances-month", args=[side, currency, f"{month:%Y-%m}"])
    return {
        "month": formats.date_format(month, "YEAR_MONTH_FORMAT"),
        "url": address,
        "sums": [
            {"url": f"{address}?kind={kind}" if minor else "", "sum": money(minor, currency)}
            for kind, minor in sums._asdict().items()
        ],
    }
