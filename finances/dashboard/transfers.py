"""Transfers prepared for a statement: each with what it was for."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from finances.ledger.models import Transfer
from finances.ledger.statement import Line
from milestones.models import MilestoneEvent
from milestones.rows import money


def transfer_rows(lines: list[Line], currency: str) -> list[dict[str, Any]]:
    """Prepare *lines* of one wallet, with one query for the milestones that they belong to."""
    events = {
        event.transfer_id: event
        for event in MilestoneEvent.objects.filter(transfer__in=[line.transfer.pk for line in lines]).select_related(
            "milestone__award__project"
        )
    }
    address = reverse("transfer", args=[0]).removesuffix("0/")
    return [_row(line, events.get(line.transfer.pk), currency, address) for line in lines]


def _row(line: Line, event: MilestoneEvent | None, currency: str, address: str) -> dict[str, Any]:
    return {
        "reference": line.transfer.reference,
        "url": f"{address}{line.transfer.pk}/",
        "at": line.transfer.created_at,
        "kind": Transfer.Kind(line.transfer.kind).label,
        "what": event.milestone.task if event else Transfer.Kind(line.transfer.kind).label,
        "project": event.milestone.award.project.title if event else "",
        "change": money(line.change, currency),
        "sign": _("in") if line.change > 0 else _("out"),
        "balance": money(line.balance, currency) if line.balance is not None else "",
    }


def side_name(kind: str, owner: str | None) -> str:
    """Name an account to a member who may see the transfer."""
    names = {
        "wallet": _("%(owner)s's available funds") % {"owner": owner or ""},
        "escrow": _("Money on hold"),
        "payout": _("%(owner)s's withdrawals on their way") % {"owner": owner or ""},
        "fees": _("Fees"),
        "clearing": _("Payment provider"),
    }
    return names[kind]
