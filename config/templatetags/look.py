"""Small pieces of the look: icons and bars."""

from functools import cache
from typing import Any

from lucide.templatetags.lucide import lucide

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.money import format_minor
from config.templatetags.money import money

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Return the named Lucide icon as inline SVG, hidden from screen readers: words stand beside every icon."""
    return _drawn(name, size)


@cache
def _drawn(name: str, size: int) -> SafeString:
    return SafeString(lucide(name, size=size, **{"aria-hidden": "true", "focusable": "false", "class": "icon"}))


@register.inclusion_tag("components/bar.html")
def bar(released: int, held: int, whole: int, currency: str, small: bool = False) -> dict[str, Any]:
    """Show how much of *whole* is released, held, and not yet funded, all in minor units of *currency*.

    More than the whole may be released and held together; the bar is then full. *small* leaves out the figures
    beneath, for a table that prints them itself.
    """
    whole = max(whole, released + held, 1)
    words = {
        name: format_minor(minor, currency)
        for name, minor in (("released", released), ("held", held), ("whole", whole))
    }
    start = released * 1000 // whole
    figures = {
        "released": money(released, currency),
        "held": money(held, currency),
        "open": money(whole - released - held, currency) if whole > released + held else "",
    }
    return {
        "bar": {
            "released": start,
            "held_from": start,
            "held": held * 1000 // whole,
            "label": _("%(released)s released and %(held)s held of %(whole)s") % words,
        },
        "figures": None if small else figures,
    }
