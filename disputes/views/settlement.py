"""How a dispute was settled, as a receipt for the reader's side: page, PDF and CSV have the same rows (P26, P43)."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Member
from config.money import format_minor
from config.receipts import Receipt, Row, link, when
from config.templatetags.money import money
from disputes.models import Dispute
from disputes.views.fetch import visible_dispute
from finances.ledger.models import Account, Transfer
from milestones.models import MilestoneEvent


@require_safe
def settlement(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = _resolved(request, pk)
    receipt = _receipt(dispute, request.user)
    context = {"dispute": dispute, "receipt": receipt, "sum": money(receipt.minor, receipt.currency)}
    return render(request, "disputes/settlement.html", context)


@require_safe
def settlement_as_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    return _receipt(_resolved(request, pk), request.user).answer(kind)


def _resolved(request: HttpRequest, pk: int) -> Dispute:
    dispute = visible_dispute(request.user, pk)
    if dispute.state != Dispute.State.RESOLVED:
        raise Http404
    return dispute


def _receipt(dispute: Dispute, reader: Member) -> Receipt:
    """What the reader's side got of it: everything is read from the events of the money and the ledger's transfers."""
    as_employer, code = reader.pk == dispute.employer_id, dispute.currency
    events = list(
        MilestoneEvent.objects.filter(cause=dispute.reference, milestone__award=dispute.award_id)
        .select_related("milestone", "transfer")
        .order_by("id")
    )
    own = [event for event in events if event.action == ("return" if as_employer else "release")]
    return Receipt(
        title=_("Dispute settled"),
        reference=dispute.reference,
        minor=sum(event.amount for event in own),
        currency=code,
        rows=[
            Row(_("Dispute"), dispute.reference, link(dispute.get_absolute_url(), dispute.reference)),
            Row(_("Project"), dispute.award.project.title),
            Row(_("How it ended"), str(dispute.get_outcome_display())),
            Row(_("Was in dispute"), format_minor(dispute.disputed, code)),
            *[_moved(event, code) for event in events],
            *_fees(dispute, events, as_employer),
            _arrived(dispute, events, reader),
            when(_("When"), dispute.ended_at),
        ],
        footer=_("The money is in the available funds of each side."),
        name=f"settlement-{dispute.reference.lower()}",
    )


def _moved(event: MilestoneEvent, code: str) -> Row:
    """One way of one milestone, with its receipt."""
    words = {
        "release": _("%(task)s: to the freelancer"),
        "return": _("%(task)s: back to the employer"),
    }
    text = format_minor(event.amount, code)
    shown = format_html("{} {}", money(event.amount, code), link(event.get_absolute_url(), event.reference))
    return Row(words[event.action] % {"task": event.milestone.task}, f"{text} {event.reference}", shown)


def _fees(dispute: Dispute, events: list[MilestoneEvent], as_employer: bool) -> list[Row]:
    """The reader's own fees: on what was released, set aside and given back, and for the arbitration."""
    code, found = dispute.currency, []
    released = [event for event in events if event.action == "release"]
    if as_employer:
        kinds = [
            (_("Your fee on what was released"), sum(event.employer_fee for event in released)),
            (_("Back of what was set aside for your fee"), sum(e.employer_fee for e in events if e.action == "return")),
        ]
    else:
        kinds = [(_("Your fee on what was released"), sum(event.freelancer_fee for event in released))]
    kinds.append((_("Your part of the fee for the arbitration"), _charged(dispute, as_employer)))
    for name, minor in kinds:
        if minor:
            found.append(Row(name, format_minor(minor, code), money(minor, code)))
    return found


def _arrived(dispute: Dispute, events: list[MilestoneEvent], reader: Member) -> Row:
    """What the reader's wallet has more than before, by the transfers of the split and of the fee for it."""
    charged = dispute.events.filter(action="charge").values_list("key", flat=True)
    keys = {*(event.transfer.key for event in events), *(key for key in charged if key)}
    own = Account.objects.filter(owner=reader, kind=Account.Kind.WALLET, currency=dispute.currency)
    wallets = set(own.values_list("pk", flat=True))
    minor = 0
    for transfer in Transfer.objects.filter(key__in=keys):
        minor += transfer.amount * ((transfer.credit_account_id in wallets) - (transfer.debit_account_id in wallets))
    return Row(
        _("Arrived in your available funds"), format_minor(minor, dispute.currency), money(minor, dispute.currency)
    )


def _charged(dispute: Dispute, as_employer: bool) -> int:
    """What left the reader's wallet for the arbitration, in minor units."""
    charge = dispute.events.filter(action="charge").first()
    if charge is None or charge.key is None:
        return 0
    payer = dispute.employer_id if as_employer else dispute.freelancer_id
    paid = Transfer.objects.filter(key=charge.key, debit_account__owner=payer)
    return sum(paid.values_list("amount", flat=True))
