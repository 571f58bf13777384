"""The two sides answer the staff, who ask whether what is held shall go back: each twice asked (P71)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from milestones.models import ConsentRequest
from milestones.views import facts
from milestones.views.back import NAMED
from milestones.views.fetch import visible_milestone

ACTIONS = ("consent", "revoke", "refuse")


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, what each has answered, and the reader's own answer."""
    milestone = visible_milestone(request.user, pk)
    ask = ConsentRequest.objects.filter(milestone=milestone).select_related(*NAMED).order_by("-pk").first()
    if ask is None:
        raise Http404
    ask.milestone, ask.award = milestone, milestone.award
    try:
        if "token" in request.POST:
            return _answer(request, ask)
        action = request.POST.get("answer", "")
        if request.method == "POST":
            if action not in ACTIONS:
                raise Http404
            ask.require(action, request.user)
        return _page(request, ask, action)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))


def _page(request: HttpRequest, ask: ConsentRequest, action: str) -> HttpResponse:
    mine = ask.consents(request.user)
    context: dict[str, Any] = {
        "ask": ask,
        "milestone": ask.milestone,
        "sum": format_minor(ask.milestone.held, ask.milestone.currency),
        "waits": ask.state == ask.WAITING,
        "mine": mine,
        "sides": [
            (ask.award.employer, ask.employer_consents),
            (ask.award.freelancer, ask.freelancer_consents),
        ],
        "answers": [ask.lifecycle[name] for name in (("revoke", "refuse") if mine else ("consent", "refuse"))],
    }
    if action:
        context["action"] = ask.lifecycle[action]
        shown = {
            "answer": action,
            "amount": ask.milestone.held,
            "currency": ask.milestone.currency,
            "payee": str(ask.award.employer),
            "task": ask.milestone.task,
            "reason": ask.note,
        }
        context["token"] = confirmation.sign(request, "consent", ask.pk, ask.seen_version, **shown)
    return render(request, "milestones/consent.html", context)


def _answer(request: HttpRequest, ask: ConsentRequest) -> HttpResponse:
    confirmed = confirmation.read(request, "consent", ask.pk)
    action, seen = confirmed.shown["answer"], steps.seen(request, confirmed)
    if action == "refuse":
        ask.take("refuse", by=request.user, key=confirmed.key, seen=seen)
    else:
        ask.answer_with(action, by=request.user, key=confirmed.key, seen=seen)
    messages.success(request, _("Your answer is recorded."))
    return steps.done(request, ask.milestone)
