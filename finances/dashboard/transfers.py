"""Transfers prepared for a statement: each with what it was for."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from config.templatetags.money import money
from finances.dashboard.outside import Outside, outside_of, through
from finances.ledger.models import Account, Transfer
from finances.ledger.statement import Line, statement_address
from finances.payments.models import Correction, Payment
from milestones.legs import events_of, kind_of
from milestones.models import MilestoneEvent


def transfer_rows(lines: list[Line], currency: str) -> list[dict[str, Any]]:
    """Prepare *lines* of one wallet, each with the milestone, payment or withdrawal that it belongs to."""
    events = events_of(line.transfer for line in lines)
    outsides = outside_of(line.transfer for line in lines)
    reasons = reasons_of(line.transfer for line in lines)
    address = reverse("transfer", args=[0]).removesuffix("0/")
    upto = statement_address(currency, 0).removesuffix("1")
    return [
        _row(line, events.get(line.transfer.pk), outsides.get(line.transfer.pk), currency)
        | ({"what": reasons[line.transfer.pk]} if line.transfer.pk in reasons else {})
        | {"url": f"{address}{line.transfer.pk}/", "balance_url": f"{upto}{line.transfer.pk + 1}"}
        for line in lines
    ]


def reasons_of(transfers: Iterable[Transfer]) -> dict[int, str]:
    """Return what a line says of each correction among *transfers*, by its number: its reason. One query at most."""
    ids = [transfer.pk for transfer in transfers if transfer.kind == Transfer.Kind.CORRECTION]
    if not ids:
        return {}
    found = Correction.objects.filter(transfer__in=ids).values_list("transfer", "reason")
    return {pk: Truncator(" ".join(reason.split())).chars(200) for pk, reason in found}


def _row(line: Line, event: MilestoneEvent | None, outside: Outside | None, currency: str) -> dict[str, Any]:
    what = str(Transfer.Kind(line.transfer.kind).label)
    if event:
        what = event.milestone.task
    elif isinstance(outside, Payment):
        what = outside.words
    return {
        "reference": line.transfer.reference,
        "at": line.transfer.created_at,
        "kind": kind_of(line.transfer, event),
        "what": what,
        "project": event.milestone.award.project.title if event else "",
        "outside": outside,
        "through": through(outside) if outside else "",
        "change": money(line.change, currency),
        "sign": _("in") if line.change > 0 else _("out"),
        "balance": money(line.balance, currency) if line.balance is not None else "",
    }


def side_name(account: Account, event: MilestoneEvent | None) -> str:
    """Name an account to a member who may see the transfer, which a milestone's step (*event*) made, or none did."""
    owner = {"owner": str(account.owner or "")}
    set_aside = event is not None and account.pk == event.milestone.fee_escrow_id
    names = {
        "wallet": _("%(owner)s's available funds") % owner,
        "escrow": _("Set aside for the fee") if set_aside else _("Money on hold"),
        "payout": _("%(owner)s's withdrawals on their way") % owner,
        "fees": _("Fees"),
        "clearing": _("Payment provider"),
    }
    return names[account.kind]
