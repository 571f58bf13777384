"""One transfer: from where to where, and what for."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from config.templatetags.money import money
from finances.dashboard.outside import outside_of, through
from finances.dashboard.transfers import side_name
from finances.ledger.models import Account, Transfer
from finances.ledger.statement import statement_address
from finances.payments.models import Correction
from milestones.legs import events_of, kind_of
from milestones.models import MilestoneEvent


@require_safe
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Q(debit_account__owner=request.user) | Q(credit_account__owner=request.user)
    mine |= Q(debit_account__milestone__employer=request.user) | Q(debit_account__milestone__freelancer=request.user)
    mine |= Q(credit_account__milestone__employer=request.user) | Q(credit_account__milestone__freelancer=request.user)
    # What is set aside for a fee is the employer's affair alone.
    mine |= Q(debit_account__milestone_of_fee__employer=request.user)
    mine |= Q(credit_account__milestone_of_fee__employer=request.user)
    transfers = Transfer.objects.filter(mine).select_related("debit_account__owner", "credit_account__owner")
    transfer = get_object_or_404(transfers, pk=pk)
    event = events_of([transfer]).get(transfer.pk)
    outside = outside_of([transfer]).get(transfer.pk)
    sides = [
        _side(transfer, transfer.debit_account, transfer.debit_balance, event, request),
        _side(transfer, transfer.credit_account, transfer.credit_balance, event, request),
    ]
    correction = None
    if transfer.kind == Transfer.Kind.CORRECTION:
        correction = Correction.objects.filter(transfer=transfer).select_related("corrects").first()
    wrong = correction.corrects_id if correction else None
    context = {
        "transfer": transfer,
        "kind": kind_of(transfer, event),
        "sum": money(transfer.amount, transfer.currency),
        "debit": sides[0],
        "credit": sides[1],
        "event": event,
        "outside": outside,
        "outside_label": str(outside._meta.verbose_name).capitalize() if outside else "",
        "through": through(outside) if outside else "",
        "correction": correction,
        "wrong_is_theirs": wrong is not None and transfers.filter(pk=wrong).exists(),
        "corrections": _corrections(transfer, request),
    }
    return render(request, "dashboard/transfer.html", context)


def _corrections(transfer: Transfer, request: HttpRequest) -> list[Transfer]:
    """What corrected this transfer, as far as it moved money of this reader's."""
    own = Q(transfer__debit_account__owner=request.user) | Q(transfer__credit_account__owner=request.user)
    made = Correction.objects.filter(own, corrects=transfer, transfer__isnull=False).select_related("transfer")
    return [correction.transfer for correction in made.order_by("pk") if correction.transfer]


def _side(
    transfer: Transfer, account: Account, balance: int | None, event: MilestoneEvent | None, request: HttpRequest
) -> dict[str, object]:
    """An account as this reader may see it: another's balance is not shown. ``url`` explains the balance."""
    owner = account.owner
    own = owner is not None and owner.pk == request.user.pk
    visible = balance is not None and (own or account.kind == "escrow")
    return {
        "name": side_name(account, event),
        "balance": money(balance, account.currency) if visible and balance is not None else "",
        "url": f"{event.milestone.get_absolute_url()}#history"
        if event and account.kind == Account.Kind.ESCROW
        else statement_address(account.currency, transfer.pk),
    }
