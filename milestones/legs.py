"""Which transfers a milestone's step made, and which step made a transfer: its own, or one of a fee."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finances.ledger.models import Transfer
from milestones.models import Milestone, MilestoneEvent

WITH_FEES = (Transfer.Kind.FEE, Transfer.Kind.HOLD, Transfer.Kind.RETURN)
# What a statement calls those of them that fill or empty the account where an employer's fee is set aside.
ASIDE = {Transfer.Kind.HOLD: gettext_lazy("Fee set aside"), Transfer.Kind.RETURN: gettext_lazy("Fee given back")}

# How a step fills or empties the account where an employer's fee is set aside; any other step gives it back.
ASIDE_BY = {"create": Transfer.Kind.HOLD, "release": Transfer.Kind.FEE}


def events_of(transfers: Iterable[Transfer]) -> dict[int, MilestoneEvent]:
    """Return the event behind each of *transfers* that has one, by the transfer's number. One query."""
    known = {transfer.pk: transfer for transfer in transfers}
    events = MilestoneEvent.objects.select_related("milestone__award__project", "transfer")
    found: dict[int, MilestoneEvent] = {}
    of_operation = defaultdict(list)
    for event in events.filter(transfer__key__in={transfer.key for transfer in known.values()}):
        of_operation[event.transfer.key].append(event)
        if event.transfer_id in known:
            found[event.transfer_id] = event
    for transfer in known.values():
        if transfer.pk not in found and transfer.kind in WITH_FEES:
            for event in of_operation[transfer.key]:
                if _is_fee_of(transfer, event):
                    found[transfer.pk] = event
    return found


def transfers_of(milestones: Iterable[int]) -> list[int]:
    """Return the ids of the transfers that *milestones*, given by their ids, made: of fees too. Two queries at most."""
    steps = list(MilestoneEvent.objects.filter(milestone__in=milestones).select_related("transfer"))
    found = [step.transfer_id for step in steps]
    with_fees = [step for step in steps if step.freelancer_fee or step.employer_fee]
    if with_fees:
        # The end of an award has one key for all its milestones: whose fee it gave back, the account tells.
        ids = {step.milestone_id for step in with_fees}
        own = Q(debit_account__milestone_of_fee__in=ids) | Q(credit_account__milestone_of_fee__in=ids)
        legs = Transfer.objects.filter(key__in={step.transfer.key for step in with_fees})
        found += legs.filter(Q(kind=Transfer.Kind.FEE) | own).values_list("pk", flat=True)
    return found


def fee_legs(event: MilestoneEvent) -> list[Transfer]:
    """Return the transfers of fees that *event* made. It comes with its transfer and its milestone."""
    legs = Transfer.objects.filter(key=event.transfer.key, kind__in=WITH_FEES).order_by("leg")
    return [leg for leg in legs if _is_fee_of(leg, event)]


def kind_of(transfer: Transfer, event: MilestoneEvent | None) -> str:
    """Return what a statement calls *transfer*, whose event is *event*."""
    if event is None or event.transfer_id == transfer.pk:
        return str(Transfer.Kind(transfer.kind).label)
    return str(ASIDE.get(Transfer.Kind(transfer.kind), _("Fee")))


def is_aside(kind: Transfer.Kind) -> Exists:
    """Return the condition that a transfer of *kind*, one of ASIDE, moved what is set aside for a fee."""
    account = {Transfer.Kind.HOLD: "credit_account", Transfer.Kind.RETURN: "debit_account"}[kind]
    return Exists(Milestone.objects.filter(fee_escrow=OuterRef(account)))


def _is_fee_of(transfer: Transfer, event: MilestoneEvent) -> bool:
    if transfer.key != event.transfer.key or transfer.pk == event.transfer_id:
        return False
    if event.milestone.fee_escrow_id in (transfer.debit_account_id, transfer.credit_account_id):
        # A dispute releases and returns in one operation: each takes its own part of what was set aside.
        return transfer.kind == ASIDE_BY.get(event.action, Transfer.Kind.RETURN)
    paid_from = event.transfer.credit_account_id  # a release: the freelancer's wallet
    return transfer.kind == Transfer.Kind.FEE and transfer.debit_account_id == paid_from
