"""A receipt: the same words on its page, in its PDF and in its CSV file."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.money import format_minor, plain_minor
from config.papers import pdf_response, receipt_pdf
from config.sheets import csv_response
from config.templatetags.money import money
from config.times import moment


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
    text = moment(at)
    return Row(name, text, format_html('<time datetime="{}">{}</time>', timezone.localtime(at).isoformat(), text))


class Receipt(NamedTuple):
    """What a receipt says. *minor* units of *currency* are its sum; *name* is what its files are called."""

    title: str
    reference: str
    minor: int
    currency: str
    rows: Sequence[Row]
    footer: str
    name: str

    def answer(self, kind: str) -> HttpResponseBase:
        """Return it as a file: *kind* is "pdf" or "csv". Raises config.papers.PaperFailed."""
        if kind == "csv":
            sum_rows = [[_("Sum"), plain_minor(self.minor, self.currency)], [_("Currency"), self.currency]]
            lines = [[self.reference, self.title], *sum_rows, *([row.name, row.text] for row in self.rows)]
            return csv_response(lines, f"{self.name}.csv")
        pdf = receipt_pdf(
            title=self.title,
            reference=self.reference,
            sum_text=format_minor(self.minor, self.currency),
            rows=[(row.name, row.text) for row in self.rows],
            footer=self.footer,
        )
        return pdf_response(pdf, f"{self.name}.pdf")
