"""The lasting page of a withdrawal: where the money is, when it arrives, and taking it back until it is sent (P51)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config import confirmation, steps
from config.money import format_minor
from config.receipts import Receipt, Row, when
from config.refusals import WrongState
from finances.payments import state_words, withdrawing
from finances.payments.models import Withdrawal
from finances.payments.rows import history
from finances.payments.views.answers import poll


@require_safe
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    if answer := poll(request, found):
        return answer
    events = list(found.events.select_related("actor", "transfer").order_by("-id"))
    context = {
        "withdrawal": found,
        "tone": state_words.WITHDRAWAL_TONES[Withdrawal.State(found.state)],
        "sentence": state_words.of_withdrawal(found),
        "rows": rows(found),
        "can_cancel": found.allows("cancel", request.user),
        "taken": reverse("transfer", args=[events[-1].transfer_id]),
        "timeline": history(events),
    }
    return render(request, "payments/withdrawal.html", context)


@require_safe
def as_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    found = _own(request, pk)
    return Receipt(
        title=_("Withdrawal"),
        reference=_("Withdrawal %(reference)s") % {"reference": found.display_reference},
        minor=found.amount,
        currency=found.currency,
        rows=[Row(_("State"), found.get_state_display()), *rows(found)],
        footer=state_words.of_withdrawal(found),
        name=f"withdrawal-{found.display_reference.lower()}",
    ).answer(kind)


def rows(withdrawal: Withdrawal) -> list[Row]:
    """What there is to be known of the withdrawal."""
    confirmed = withdrawal.events.values_list("shown", flat=True).get(action="requested")
    found = [
        Row(_("To"), confirmed.get("destination") or str(withdrawal.destination)),
        Row(_("Fee"), _("none")),
        when(_("Confirmed"), withdrawal.created_at),
    ]
    if withdrawal.asked_at:
        found.append(when(_("Given to the provider"), withdrawal.asked_at))
    elif withdrawal.is_open and withdrawal.send_at > timezone.now():
        found.append(when(_("Is sent"), withdrawal.send_at))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    withdrawal = _own(request, pk)
    try:
        if request.method == "POST":
            confirmed = confirmation.read(request, "cancel-withdrawal", pk)
            withdrawing.cancel(withdrawal, by=request.user, seen=steps.seen(request, confirmed))
            return steps.done(request, withdrawal)
        withdrawal.require("cancel", request.user)
    except WrongState as refusal:
        withdrawal.refresh_from_db()
        return steps.stale(request, refusal, withdrawal, _facts(withdrawal))
    shown = {"amount": withdrawal.amount, "currency": withdrawal.currency, "destination": str(withdrawal.destination)}
    token = confirmation.sign(request, "cancel-withdrawal", pk, str(withdrawal.version), **shown)
    context = {
        "withdrawal": withdrawal,
        "sum": format_minor(withdrawal.amount, withdrawal.currency),
        "token": token,
    }
    return render(request, "payments/cancel_withdrawal.html", context)


def _facts(withdrawal: Withdrawal) -> list[tuple[str, Any]]:
    """What is true now."""
    return [(_("Withdrawal"), withdrawal.display_reference), (_("State"), withdrawal.get_state_display())]


def _own(request: HttpRequest, pk: int) -> Withdrawal:
    withdrawals = Withdrawal.objects.visible_to(request.user).select_related("owner", "destination")
    found: Withdrawal = get_object_or_404(withdrawals, pk=pk)
    return found
