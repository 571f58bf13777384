"""The list of statements, and one statement as page, CSV and PDF: a month of a wallet (P50)."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.money import format_minor, plain_minor
from config.papers import MOST_LINES, Line, pdf_response, statement_pdf
from config.sheets import csv_response
from config.templatetags.money import money
from finances.dashboard import statements as made
from finances.dashboard.statements import Statement
from finances.ledger import months
from finances.ledger.context import wallets_of

PAGE = 100


@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    before = re.fullmatch(r"([12][0-9]{3})-(0[1-9]|1[0-2])", request.GET.get("before", ""))
    asked = datetime.date(int(before[1]), int(before[2]), 1) if before else None
    found, older = made.listed(wallets_of(request), asked)
    context = {
        "rows": [_listed(statement) for statement in found],
        "older": f"{reverse('statements')}?before={older:%Y-%m}" if older else "",
        "newest": reverse("statements") if asked else "",
        "zone": made.zone_words(),
    }
    return render(request, "dashboard/statements.html", context)


@require_safe
def statement(request: HttpRequest, currency: str, month: str) -> HttpResponse:
    found = made.find(wallets_of(request), currency, month)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in made.HEADINGS else ""
    after = request.GET.get("after", "")
    begin = int(after) if re.fullmatch(r"[0-9]{1,18}", after) else 0
    lines = made.lines(found, begin, limit=PAGE + 1, kind=kind)
    here = reverse("statement", args=[currency, month])
    asked = f"kind={kind}&" if kind else ""
    by_kind, (came, went) = made.totals(found)
    context = {
        "statement": found,
        "title": _title(found),
        "rows": made.rows(found, request.user),
        "opening": money(found.opening, currency),
        "closing": money(found.closing, currency),
        "lines": [_shown(line, currency) for line in lines[:PAGE]],
        "kind": str(made.HEADINGS[kind].label) if kind else "",
        "sums": [(f"{here}?kind={k}", label, *_sums(i, o, currency)) for k, label, i, o in by_kind],
        "total": (money(came, currency), money(went, currency)),
        "here": here,
        "first": f"{here}?{asked}".rstrip("?&") if begin else "",
        "next": f"{here}?{asked}after={lines[PAGE - 1]['id']}" if len(lines) > PAGE else "",
        "previous": _beside(found, -1) if found.begin.sequence else "",
        "following": "" if found.running else _beside(found, 1),
        "too_long": found.number > MOST_LINES,
        "most": MOST_LINES,
        "zone": made.zone_words(),
    }
    return render(request, "dashboard/statement.html", context)


@require_safe
def statement_as_csv(request: HttpRequest, currency: str, month: str) -> StreamingHttpResponse:
    found = made.find(wallets_of(request), currency, month)
    return csv_response(_sheet(found), f"{_file(found)}.csv")


@require_safe
def statement_as_pdf(request: HttpRequest, currency: str, month: str) -> HttpResponse:
    found = made.find(wallets_of(request), currency, month)
    by_kind, (came, went) = made.totals(found)
    # One line too many is enough to be refused.
    lines = [_printed(line, currency) for line in made.lines(found, limit=MOST_LINES + 1)]
    pdf = statement_pdf(
        title=_title(found),
        reference=_("Statement %(reference)s") % {"reference": found.reference},
        rows=[
            *made.rows(found, request.user),
            (_("Opening balance"), format_minor(found.opening, currency)),
            (_("Closing balance"), format_minor(found.closing, currency)),
        ],
        lines=lines,
        sums=[(label, made.in_words(i, currency), made.in_words(o, currency)) for _k, label, i, o in by_kind],
        total=(_("All"), format_minor(came, currency), format_minor(went, currency)),
        footer=made.zone_words(),
    )
    return pdf_response(pdf, f"{_file(found)}.pdf")


def _title(found: Statement) -> str:
    return formats.date_format(found.month, "YEAR_MONTH_FORMAT")


def _file(found: Statement) -> str:
    return f"statement-{found.wallet.currency.lower()}-{found.month:%Y-%m}"


def _address(found: Statement) -> str:
    return reverse("statement", args=[found.wallet.currency, f"{found.month:%Y-%m}"])


def _beside(found: Statement, by: int) -> str:
    return reverse("statement", args=[found.wallet.currency, f"{months.later(found.month, by):%Y-%m}"])


def _listed(found: Statement) -> dict[str, Any]:
    code = found.wallet.currency
    return {
        "url": _address(found),
        "title": _title(found),
        "currency": code,
        "running": found.running,
        "number": found.number,
        "opening": money(found.opening, code),
        "closing": money(found.closing, code),
    }


def _sums(came: int, went: int, currency: str) -> tuple[Any, Any]:
    return money(came, currency) if came else "", money(went, currency) if went else ""


def _shown(line: dict[str, Any], currency: str) -> dict[str, Any]:
    """A line for the page."""
    return {
        **line,
        "url": reverse("transfer", args=[line["id"]]),
        "when": formats.date_format(line["at"], "DATETIME_FORMAT"),
        "change": money(line["change"], currency),
        "balance": money(line["balance"], currency),
    }


def _printed(line: dict[str, Any], currency: str) -> Line:
    """A line for the PDF."""
    return Line(
        reference=line["reference"],
        at=formats.date_format(line["at"], "DATETIME_FORMAT"),
        what=line["kind"],
        about=" · ".join(words for words in (line["task"], line["project"]) if words),
        change=format_minor(line["change"], currency),
        balance=format_minor(line["balance"], currency),
    )


def _sheet(found: Statement) -> Iterator[list[Any]]:
    """The rows of the CSV file. The balances at both ends are rows of their own: the changes between add up to them."""
    code = found.wallet.currency
    yield [
        _("Reference"), _("When"), _("Kind"), _("Project"), _("Task"), _("Currency"), _("Change"),
        _("Balance afterwards"),
    ]  # fmt: skip
    begin = timezone.localtime(months.start_of(found.month), timezone.get_default_timezone())
    yield ["", begin.isoformat(), _("Opening balance"), "", "", code, "", plain_minor(found.opening, code)]
    for line in made.in_chunks(found):
        sums = [plain_minor(line["change"], code), plain_minor(line["balance"], code)]
        when = line["at"].isoformat(timespec="seconds")
        yield [line["reference"], when, line["kind"], line["project"], line["task"], code, *sums]
    yield ["", "", _("Closing balance"), "", "", code, "", plain_minor(found.closing, code)]
