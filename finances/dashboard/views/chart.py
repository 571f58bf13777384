"""What was put on hold and released by month: the picture, and the steps of one month (P50, P53)."""

import datetime
import re
from typing import Any

from moneyed import CURRENCIES

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from config.money import currency_name
from config.templatetags.money import money
from finances.dashboard.chart import MONTHS, picture
from finances.dashboard.lists import PAGE, TABS, page_of
from finances.dashboard.statements import month_named, zone_words
from finances.ledger.months import later, month_of, start_of
from milestones.models import TAKE_BACK, HeldTotal, MilestoneEvent
from milestones.months import KINDS, Month, read, steps

# How the columns of the table, and the steps that they are made of, are called.
NAMES = {
    "held": gettext_lazy("Put on hold"),
    "released": gettext_lazy("Released"),
    "returned": gettext_lazy("Returned"),
}


@require_safe
def chart(request: HttpRequest) -> HttpResponse:
    """The picture: for htmx a part of Finances, else a page."""
    currency = request.GET.get("currency", "")
    if currency not in CURRENCIES:
        currency = settings.CURRENCIES[0]
    first = later(month_of(timezone.now()), 1 - MONTHS)
    months = read(request.user, currency, first)
    pictures = [picture(side, currency, first, months) for side in HeldTotal.Side.values]
    context = {
        "currency": currency,
        "currency_words": currency_name(currency),
        "pictures": [found for found in pictures if not found["empty"]],
        "columns": NAMES.values(),
        "zone": zone_words(),
    }
    part = getattr(request, "htmx", None) and request.htmx.target == "chart"  # type: ignore[attr-defined]
    return render(request, "dashboard/_chart.html" if part else "dashboard/chart.html", context)


@require_safe
def month(request: HttpRequest, side: str, currency: str, month: str) -> HttpResponse:
    """The steps of one month, newest first, with their sums; 404 for a month without any."""
    first = month_named(month)
    sums = read(request.user, currency, first).get((side, first)) if first else None
    if first is None or sums is None:
        raise Http404
    kind = request.GET.get("kind", "") if request.GET.get("kind") in KINDS else ""
    before = request.GET.get("before", "")
    found = steps(
        request.user,
        side,
        currency,
        (start_of(first), start_of(later(first, 1))),
        kind=kind,
        before=int(before) if re.fullmatch(r"[0-9]{1,18}", before) else None,
        limit=PAGE + 1,
    )
    page, last = page_of(found, key=lambda event: event.pk)
    here = reverse("finances-month", args=[side, currency, month])
    asked = f"kind={kind}&" if kind else ""
    context = {
        "title": formats.date_format(first, "YEAR_MONTH_FORMAT"),
        "side": TABS[side],
        "currency": currency,
        "figures": _figures(here, sums, currency),
        "kind": NAMES.get(kind, ""),
        "here": here,
        "rows": [_step(event, side, currency) for event in page],
        "older": f"{here}?{asked}before={last}" if last else "",
        "newest": f"{here}?{asked}".rstrip("?&") if before else "",
        "back": f"{reverse('finances-chart')}?currency={currency}",
        "zone": zone_words(),
    }
    return render(request, "dashboard/month.html", context)


def _figures(here: str, sums: Month, currency: str) -> list[dict[str, Any]]:
    return [
        {"label": NAMES[kind], "sum": money(minor, currency), "url": f"{here}?kind={kind}"}
        for kind, minor in sums._asdict().items()
    ]


def _step(event: MilestoneEvent, side: str, currency: str) -> dict[str, Any]:
    milestone = event.milestone
    kind = next(name for name, actions in KINDS.items() if event.action in actions)
    at: datetime.datetime = timezone.localtime(event.at, timezone.get_default_timezone())
    return {
        "task": milestone.task,
        "project": milestone.award.project.title,
        "url": event.get_absolute_url(),
        "other": str(milestone.freelancer if side == "outgoing" else milestone.employer),
        # Among what came back, say which came back after its release.
        "kind": MilestoneEvent.ACTIONS[TAKE_BACK] if event.action == TAKE_BACK else NAMES[kind],
        "at": at,
        "when": formats.date_format(at, "DATETIME_FORMAT"),
        "sum": money(event.amount, currency),
        "reference": _("Receipt %(reference)s") % {"reference": event.reference},
    }
