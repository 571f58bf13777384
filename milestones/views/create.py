"""Creating a milestone: what for and how much, then where the money comes from (P11, P13, P15–P17)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from config import confirmation
from config.money import format_minor
from config.refusals import WrongState
from milestones.forms import CreateForm
from milestones.views import paying, requested
from projects.models import Award

TEMPLATE = "milestones/create.html"
FIELDS = ("amount", "unit", "task", "criteria", "advance", "request")


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, award_id: int) -> HttpResponse:
    award = paying.award_of(request, award_id)
    if "token" in request.POST:
        return paying.pay(request, award, confirmation.read(request, "create", award.pk))
    try:
        award.require("fund", request.user)
        asked = requested.requested(request, award)
    except WrongState as refusal:
        return paying.stale(request, refusal, award, requested.named(request))
    if request.htmx.target == "comes-to":  # type: ignore[attr-defined]
        return _comes_to(request, award)
    initial = requested.as_typed(asked) | _asked_before(request)
    form = CreateForm(award, request.POST if request.method == "POST" else None, initial=initial)
    context = {"award": award, "form": form, **paying.terms(award, request.user), **requested.in_words(asked)}
    if not (form.is_valid() and paying.can_be_paid(request, award, _amounts(form), context, form, "amount")):
        return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
    return _ask(request, award, form.cleaned_data, context)


def _amounts(form: CreateForm) -> list[int]:
    return [form.cleaned_data["amount"]]


def _asked_before(request: HttpRequest) -> dict[str, str]:
    """What an address of the form may bring along: that of a payment that came to nothing, or of a request."""
    return {name: request.GET[name].replace("\x00", "")[:5000] for name in FIELDS if name in request.GET}


def _comes_to(request: HttpRequest, award: Award) -> HttpResponse:
    """What the amount that is being typed comes to, beneath its field; nothing while it is no amount yet."""
    form = CreateForm(award, request.GET)
    form.is_valid()
    amount = form.cleaned_data.get("amount")
    context = {}
    if amount:
        context = {"sum": format_minor(amount, award.currency), "percent": paying.share_of_agreed(award, amount)}
    return render(request, "milestones/_comes_to.html", context)


def _ask(request: HttpRequest, award: Award, wanted: dict[str, Any], context: dict[str, Any]) -> HttpResponse:
    part = {name: wanted[name] for name in ("task", "advance", "criteria")}
    shown = {**paying.question(award, [wanted["amount"]], context), **part}
    shown |= requested.to_sign(context.get("asked"))
    context |= {**part, "typed": paying.typed(request, FIELDS)}
    context["token"] = confirmation.sign(request, "create", award.pk, str(award.version), **shown)
    return render(request, TEMPLATE, context)
