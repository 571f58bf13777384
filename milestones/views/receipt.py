"""A lasting receipt of one confirmed step (P26, P27)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

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
        "mine": event.actor_id == request.user.pk,
        "as_employer": milestone.employer_id == request.user.pk,
    }
    return render(request, "milestones/receipt.html", context)
