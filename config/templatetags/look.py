"""Small pieces of the look: icons, deadlines."""

import datetime
from functools import cache

from lucide.templatetags.lucide import lucide

from django import template
from django.utils.safestring import SafeString

from config import times

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Return the named Lucide icon as inline SVG, hidden from screen readers: words stand beside every icon."""
    return _drawn(name, size)


@cache
def _drawn(name: str, size: int) -> SafeString:
    return SafeString(lucide(name, size=size, **{"aria-hidden": "true", "focusable": "false", "class": "icon"}))


@register.filter
def moment(at: datetime.datetime | None) -> str:
    """A time with its zone, as deadlines are shown."""
    return times.moment(at) if at else ""
