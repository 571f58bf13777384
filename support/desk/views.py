"""Pages of the staff that belong to no single model."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.money import format_minor
from support.desk import books as reading
from support.desk import searching


@require_safe
def books(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The books by currency, what disagrees in red, and two ways to have them checked anew."""
    if not request.user.has_perm("desk.view_books"):
        raise PermissionDenied(_("The books are for the group finance."))
    read = reading.read()
    context |= {
        "title": _("Books"),
        "books": read,
        "kinds": [name for _kind, name in reading.kinds()],
        "sums": [_row(currency, sums) for currency, sums in read.sums.items()],
        "held": [
            {
                "currency": currency,
                "figures": [format_minor(each, currency) for each in figures],
                "bad": len({*figures}) > 1,
            }
            for currency, figures in read.held.items()
        ],
        "provider": [_compared(row) for row in read.provider],
    }
    return TemplateResponse(request, "admin/desk/books.html", context)


def _row(currency: str, sums: dict[str, int]) -> dict[str, Any]:
    total = sum(sums.values())
    figures = [format_minor(sums.get(kind, 0), currency) for kind, _name in reading.kinds()]
    return {"currency": currency, "figures": figures, "total": format_minor(total, currency), "bad": total != 0}


def _compared(row: dict[str, Any]) -> dict[str, Any]:
    currency, theirs, ours = row["currency"], row["provider"], row["ledger"]
    return {
        "currency": currency,
        "figures": [format_minor(each, currency) for each in (theirs, ours, theirs - ours)],
        "bad": theirs != ours,
    }


@require_safe
def search(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """One box for any reference, address, name or amount. Who may look at nothing finds nothing."""
    text = request.GET.get("q", "").strip()
    context |= {"title": _("Search"), "q": text, "found": searching.search(text, request)}
    return TemplateResponse(request, "admin/desk/search.html", context)
