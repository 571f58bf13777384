"""Small pieces of the look: icons."""

from lucide.templatetags.lucide import lucide

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Return the named Lucide icon as inline SVG, hidden from screen readers: words stand beside every icon."""
    return lucide(name, size=size, aria_hidden="true", focusable="false", class_="icon")
