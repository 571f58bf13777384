"""The steps of a correction in the admin: each asked twice, behind a fresh password or passkey (P71)."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.again import asked_again, only_for
from config import confirmation, steps
from config.money import format_minor
from config.refusals import WrongState
from finances.ledger.models import Account, Transfer
from finances.payments import lifecycle
from finances.payments.forms_corrections import ConfirmForm, CorrectionForm, NoteForm, account_of, begun
from finances.payments.models import Correction

FORMS: dict[str, Any] = {"confirm": ConfirmForm, "refuse": NoteForm, "withdraw": NoteForm}
BUTTONS = {
    "confirm": gettext_lazy("Yes, confirm: move the money"),
    "refuse": gettext_lazy("Yes, refuse it"),
    "withdraw": gettext_lazy("Yes, withdraw it"),
}
WARNINGS = {
    "confirm": gettext_lazy("The money moves at once and for good. The members concerned read the reason."),
    "refuse": gettext_lazy("Nothing moves, and it can't be confirmed any more. Who proposed it reads why."),
    "withdraw": gettext_lazy("Nothing moves, and it can't be confirmed any more."),
}


@only_for("payments.propose_correction")
@asked_again()
def propose(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """The form of a new one, what it will do, and doing it."""
    if not (request.user.is_staff and request.user.has_perm("payments.propose_correction")):
        raise PermissionDenied(lifecycle.CORRECTION["propose"].words)
    back = reverse("admin:payments_correction_changelist")
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, "correction-propose", 0)
            said = confirmed.shown
            correction = Correction.propose(
                account_of(said["payer"], said["currency"]),
                account_of(said["payee"], said["currency"]),
                said["amount"],
                reason=said["reason"],
                note=said["note"],
                corrects=Transfer.objects.get(pk=said["corrects"]) if said["corrects"] else None,
                by=request.user,
                key=confirmed.key,
                seen=steps.seen(request, confirmed),
            )
            if correction.state == Correction.State.PROPOSED:
                messages.success(request, _("Proposed: a second person must confirm it."))
            else:
                messages.success(request, _("Done: the money has moved."))
            return redirect(correction)
        return _propose_page(request, model_admin, back)
    except WrongState as refusal:
        return steps.stale(request, refusal, back)


def _propose_page(request: HttpRequest, model_admin: Any, back: str) -> HttpResponse:
    if request.method == "POST":
        form = CorrectionForm(request.POST)
    else:
        form = CorrectionForm(initial=begun(_named(request.GET.get("transfer", ""))))
    context: dict[str, Any] = {"title": _("Propose a correction"), "form": form, "button": _("Continue")}
    if form.is_valid():
        said = form.said
        correction = _meant(said, request)
        correction.require_who("propose", request.user)
        try:
            correction.check_fits()
        except WrongState as refusal:
            form.add_error(None, str(refusal))
        else:
            context["facts"] = facts(correction)
            context["token"] = confirmation.sign(request, "correction-propose", 0, correction.way, **said)
            if correction.needs_second:
                context["button"] = _("Yes, propose it")
                context["warning"] = _("Nothing moves until a second person of the group finance has confirmed it.")
            else:
                context["button"], context["warning"] = _("Yes, move the money"), WARNINGS["confirm"]
    return _page(request, model_admin, form, back, context)


def _named(words: str) -> Transfer | None:
    number = re.fullmatch(r"[Tt]?([0-9]{1,18})", words, re.ASCII)
    found = Transfer.objects.select_related("debit_account__owner", "credit_account__owner")
    return found.filter(pk=int(number[1])).first() if number else None


def _meant(said: dict[str, Any], request: HttpRequest) -> Correction:
    return Correction(
        debit_account=account_of(said["payer"], said["currency"]),
        credit_account=account_of(said["payee"], said["currency"]),
        corrects=Transfer.objects.get(pk=said["corrects"]) if said["corrects"] else None,
        proposed_by=request.user,
        alone_limit=Correction.limit_of(request.user, said["currency"]),
        **{name: said[name] for name in ("amount", "currency", "reason", "note")},
    )


@only_for("payments.propose_correction", "payments.confirm_correction")
@asked_again()
def step(request: HttpRequest, model_admin: Any, pk: int, action: str) -> HttpResponse:
    """Confirm, refuse or withdraw one that waits."""
    if action not in FORMS:
        raise Http404
    rows = Correction.objects.select_related("debit_account__owner", "credit_account__owner", "corrects")
    correction = get_object_or_404(rows, pk=pk)
    correction.require_who(action, request.user)
    back = correction.get_absolute_url()
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, f"correction-{action}", pk)
            said = {"note": confirmed.shown["note"]} if action != "confirm" else {}
            seen = steps.seen(request, confirmed)
            getattr(correction, action)(**said, by=request.user, key=confirmed.key, seen=seen)
            messages.success(request, _("Done: %(step)s.") % {"step": correction.lifecycle[action].label})
            return redirect(back)
        correction.require(action, request.user)
        form = FORMS[action](request.POST if request.method == "POST" else None)
        label = correction.lifecycle[action].label
        context: dict[str, Any] = {
            "title": f"{label}: {correction.display_reference}",
            "facts": facts(correction),
            "button": label,
            "warning": WARNINGS[action],
        }
        if form.is_valid():
            context["button"] = BUTTONS[action]
            context["said"] = form.said.get("note", "")
            shown = {"amount": correction.amount, "currency": correction.currency, **form.said}
            context["token"] = confirmation.sign(request, f"correction-{action}", pk, correction.seen_version, **shown)
        return _page(request, model_admin, form, back, context)
    except WrongState as refusal:
        correction.refresh_from_db()
        return steps.stale(request, refusal, back, [(_("State"), correction.get_state_display())])


def _page(request: HttpRequest, model_admin: Any, form: Any, back: str, context: dict[str, Any]) -> HttpResponse:
    bad = form.is_bound and not form.is_valid()
    context |= {
        **model_admin.admin_site.each_context(request),
        "title": context["title"],
        "opts": model_admin.opts,
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "admin/payments/correction/step.html", context, status=422 if bad else 200)


def place(account: Account) -> str:
    """Name an account to the staff."""
    if account.kind == Account.Kind.FEES:
        return _("the site's fees")
    return f"{account.owner} ({account.owner.email if account.owner else '–'})"


def facts(correction: Correction) -> list[tuple[str, str]]:
    """Say what it does, for who is about to decide."""
    rows = [
        (_("Amount"), format_minor(correction.amount, correction.currency)),
        (_("Taken from"), place(correction.debit_account)),
        (_("Given to"), place(correction.credit_account)),
        (_("Available there"), format_minor(correction.debit_account.true_balance(), correction.currency)),
        (_("Reason"), correction.reason),
    ]
    if correction.corrects:
        rows.append((_("Transfer that was wrong"), correction.corrects.reference))
    if correction.note:
        rows.append((_("Note for the staff"), correction.note))
    return rows
