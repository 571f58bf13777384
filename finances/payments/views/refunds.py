"""Giving back a payment that is under review, in the admin: asked twice, behind a fresh password or passkey (P71)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.again import asked_again, only_for
from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from finances.payments import refunding
from finances.payments.forms_corrections import NoteForm
from finances.payments.gateways import Refused, Unreachable
from finances.payments.models import Payment


@only_for("payments.refund_payment")
@asked_again()
def refund(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Ask for the reason, show what will happen, and do it; 409 where it can't be done, 422 at the field."""
    payment = get_object_or_404(Payment.objects.select_related("owner", "source"), pk=pk)
    payment.require_who("refund", request.user)
    back = reverse("admin:payments_payment_change", args=[pk])
    try:
        if "token" in request.POST:
            return _do(request, payment, back)
        payment.require("refund", request.user)
        return _page(request, model_admin, payment, back)
    except WrongState as refusal:
        payment.refresh_from_db()
        return steps.stale(request, refusal, back, [(_("State"), payment.get_state_display())])


def _do(request: HttpRequest, payment: Payment, back: str) -> HttpResponse:
    confirmed = confirmation.read(request, "payment-refund", payment.pk)
    reason, seen = confirmed.shown["reason"], steps.seen(request, confirmed)
    try:
        payment = refunding.refund(payment, reason=reason, by=request.user, key=confirmed.key, seen=seen)
    except Refused as refusal:
        messages.error(request, f"{payment}: {refusal}")
    except Unreachable:
        words = _("%(payment)s: the provider does not answer. Try again; it is given back once.")
        messages.error(request, words % {"payment": payment})
    else:
        if payment.state == Payment.State.REVIEW:
            messages.success(request, _("Proposed: a second person must confirm it."))
        else:
            messages.success(request, _("%(payment)s was given back.") % {"payment": payment})
    return redirect(back)


def _page(request: HttpRequest, model_admin: Any, payment: Payment, back: str) -> HttpResponse:
    proposes = refunding.proposes(payment, request.user)
    form = NoteForm(request.POST if request.method == "POST" else None)
    label = payment.lifecycle["refund"].label
    sum_ = format_minor(payment.to_refund, payment.taken_in)
    facts = [
        (_("Was asked for"), format_minor(payment.amount, payment.currency)),
        (_("Goes back"), sum_),
        (_("To"), f"{payment.source} · {payment.owner} ({payment.owner.email})"),
    ]
    if before := refunding.proposal(payment):
        facts += [(_("Proposed by"), str(before.actor)), (_("Reason"), before.note)]
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "title": f"{label}: {payment}",
        "opts": model_admin.opts,
        "facts": facts,
        "warning": _("The provider sends it back at once and for good. Who paid is told, and can pay again."),
        "button": _("Continue"),
        "form": form,
        "back": back,
    }
    if proposes:
        context["warning"] = _("Nothing is given back until a second person of the group finance has confirmed it.")
    if form.is_valid():
        reason = form.said["note"]
        shown = {"amount": payment.to_refund, "currency": payment.taken_in, "reason": reason}
        context["token"] = confirmation.sign(request, "payment-refund", payment.pk, refunding.version(payment), **shown)
        context["said"] = reason
        context["button"] = _("Yes, propose it") if proposes else _("Yes, give back %(sum)s") % {"sum": sum_}
    bad = form.is_bound and not form.is_valid()
    return TemplateResponse(request, "admin/payments/correction/step.html", context, status=422 if bad else 200)
