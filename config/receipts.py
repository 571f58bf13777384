"""Rows of a receipt: the same words on its page and in its PDF."""

from typing import Any, NamedTuple

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.templatetags.money import money


class Row(NamedTuple):
    """A line of a receipt: its value as plain text, and as the page shows it where that is more than the text."""

    name: str
    text: str
    markup: str = ""

    @property
    def shown(self) -> str:
        return self.markup or self.text


def figure(address: str, minor: int, currency: str) -> SafeString:
    """Return a sum that opens to what makes it up (P53)."""
    return format_html('<a class="figure-link" href="{}">{}</a>', address, money(minor, currency))


def link(address: str, words: Any) -> SafeString:
    """Return *words* as a link."""
    return format_html('<a href="{}">{}</a>', address, words)


def when(name: str, at: Any) -> Row:
    """Return the row that says when something was, with the zone of the reader's clock."""
    local = timezone.localtime(at)
    text = f"{formats.date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
    return Row(name, text, format_html('<time datetime="{}">{}</time>', local.isoformat(), text))
