"""The lasting page of a payment: how it stands, whose move it is, and its receipt once the money is here (P17, P51)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import steps
from config.money import format_minor, typed_minor
from config.receipts import Receipt, Row, figure, link, when
from config.refusals import WrongState
from finances.ledger.statement import statement_address
from finances.payments import charging, purposes, state_words
from finances.payments.gateways import Refused, Unreachable
from finances.payments.models import Payment
from finances.payments.rows import history
from finances.payments.views.answers import no_answer, poll


@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    if answer := poll(request, found):
        return answer
    context = {
        "payment": found,
        "tone": state_words.PAYMENT_TONES[Payment.State(found.state)],
        "sentence": state_words.of_payment(found),
        "rows": rows(found),
        "further": purposes.purpose_of(found).address(found),
        "again": again(found) if found.state in Payment.UNPAID else "",
        "discard": purposes.purpose_of(found).discard(found),
        "timeline": history(found.events.select_related("actor", "transfer").order_by("-id")),
    }
    return render(request, "payments/payment.html", context)


@require_safe
def as_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    found = _own(request, pk)
    return Receipt(
        title=found.words,
        reference=_("Payment %(reference)s") % {"reference": found.display_reference},
        minor=found.amount,
        currency=found.currency,
        rows=[Row(_("State"), found.get_state_display()), *rows(found)],
        footer=state_words.of_payment(found),
        name=f"payment-{found.display_reference.lower()}",
    ).answer(kind)


def rows(payment: Payment) -> list[Row]:
    """What there is to be known of the payment."""
    purpose = purposes.purpose_of(payment)
    arrived = payment.transfer
    # A receipt never changes: what pays is called as it was when it was confirmed, whatever it is renamed to.
    confirmed = payment.events.values_list("shown", flat=True).get(action="created")
    found = [Row(_("From"), confirmed.get("source") or str(payment.source))]
    if purpose.name == "deposit":
        found.append(Row(_("Fee"), _("none")))
    else:  # its fees are the milestone's, and stand on its receipt
        found.append(Row(_("What for"), str(purpose.label)))
    found.append(when(_("Confirmed"), payment.created_at))
    if payment.taken_amount is not None:
        taken = format_minor(payment.taken_amount, payment.taken_currency)
        found.insert(1, Row(_("Taken, says the provider"), taken))
    if arrived:
        found.append(when(_("Arrived"), arrived.created_at))
        url = reverse("transfer", args=[arrived.pk])
        found.append(Row(_("Transfer"), arrived.reference, link(url, arrived.reference)))
        if arrived.credit_balance is not None:
            afterwards = statement_address(payment.currency, arrived.pk)
            name, left = _("Available afterwards"), arrived.credit_balance
            found.append(Row(name, format_minor(left, payment.currency), figure(afterwards, left, payment.currency)))
    return found


def again(payment: Payment) -> str:
    """Return the address at which the same can be tried once more, with what was asked for filled in."""
    address = purposes.purpose_of(payment).again(payment)
    if payment.purpose != "deposit":
        return address
    asked = {
        "amount": typed_minor(payment.amount, payment.currency),
        "currency": payment.currency,
        "source": payment.source_id,
    }
    return f"{address}?{urlencode(asked)}"


@require_safe
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the bank sends the payer back to."""
    return _looked_up(request, _own(request, pk))


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the provider now, where a page can't ask by itself, or somebody does not want to wait."""
    return _looked_up(request, _own(request, pk))


def _looked_up(request: HttpRequest, payment: Payment) -> HttpResponse:
    if payment.is_open:
        try:
            now = charging.look_up(payment)
        except (Unreachable, Refused):
            messages.warning(request, no_answer(_("Nothing is lost: what became of the payment will show here.")))
        else:
            if now.state == payment.state:
                messages.info(request, _("Nothing has changed yet."))
    return redirect(payment)


@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    payment = _own(request, pk)
    if request.method == "POST" and payment.state == Payment.State.CANCELLED:
        return steps.done(request, payment)  # pressed twice
    try:
        payment.require("give_up", request.user)
        if request.method != "POST":
            return render(request, "payments/give_up.html", {"payment": payment})
        payment = charging.give_up(payment, by=request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, payment, facts(payment))
    except (Unreachable, Refused):
        messages.error(request, no_answer(_("The payment was not given up.")))
    return steps.done(request, payment)


def facts(payment: Payment) -> list[tuple[str, Any]]:
    """What is true now."""
    return [(_("Payment"), payment.display_reference), (_("State"), payment.get_state_display())]


def _own(request: HttpRequest, pk: int) -> Payment:
    payments = Payment.objects.visible_to(request.user).select_related("owner", "source", "transfer")
    found: Payment = get_object_or_404(payments, pk=pk)
    return found
