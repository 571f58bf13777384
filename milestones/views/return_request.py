""" "Work it out": the employer asks for what was released; it moves when the freelancer agrees, twice asked (P36)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.receipts import link
from config.refusals import WrongState
from config.templatetags.money import money
from finances.ledger.models import Account
from milestones.escrow import InsufficientFunds
from milestones.forms import ReturnForm
from milestones.models import Milestone, ReturnRequest
from milestones.views import facts
from milestones.views.back import visible
from milestones.views.fetch import visible_milestone
from milestones.ways_on import ways_on

AGREE = "return-request-agree"


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = visible_milestone(request.user, pk)
    new = ReturnRequest(award=milestone.award, milestone=milestone)
    sums = _sums(milestone)
    form = ReturnForm(milestone, sums["returnable"], request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            about = {"milestone": milestone, "amount": form.cleaned_data["amount"], "note": form.cleaned_data["reason"]}
            key = steps.key_for(request, form.cleaned_data)
            ReturnRequest.ask(milestone.award, by=request.user, key=key, seen=steps.once(request), **about)
            sum = format_minor(form.cleaned_data["amount"], milestone.currency)
            words = _("%(name)s has been asked to return %(sum)s. Nothing moves unless they agree.")
            messages.success(request, words % {"name": milestone.freelancer, "sum": sum})
            return steps.done(request, milestone)
        new.require("ask", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(pk))
    context = {
        "milestone": milestone,
        "form": form,
        "key": steps.key_of(request),
        "ways": ways_on(milestone, request.user, dispute=False),
        "freelancer_fee_words": format_minor(sums["freelancer_fee"], milestone.currency),
        "employer_fee_words": format_minor(sums["employer_fee"], milestone.currency),
        **sums,
    }
    return render(request, "milestones/return_request.html", context, status=422 if form.is_bound else 200)


def _sums(milestone: Milestone) -> dict[str, int]:
    """What was released, what came back of it, what still can, and what the site keeps of each side."""
    released, taken_back = milestone.released_in_all(), milestone.taken_back()
    terms = milestone.award.terms
    return {
        "released": released,
        "taken_back": taken_back,
        "returnable": released - taken_back,
        "freelancer_fee": terms.freelancer.on(released),
        "employer_fee": terms.employer.on(released),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    if "token" in request.POST:
        return _agree(request, pk)
    ask = visible(ReturnRequest, request.user, pk)
    milestone, code = ask.milestone, ask.award.currency
    try:
        ask.require("agree", request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, milestone, facts.of_milestone(milestone.pk))
    available, sums = _available(ask), _sums(milestone)
    context: dict[str, Any] = {
        "ask": ask,
        "milestone": milestone,
        "sum": format_minor(ask.amount, code),
        "available": available,
        "afterwards": available - ask.amount,
        "missing": format_minor(ask.amount - available, code) if available < ask.amount else "",
        "deposit_url": _deposit(code),
        "kept": sums["returnable"] - ask.amount,
        **sums,
    }
    status = 200
    if request.method == "POST" and context["missing"]:
        status = 422
    elif request.method == "POST":
        context["token"] = _sign(request, ask, available, sums)
    return render(request, "milestones/return_request_agree.html", context, status=status)


def _sign(request: HttpRequest, ask: ReturnRequest, available: int, sums: dict[str, int]) -> str:
    shown = {
        "amount": ask.amount,
        "currency": ask.award.currency,
        "payee": str(ask.award.employer),
        "task": ask.milestone.task,
        "asked_because": ask.note,
        "available": available,
        "released": sums["released"],
        "returned_before": sums["taken_back"],
        "fee_kept_by_site": sums["freelancer_fee"],
    }
    return confirmation.sign(request, AGREE, ask.pk, ask.seen_version, **shown)


def _agree(request: HttpRequest, pk: int) -> HttpResponse:
    ask = visible(ReturnRequest, request.user, pk)
    confirmed = confirmation.read(request, AGREE, pk)
    try:
        event = ask.agree(by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed))
    except InsufficientFunds:
        return _short(request, ask)
    except WrongState as refusal:
        return steps.stale(request, refusal, ask.milestone, facts.of_milestone(ask.milestone_id))
    return steps.done(request, event)


def _short(request: HttpRequest, ask: ReturnRequest) -> HttpResponse:
    """Answer that the money was gone by the time it was confirmed; the request goes on waiting."""
    available, code = _available(ask), ask.award.currency
    words = _("You have too little available for this by now. Nothing was moved, and the request goes on waiting.")
    found = [
        (_("Asked for"), money(ask.amount, code)),
        (_("Your available funds"), money(available, code)),
        (_("Missing"), money(max(ask.amount - available, 0), code)),
        (_("Add money"), link(_deposit(code), _("Deposit"))),
    ]
    return steps.stale(request, InsufficientFunds(words), ask.milestone, found)


def _available(ask: ReturnRequest) -> int:
    """What the freelancer has available, in minor units."""
    wallets = Account.objects.filter(owner=ask.award.freelancer, kind=Account.Kind.WALLET, currency=ask.award.currency)
    return sum(wallets.values_list("balance", flat=True))


def _deposit(currency: str) -> str:
    return f"{reverse('payments:deposit')}?currency={currency}"
