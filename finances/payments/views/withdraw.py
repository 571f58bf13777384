"""Withdrawing: how much and where to, then what that means. Its address asks for the password or passkey (P51)."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import confirmation, steps
from config.money import format_minor, typed_minor
from config.refusals import WrongState
from config.templatetags.money import money
from finances.ledger.context import available_of
from finances.payments import state_words, withdrawing
from finances.payments.forms import WithdrawForm
from finances.payments.models import PayoutDestination
from finances.payments.sorts import DESTINATIONS
from finances.payments.views.answers import asked_before

TEMPLATE = "payments/withdraw.html"


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    if "token" in request.POST:
        return _withdraw(request)
    there = {code: minor for code, minor in available_of(request).items() if minor}
    destinations = PayoutDestination.objects.visible_to(request.user).ready()
    if not there or not destinations:
        unverified = PayoutDestination.objects.visible_to(request.user).filter(state="unverified").exists()
        context = {"none": True, "sort": DESTINATIONS, "there": there, "unverified": unverified}
        return render(request, TEMPLATE, context, status=422 if request.method == "POST" else 200)
    form = WithdrawForm(
        request.POST if request.method == "POST" else None,
        name="destination",
        label=_("To"),
        instruments=destinations,
        currencies=list(there),
        available=there,
        initial={**_first(destinations, there), **asked_before(request, "destination")},
    )
    if not form.is_valid():
        funds = [_fund(code, minor, destinations) for code, minor in there.items()]
        context = {"form": form, "sort": DESTINATIONS, "funds": funds}
        return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)
    return _ask(request, form.cleaned_data, there)


def _first(destinations: Any, there: dict[str, int]) -> dict[str, Any]:
    """The first account that fits what there is, with its currency."""
    for destination in destinations:
        if not destination.currency or destination.currency in there:
            return {"destination": destination.pk, "currency": destination.currency or next(iter(there))}
    return {"currency": next(iter(there))}


def _fund(currency: str, minor: int, destinations: Any) -> dict[str, Any]:
    """What there is in one currency, with the address that fills in all of it."""
    fitting = next((each for each in destinations if each.currency in ("", currency)), None)
    asked = {"amount": typed_minor(minor, currency), "currency": currency}
    if fitting:
        asked["destination"] = fitting.pk
    return {
        "currency": currency,
        "sum": money(minor, currency),
        "url": f"{reverse('finances-tab', args=['transfers'])}?currency={currency}",
        "all": f"{reverse('payments:withdraw')}?{urlencode(asked)}" if fitting else "",
    }


def _ask(request: HttpRequest, wanted: dict[str, Any], there: dict[str, int]) -> HttpResponse:
    amount, currency, destination = wanted["amount"], wanted["currency"], wanted["destination"]
    shown = {
        "amount": amount,
        "currency": currency,
        "destination": str(destination),
        "destination_id": destination.pk,
        "fee": 0,
        "sent": state_words.pause(),
        "available_afterwards": there[currency] - amount,
    }
    context = {
        **shown,
        "pause": settings.WITHDRAWAL_PAUSE,
        "sum": format_minor(amount, currency),
        "typed": typed_minor(amount, currency),
        "token": confirmation.sign(request, "withdraw", request.user.pk, "", **shown),
    }
    return render(request, TEMPLATE, context)


def _withdraw(request: HttpRequest) -> HttpResponse:
    confirmed = confirmation.read(request, "withdraw", request.user.pk)
    shown = confirmed.shown
    own = PayoutDestination.objects.filter(owner=request.user)
    destination = get_object_or_404(own, pk=shown["destination_id"])
    try:
        withdrawal = withdrawing.request(
            destination,
            shown["amount"],
            shown["currency"],
            by=request.user,
            key=confirmed.key,
            seen=steps.seen(request, confirmed),
        )
    except WrongState as refusal:
        there = available_of(request).get(shown["currency"], 0)
        facts = [(_("Available now"), format_minor(there, shown["currency"]))]
        return steps.stale(request, refusal, reverse("payments:withdraw"), facts)
    return steps.done(request, withdrawal)
