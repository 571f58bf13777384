"""``{% money minor currency %}``: an amount as the reader writes it, with its plain value for machines."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.money import format_minor, plain_minor

register = template.Library()


@register.simple_tag
def money(minor: int, currency: str) -> SafeString:
    """Return ``<data value="400.00">€400.00</data>`` for *minor* units of *currency*."""
    return format_html('<data value="{}">{}</data>', plain_minor(minor, currency), format_minor(minor, currency))
