"""Right after awarding: why a milestone now, and the ways to make one, or all of the bid's plan (P5)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config import steps
from config.refusals import WrongState
from milestones import plans
from milestones.views import facts, paying


@require_safe
def after_award(request: HttpRequest, award_id: int) -> HttpResponse:
    award = paying.award_of(request, award_id)
    try:
        award.require("fund", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, award.project, facts.of_award(award.pk, request.user))
    making = plans.offer(award, plans.plan_of(award))
    context = {"award": award, "making": making, **paying.terms(award, request.user)}
    return render(request, "milestones/after_award.html", context)
