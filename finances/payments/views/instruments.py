"""Payment sources and payout accounts: the list, adding one at the provider, and what can be done with each.

Every view takes the sort of instrument that its address is about.
"""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import steps
from config.refusals import WrongState
from finances.payments import adding
from finances.payments.forms import CodeForm, NameForm, NewForm
from finances.payments.gateways import Refused, Unreachable, gateway
from finances.payments.models import Instrument
from finances.payments.models.instruments import too_many
from finances.payments.rows import instrument_rows
from finances.payments.sorts import Sort
from finances.payments.views.answers import currencies_of, no_answer

# Whoever presses twice, or goes back and presses again, within this time means one and the same.
SAME_PRESS = timedelta(minutes=1)


@require_safe
def index(request: HttpRequest, sort: Sort) -> HttpResponse:
    context = {"sort": sort, "rows": instrument_rows(sort, request.user), "new": sort.new}
    return render(request, "payments/instruments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, sort: Sort) -> HttpResponse:
    if words := too_many(request.user, sort.model):
        return steps.stale(request, WrongState(words), sort.address)
    form = NewForm(
        request.POST if request.method == "POST" else None,
        only_bank=not sort.cards,
        currencies=currencies_of(request),
        currency=request.GET.get("currency", ""),
    )
    if not form.is_valid():
        return render(
            request, "payments/instrument_new.html", {"sort": sort, "form": form}, status=422 if form.is_bound else 200
        )
    try:
        instrument = _begun(request.user, sort, form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    except Unreachable:
        form.add_error(None, no_answer(_("Nothing was added.")))
    else:
        return steps.done(request, sort.page("add", instrument.pk))
    return render(request, "payments/instrument_new.html", {"sort": sort, "form": form}, status=422)


def _begun(owner: Any, sort: Sort, wanted: dict[str, Any]) -> Instrument:
    """Return the one that was begun a moment ago, else begin one."""
    same = sort.model._default_manager.filter(
        owner=owner, state=Instrument.State.ADDING, gateway=gateway().name, created_at__gt=timezone.now() - SAME_PRESS
    )
    begun = same.filter(kind=wanted["kind"], currency=wanted["currency"]).order_by("-id").first()
    return begun or sort.begin(owner, wanted["kind"], wanted["currency"])


@require_safe
def add(request: HttpRequest, sort: Sort, pk: int) -> HttpResponse:
    instrument = _own(request, sort, pk)
    if instrument.state != Instrument.State.ADDING:
        return redirect(sort.address)
    return render(request, "payments/instrument_add.html", {"sort": sort, "instrument": instrument})


@require_safe
def back(request: HttpRequest, sort: Sort) -> HttpResponse:
    """Where the provider sends a member when they have finished, or given up: keep what it has saved."""
    begun = sort.model._default_manager.filter(owner=request.user, gateway=gateway().name).filter(
        state__in=(Instrument.State.ADDING, Instrument.State.UNVERIFIED)
    )
    was = {instrument.pk: instrument.state for instrument in begun}
    changed = []
    try:
        for instrument in begun.order_by("-id"):
            if adding.finish(instrument).state != was[instrument.pk]:
                changed.append(instrument)
    except Unreachable:
        words = _("What you added is not lost: it shows here as soon as the payment provider answers.")
        messages.warning(request, no_answer(words))
    except Refused as refusal:
        messages.error(request, str(refusal))
    for instrument in changed:
        _tell(request, sort, instrument)
    return redirect(sort.address)


def _tell(request: HttpRequest, sort: Sort, instrument: Instrument) -> None:
    if instrument.state == Instrument.State.VERIFIED:
        messages.success(request, _("%(name)s can be used now.") % {"name": instrument})
    else:
        messages.info(request, _("%(name)s was added.") % {"name": instrument} + f" {sort.unverified}")


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, sort: Sort, pk: int) -> HttpResponse:
    instrument = _own(request, sort, pk)
    if request.method == "POST" and instrument.state == Instrument.State.VERIFIED:
        return steps.done(request, sort.address)  # pressed twice
    instrument.require("verify", request.user)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            if instrument.verify(form.cleaned_data["code"], by=request.user):
                messages.success(request, _("%(name)s is verified and can be used now.") % {"name": instrument})
                return steps.done(request, sort.address)
            form.add_error("code", _("This is not the code. After five wrong ones it has to be added again."))
        except Refused as refusal:
            form.add_error("code", str(refusal))
        except Unreachable:
            form.add_error(None, no_answer(_("Whether the code is right, nobody knows yet.")))
    context = {
        "sort": sort,
        "instrument": instrument,
        "form": form,
        "statement_url": gateway(instrument.gateway).statement_url(instrument.reference),
    }
    return render(request, "payments/instrument_verify.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, sort: Sort, pk: int) -> HttpResponse:
    instrument = _own(request, sort, pk)
    instrument.require("rename", request.user)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": instrument.name})
    if form.is_valid():
        instrument.rename(form.cleaned_data["name"], by=request.user)
        return steps.done(request, sort.address)
    context = {"sort": sort, "instrument": instrument, "form": form}
    return render(request, "payments/instrument_rename.html", context, status=422 if form.is_bound else 200)


@require_POST
def put_first(request: HttpRequest, sort: Sort, pk: int) -> HttpResponse:
    _own(request, sort, pk).put_first(by=request.user)
    return redirect(sort.address)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, sort: Sort, pk: int) -> HttpResponse:
    own = sort.model._default_manager.filter(owner=request.user)  # removed ones too: who presses twice sees the list
    instrument = get_object_or_404(own, pk=pk)
    if instrument.state == Instrument.State.REMOVED:
        return steps.done(request, sort.address)
    if request.method != "POST":
        context = {"sort": sort, "instrument": instrument, "used_by": sort.used_by(instrument)}
        return render(request, "payments/instrument_remove.html", context)
    try:
        instrument.remove(by=request.user)
    except (Unreachable, Refused):
        words = _("%(name)s was removed here and is not used any more, but the payment provider did not confirm it.")
        messages.warning(request, words % {"name": instrument})
    else:
        messages.success(request, _("%(name)s was removed.") % {"name": instrument})
    return steps.done(request, sort.address)


def _own(request: HttpRequest, sort: Sort, pk: int) -> Instrument:
    instrument: Instrument = get_object_or_404(sort.model._default_manager.visible_to(request.user), pk=pk)
    return instrument
