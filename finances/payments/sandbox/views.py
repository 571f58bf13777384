"""The pages that a provider would host: adding a card or account, the bank's question, the bank's statement.

Each is its owner's only; to everybody else it does not exist. A setup and a step take effect once, however often
their form is sent: whoever comes again is sent back to where the first was.
"""

from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from config.money import decimals, format_minor
from finances.payments.gateways.base import Outcome
from finances.payments.sandbox.forms import SetupForm, StepForm
from finances.payments.sandbox.models import Movable, SandboxCharge, SandboxInstrument, SandboxSetup

M = TypeVar("M", bound=models.Model)


@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, reference: str) -> HttpResponse:
    mine = SandboxSetup.objects.filter(owner_id=request.user.pk)
    asked = get_object_or_404(mine, reference=reference)
    form = SetupForm(asked, request.POST if request.method == "POST" and not asked.instrument_id else None)
    if form.is_valid():
        with transaction.atomic():
            asked = mine.select_for_update().get(pk=asked.pk)
            asked.add(form.chosen)
    if request.method == "POST" and asked.instrument_id:
        return redirect(_here(asked.back))
    context = {"setup": asked, "form": form, "back": _here(asked.back)}
    return render(request, "sandbox/setup.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, reference: str) -> HttpResponse:
    mine = SandboxCharge.objects.filter(instrument__owner_id=request.user.pk).select_related("instrument")
    charge = get_object_or_404(mine, reference=reference)
    form = StepForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            charge = mine.select_for_update(of=("self",)).get(pk=charge.pk)
            if form.cleaned_data["answer"] == "confirm":
                charge.end_step(Outcome.SUCCEEDED)
            else:
                charge.end_step(Outcome.DECLINED, "authentication_failed")
        return redirect(_here(charge.back))
    context = {
        "charge": charge,
        "sum": format_minor(charge.amount, charge.currency),
        "open": charge.outcome_now == Outcome.NEEDS_STEP,
        "back": _here(charge.back),
    }
    return render(request, "sandbox/step.html", context, status=422 if form.is_bound else 200)


@require_safe
def statement(request: HttpRequest, reference: str) -> HttpResponse:
    mine = SandboxInstrument.objects.filter(owner_id=request.user.pk)
    instrument = get_object_or_404(mine, reference=reference)
    context = {"account": instrument, "lines": _lines(instrument)}
    return render(request, "sandbox/statement.html", context)


def _lines(instrument: SandboxInstrument) -> list[dict[str, Any]]:
    """What the bank's statement says, newest first; the small charge that carries the code is the oldest."""
    moved: list[tuple[Movable, int]] = [(charge, -charge.amount) for charge in instrument.sandboxcharges.all()]
    moved += [(payout, payout.amount) for payout in instrument.sandboxpayouts.all()]
    lines: list[dict[str, Any]] = [
        {"at": each.ended_at, "words": each.words, "minor": minor, "currency": each.currency}
        for each, minor in moved
        if each.outcome_now == Outcome.SUCCEEDED
    ]
    if instrument.use == SandboxInstrument.Use.SOURCE:
        currency = instrument.currency or settings.CURRENCIES[0]
        small = 10 ** decimals(currency)
        lines.append({"at": instrument.added_at, "code": instrument.code, "minor": -small, "currency": currency})
    return sorted(lines, key=lambda line: line["at"], reverse=True)


def _here(address: str) -> str:
    """The way back on this very site, by whatever name the person reached it."""
    parts = urlsplit(address)
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, parts.fragment))
