"""The lists as CSV files, safe to open in a spreadsheet."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.money import plain_minor
from config.sheets import csv_response
from finances.dashboard.lists import TABS, Filters, milestones, transfers_of, wallet_in
from finances.dashboard.transfers import reasons_of
from finances.dashboard.views.finances import _currencies
from finances.ledger.context import wallets_of
from finances.ledger.models import Account
from finances.ledger.statement import history
from milestones.legs import events_of, kind_of
from milestones.models import HeldTotal

CHUNK = 1000


@require_safe
def statement(request: HttpRequest, tab: str) -> StreamingHttpResponse:
    if tab not in TABS:
        raise Http404
    wallets = wallets_of(request)
    filters = Filters.of(request, _currencies(wallets, list(HeldTotal.objects.filter(member=request.user))))
    if tab == "transfers":
        only = transfers_of(request.user, filters.words)
        rows = _transfers(wallet_in(wallets, filters.currency), filters, only)
    else:
        rows = _milestones(milestones(request.user, tab, filters).for_list())
    return csv_response(rows, f"{tab}-{filters.currency.lower()}.csv")


def _milestones(found: Any) -> Iterator[list[Any]]:
    yield [
        _("Reference"), _("Created"), _("Project"), _("Task"), _("Employer"), _("Freelancer"), _("State"),
        _("Currency"), _("Amount"), _("Released"), _("Held"),
    ]  # fmt: skip
    for m in found.iterator(CHUNK):
        sums = [plain_minor(minor, m.currency) for minor in (m.amount, m.released_so_far, m.held_now)]
        created = m.created_at.isoformat(timespec="seconds")
        people = [m.employer.name, m.freelancer.name]
        yield [m.reference, created, m.award.project.title, m.task, *people, m.get_state_display(), m.currency, *sums]


def _transfers(wallet: Account | None, filters: Filters, only: list[int] | None) -> Iterator[list[Any]]:
    yield [
        _("Reference"), _("When"), _("Kind"), _("Project"), _("Task"), _("Currency"), _("Change"),
        _("Balance afterwards"),
    ]  # fmt: skip
    before: int | None = None
    while wallet and (lines := history(wallet, before=before, limit=CHUNK, kind=filters.kind, only=only)):
        events = events_of(line.transfer for line in lines)
        reasons = reasons_of(line.transfer for line in lines)
        for transfer, change, balance in lines:
            event = events.get(transfer.pk)
            of = event.milestone if event else None
            sums = [plain_minor(change, wallet.currency), plain_minor(balance or 0, wallet.currency)]
            what = [of.award.project.title, of.task] if of else ["", reasons.get(transfer.pk, "")]
            when = transfer.created_at.isoformat(timespec="seconds")
            yield [transfer.reference, when, kind_of(transfer, event), *what, wallet.currency, *sums]
            before = transfer.pk
