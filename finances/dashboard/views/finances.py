"""The page called Finances: what there is, whose move it is, and every line that makes it up (P50, P53)."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import Member
from config.money import currency_name
from config.templatetags.money import money
from finances.dashboard.lists import PAGE, TABS, Filters, milestones, page_of, transfers_of, wallet_in
from finances.dashboard.outside import under_way
from finances.dashboard.requests import requests_waiting
from finances.dashboard.transfers import transfer_rows
from finances.ledger.context import wallets_of
from finances.ledger.models import Account, Transfer
from finances.ledger.statement import history
from milestones.models import HeldTotal, Milestone
from milestones.release_rows import first_in_list
from milestones.rows import milestone_rows
from projects.models import Award


@require_safe
def finances(request: HttpRequest, tab: str = "outgoing") -> HttpResponse:
    wallets = wallets_of(request)
    totals = list(HeldTotal.objects.filter(member=request.user))
    currencies = _currencies(wallets, totals)
    filters = Filters.of(request, currencies)
    rows, older = _rows(request, tab, filters, wallets)
    context = {
        "tab": tab,
        "tabs": [(name, label, _address(name, currency=filters.currency)) for name, label in TABS.items()],
        "currencies": [(code, _address(tab, currency=code)) for code in currencies],
        "currency": filters.currency,
        "currency_words": currency_name(filters.currency),
        "filters": filters,
        "choices": Transfer.Kind.choices if tab == "transfers" else Milestone.State.choices,
        "chosen": filters.kind if tab == "transfers" else filters.state,
        "figures": figures(wallets, totals, filters.currency),
        # The statement is for reading; whose move it is says the page that it belongs to.
        "waiting": [*requests_waiting(request.user), *waiting(request.user)] if tab != "transfers" else [],
        # Before everything else in the employer's list (P32).
        "requested": first_in_list(request.user, filters.currency) if tab == "outgoing" else [],
        "under_way": under_way(request.user) if tab != "transfers" else [],
        "rows": rows,
        "filtered": bool(filters.words or filters.state or filters.kind),
        "all": _address(tab, currency=filters.currency),
        "older": older,
        "newest": _address(tab, **_asked(filters, before=None)) if filters.before else "",
        "chart": f"{reverse('finances-chart')}?{urlencode({'currency': filters.currency})}" if totals else "",
        "csv": reverse("finances-csv", args=[tab]) + "?" + urlencode(_asked(filters, before=None)),
    }
    return render(request, "dashboard/finances.html", context)


def _currencies(wallets: list[Account], totals: list[HeldTotal]) -> list[str]:
    """The currencies in which the member has or had money, those with money first; else the site's first."""
    amounts: dict[str, int] = {}
    for code, amount in [*((a.currency, a.balance) for a in wallets), *((t.currency, t.held) for t in totals)]:
        amounts[code] = amounts.get(code, 0) + amount
    order = {code: place for place, code in enumerate(settings.CURRENCIES)}
    known = sorted(amounts, key=lambda code: (amounts[code] == 0, order.get(code, len(order)), code))
    return known or settings.CURRENCIES[:1]


def _rows(request: HttpRequest, tab: str, filters: Filters, wallets: list[Account]) -> tuple[list[dict[str, Any]], str]:
    """One page of the tab's list, and the address of the next one."""
    if tab == "transfers":
        wallet = wallet_in(wallets, filters.currency)
        only = transfers_of(request.user, filters.words)
        found = history(wallet, before=filters.before, limit=PAGE + 1, kind=filters.kind, only=only) if wallet else []
        lines, last = page_of(found, key=lambda line: line.transfer.pk)
        rows = transfer_rows(lines, filters.currency)
    else:
        ours = list(milestones(request.user, tab, filters).for_list()[: PAGE + 1])
        page, last = page_of(ours, key=lambda milestone: milestone.pk)
        rows = milestone_rows(page, request.user, cancel="withdraw cancel")
    return rows, _address(tab, **_asked(filters, before=last)) if last else ""


def figures(wallets: list[Account], totals: list[HeldTotal], currency: str) -> list[dict[str, Any]]:
    """The four figures on top, each with the address of what makes it up."""
    balances = {a.kind: a.balance for a in wallets if a.currency == currency}
    held = {t.side: t for t in totals if t.currency == currency}
    out, coming = held.get("outgoing"), held.get("incoming")
    return [
        {
            "label": _("Available"),
            "sum": money(balances.get(Account.Kind.WALLET, 0), currency),
            "words": _("to spend or withdraw"),
            "url": _address("transfers", currency=currency),
        },
        {
            "label": _("Held for others"),
            "sum": money(out.held if out else 0, currency),
            "words": _in_milestones(out.milestones if out else 0),
            "url": _address("outgoing", currency=currency, state="held"),
        },
        {
            "label": _("Coming to you"),
            "sum": money(coming.held if coming else 0, currency),
            "words": _in_milestones(coming.milestones if coming else 0),
            "url": _address("incoming", currency=currency, state="held"),
        },
        {
            "label": _("On its way out"),
            "sum": money(balances.get(Account.Kind.PAYOUT, 0), currency),
            "words": _("in withdrawals"),
            "url": _address("transfers", currency=currency, kind="withdrawal"),
        },
    ]


def _in_milestones(number: int) -> str:
    return ngettext("in %(number)d milestone", "in %(number)d milestones", number) % {"number": number}


def waiting(user: Member) -> list[dict[str, Any]]:
    """Awards that wait for an answer: the member's own first, then those of others; ten at most."""
    awards = (
        Award.objects.visible_to(user)
        .filter(state=Award.State.AWAITING)
        .select_related("project", "employer", "freelancer")
        .only("project__title", "employer__name", "freelancer__name", "answer_by", "amount", "currency")
        .annotate(mine=Case(When(freelancer=user, then=0), default=1))
        .order_by("mine", "answer_by")[:10]
    )
    return [
        {
            "mine": award.freelancer_id == user.pk,
            "title": _("%(name)s awarded you a project") % {"name": award.employer.get_short_name()}
            if award.freelancer_id == user.pk
            else _("%(name)s has yet to accept") % {"name": award.freelancer.get_short_name()},
            "project": award.project.title,
            "url": award.project.get_absolute_url(),
            "until": award.answer_by,
            "agreed": money(award.amount, award.currency),
        }
        for award in awards
    ]


def _asked(filters: Filters, before: int | None) -> dict[str, Any]:
    """What the address must carry to ask the same again, from *before* on."""
    asked = {"currency": filters.currency, "state": filters.state, "kind": filters.kind, "q": filters.words}
    return {name: value for name, value in {**asked, "before": before}.items() if value}


def _address(tab: str, **asked: Any) -> str:
    base = reverse("finances") if tab == "outgoing" else reverse("finances-tab", args=[tab])
    return f"{base}?{urlencode(asked)}"
