"""Pages of the staff that belong to no single model."""

from typing import Any

from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import AlreadyEnqueued

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.money import format_minor
from support.desk import books as reading
from support.desk import searching

CHECKS = {
    "verify": ("finances.ledger.tasks.verify_ledger", "verify-ledger", "books"),
    "compare": ("finances.payments.tasks.compare_with_provider", "compare-with-provider", "payments"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def books(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The books by currency, what disagrees in red, and two buttons that have them checked anew."""
    if not request.user.has_perm("desk.view_books"):
        raise PermissionDenied(_("The books are for the group finance."))
    if request.method == "POST":
        return _check(request)
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


def _check(request: HttpRequest) -> HttpResponse:
    """Have the worker check anew, once however often it is asked for."""
    task, lock, queue = CHECKS.get(request.POST.get("check", ""), (None, "", ""))
    if task is None:
        messages.error(request, _("Nothing was asked for."))
        return redirect("admin:desk_books")
    try:
        with transaction.atomic():  # a job that is there already fails a statement
            jobs.configure_task(task, queueing_lock=lock, queue=queue).defer(timestamp=0)
        messages.success(request, _("It will be checked within a minute. Load this page again."))
    except AlreadyEnqueued:
        messages.info(request, _("It is about to be checked already."))
    return redirect("admin:desk_books")


@require_safe
def search(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """One box for any reference, address, name or amount. Who may look at nothing finds nothing."""
    text = request.GET.get("q", "").strip()
    context |= {"title": _("Search"), "q": text, "found": searching.search(text, request)}
    return TemplateResponse(request, "admin/desk/search.html", context)
