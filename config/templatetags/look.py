"""Small pieces of the look: icons."""

from functools import cache

from lucide.templatetags.lucide import lucide

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Return the named Lucide icon as inline SVG, hidden from screen readers: words stand beside every icon."""
    return _drawn(name, size)


@cache
def _drawn(name: str, size: int) -> SafeString:
    return SafeString(lucide(name, size=size, **{"aria-hidden": "true", "focusable": "false", "class": "icon"}))
