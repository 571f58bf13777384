"""A lasting receipt of one confirmed step (P26, P27)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from milestones.legs import fee_legs, kind_of
from milestones.models import Milestone, MilestoneEvent
from milestones.rows import money


@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Milestone.objects.visible_to(request.user)
    events = MilestoneEvent.objects.filter(milestone__in=mine).select_related(
        "actor", "transfer", "milestone__award__project", "milestone__employer", "milestone__freelancer"
    )
    event = get_object_or_404(events, pk=pk)
    milestone, returned = event.milestone, event.action in ("withdraw", "cancel", "return")
    payer, payee = (
        (milestone.freelancer, milestone.employer) if returned else (milestone.employer, milestone.freelancer)
    )
    context = {
        "event": event,
        "milestone": milestone,
        "title": MilestoneEvent.ACTIONS[event.action],
        "sum": money(event.amount, milestone.currency),
        "held_after": money(event.held_after, milestone.currency),
        "payer": payer,
        "payee": payee,
        "fees": _fees(event, milestone.employer_id == request.user.pk),
        "arrived": money(event.amount - event.freelancer_fee, milestone.currency) if event.freelancer_fee else "",
        "mine": event.actor_id == request.user.pk,
        "as_employer": milestone.employer_id == request.user.pk,
    }
    return render(request, "milestones/receipt.html", context)


def _fees(event: MilestoneEvent, as_employer: bool) -> list[dict[str, object]]:
    """The fees of the step, each with its transfer where the reader may see it; the employer's is not for others."""
    milestone = event.milestone
    rows: list[dict[str, object]] = []
    for leg in fee_legs(event) if event.freelancer_fee or event.employer_fee else []:
        employers = milestone.fee_escrow_id in (leg.debit_account_id, leg.credit_account_id)
        if employers and not as_employer:
            continue
        name = kind_of(leg, event)
        if employers and event.action == "release":
            name = _("Your fee")
        rows.append(
            {
                "name": name,
                "sum": money(leg.amount, milestone.currency),
                "transfer": leg if employers == as_employer else None,
            }
        )
    return rows
