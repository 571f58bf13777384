"""All transfers of one award: what its figures are made of, wherever they stand (P53)."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.money import format_minor
from config.templatetags.money import money
from milestones.models import TAKE_BACK, Milestone, MilestoneEvent, Sums
from milestones.rows import AWARD_TONES, fees_for
from projects.models import Award, AwardEvent

PAGE = 30


@require_safe
def award_money(request: HttpRequest, pk: int) -> HttpResponse:
    awards = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    award = get_object_or_404(awards, pk=pk)
    events = MilestoneEvent.objects.filter(milestone__award=award).select_related("milestone", "transfer")
    before = request.GET.get("before", "")
    if re.fullmatch(r"[0-9]{1,18}", before):
        events = events.filter(transfer_id__lt=int(before))
    found = list(events.order_by("-transfer_id")[: PAGE + 1])
    milestones = Milestone.objects.filter(award=award)
    sums = milestones.sums_by_award().get(award.pk, Sums())
    as_employer = request.user.pk == award.employer_id
    paid = Milestone.fees_paid_for(award)
    fee = award.terms.employer if as_employer else award.terms.freelancer
    context = {
        "award": award,
        "tone": AWARD_TONES[award.state],
        "other": award.freelancer if as_employer else award.employer,
        "agreed": money(award.amount, award.currency),
        "funded": money(sums.funded, award.currency),
        "released": money(sums.released, award.currency),
        "returned": money(sums.funded - sums.released - sums.held, award.currency),
        "held": money(sums.held, award.currency),
        "taken_back": money(sums.taken_back, award.currency) if sums.taken_back else "",
        "kept": money(sums.kept, award.currency),
        "fee_words": fees_for(award, request.user),
        "fee": money(paid.employer if as_employer else paid.freelancer, award.currency) if fee else "",
        "set_aside": money(Milestone.set_aside_for(award), award.currency) if fee and as_employer else "",
        "history": [
            _step(event) for event in award.events.select_related("actor", "award__freelancer").order_by("-id")
        ],
        "rows": [_row(event, award.currency) for event in found[:PAGE]],
        "older": f"?before={found[PAGE - 1].transfer_id}" if len(found) > PAGE else "",
        "newest": request.path if before else "",
    }
    return render(request, "milestones/award_money.html", context)


def _step(event: AwardEvent) -> dict[str, Any]:
    """One step on the award, as a sentence."""
    sentences = {
        "award": _("%(who)s awarded the project"),
        "accept": _("%(who)s accepted"),
        "decline": _("%(who)s declined: everything that was held went back"),
        "revoke": _("%(who)s revoked the award: everything that was held went back"),
        "remind": _("%(freelancer)s was reminded"),
        "lapse": _("It lapsed unanswered: everything that was held went back"),
        "complete": _("%(who)s marked the award complete"),
    }
    return {
        "sentence": sentences[event.action] % {"who": event.actor, "freelancer": event.award.freelancer},
        "at": event.at,
        "reference": event.reference,
    }


def _row(event: MilestoneEvent, currency: str) -> dict[str, Any]:
    """One transfer, as a change of what is held: put on hold is more, released or returned is less.

    What was returned after its release changes nothing that is held: its sum stands ``beside``.
    """
    changes = {"create": event.amount, TAKE_BACK: 0}
    return {
        "task": event.milestone.task,
        "milestone_url": event.milestone.get_absolute_url(),
        "at": event.at,
        "kind": event.transfer.get_kind_display(),
        "change": money(changes.get(event.action, -event.amount), currency),
        "beside": _("%(sum)s came back") % {"sum": format_minor(event.amount, currency)}
        if event.action == TAKE_BACK
        else "",
        "reference": event.transfer.reference,
        "url": reverse("transfer", args=[event.transfer_id]),
    }
