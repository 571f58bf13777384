"""Depositing: how much and from where, then what that means (P51)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from finances.ledger.context import available_of
from finances.payments import charging
from finances.payments.forms import MoneyForm
from finances.payments.models import PaymentSource
from finances.payments.sorts import SOURCES
from finances.payments.views.answers import asked_before, currencies_of

TEMPLATE = "payments/deposit.html"


@require_http_methods(["GET", "HEAD", "POST"])
def deposit(request: HttpRequest) -> HttpResponse:
    if "token" in request.POST:
        return _deposit(request)
    sources = PaymentSource.objects.visible_to(request.user).ready()
    if not sources:
        unverified = PaymentSource.objects.visible_to(request.user).filter(state=PaymentSource.State.UNVERIFIED)
        context = {"none": True, "sort": SOURCES, "unverified": unverified.exists()}
        return render(request, TEMPLATE, context, status=422 if request.method == "POST" else 200)
    currencies = currencies_of(request)
    form = MoneyForm(
        request.POST if request.method == "POST" else None,
        name="source",
        label=_("From"),
        instruments=sources,
        currencies=currencies,
        initial={"source": sources[0].pk, "currency": currencies[0], **asked_before(request, "source")},
    )
    if not form.is_valid():
        return render(request, TEMPLATE, {"form": form}, status=422 if form.is_bound else 200)
    return _ask(request, form.cleaned_data)


def _ask(request: HttpRequest, wanted: dict[str, Any]) -> HttpResponse:
    amount, currency, source = wanted["amount"], wanted["currency"], wanted["source"]
    shown = {
        "amount": amount,
        "currency": currency,
        "source": str(source),
        "source_id": source.pk,
        "fee": 0,
        "available_afterwards": available_of(request).get(currency, 0) + amount,
    }
    context = {
        **shown,
        "sum": format_minor(amount, currency),
        "token": confirmation.sign(request, "deposit", request.user.pk, "", **shown),
    }
    return render(request, TEMPLATE, context)


def _deposit(request: HttpRequest) -> HttpResponse:
    confirmed = confirmation.read(request, "deposit", request.user.pk)
    shown = confirmed.shown
    source = get_object_or_404(PaymentSource.objects.filter(owner=request.user), pk=shown["source_id"])
    try:
        payment = charging.begin(
            source,
            shown["amount"],
            shown["currency"],
            by=request.user,
            key=confirmed.key,
            seen=steps.seen(request, confirmed),
        )
    except WrongState as refusal:
        return steps.stale(request, refusal, reverse("payments:deposit"), _facts(request, shown["currency"]))
    charging.charge(payment)
    return steps.done(request, payment)


def _facts(request: HttpRequest, currency: str) -> list[tuple[str, Any]]:
    """What is true now where a deposit was refused."""
    sources = PaymentSource.objects.visible_to(request.user).usable(currency)
    return [
        (_("Available now"), format_minor(available_of(request).get(currency, 0), currency)),
        (_("Sources that can be used"), ", ".join(str(source) for source in sources) or _("none")),
    ]
