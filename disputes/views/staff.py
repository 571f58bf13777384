"""The steps of arbitrators in the admin. What moves money is asked twice, with what it will do (P71)."""

import re
from dataclasses import replace
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import confirmation, steps
from config.refusals import WrongState
from config.seen import Seen
from disputes import forms_staff, rows_staff
from disputes.models import Dispute, Verdict
from disputes.views import facts


class Step(NamedTuple):
    """A step of the table: its form, what its button says, and whether it is asked twice.

    *fresh*: refused where the dispute has changed since the form was shown. A question harms nobody then.
    """

    form: Any
    button: Any
    twice: bool = False
    fresh: bool = True


STEPS = {
    "take": Step(forms_staff.TakeForm, gettext_lazy("Take the dispute")),
    "hand_over": Step(forms_staff.HandOverForm, gettext_lazy("Hand it over")),
    "ask": Step(forms_staff.AskForm, gettext_lazy("Ask"), fresh=False),
    "propose": Step(forms_staff.ProposeForm, gettext_lazy("Propose this split")),
    "decide": Step(forms_staff.DecideForm, gettext_lazy("Yes, decide like this"), twice=True),
    "confirm": Step(forms_staff.TakeForm, gettext_lazy("Yes, confirm the verdict"), twice=True),
    "send_back": Step(forms_staff.ReasonForm, gettext_lazy("Send the verdict back")),
}


def step(model_admin: Any, request: HttpRequest, dispute: Dispute, action: str) -> HttpResponse:
    """Show the form of *action* and do what it says; 409 where it can't be done, 422 at a field."""
    what, by = STEPS.get(action), request.user
    if what is None:
        raise Http404
    back = reverse("admin:disputes_dispute_change", args=[dispute.pk])
    try:
        if "token" in request.POST and what.twice:
            return _confirmed(model_admin, request, dispute, action, back)
        form = what.form(dispute, by, request.POST if request.method == "POST" else None)
        if form.is_valid() and not what.twice:  # the verb requires, after it has looked for a repeat
            said = form.said
            if action == "send_back":
                said["verdict"] = _named_verdict(request, dispute)
            told = {name: value.pk if isinstance(value, Model) else value for name, value in said.items()}
            _do(dispute, action, said, by=by, key=steps.key_for(request, told), seen=_seen(request, what))
            return _done(model_admin, request, dispute, action, back)
        dispute.require(action, by)
        return _page(model_admin, request, dispute, action, form)
    except WrongState as refusal:
        return steps.stale(request, refusal, back, facts.of_dispute(dispute.pk))


def _named_verdict(request: HttpRequest, dispute: Dispute) -> Verdict:
    """Return the verdict that the form was about; 404 where the dispute has none with that number."""
    number = re.fullmatch("[0-9]{1,18}", request.POST.get("verdict", ""), re.ASCII)
    return get_object_or_404(dispute.verdicts, pk=int(number[0]) if number else 0)  # type: ignore[no-any-return]


def _seen(request: HttpRequest, what: Step) -> Seen:
    """Return what the form of a step that is asked once was shown of the dispute."""
    return replace(steps.once(request), version=request.POST.get("seen") if what.fresh else None)


def _page(model_admin: Any, request: HttpRequest, dispute: Dispute, action: str, form: Any) -> HttpResponse:
    """The form; of a step that is asked twice, once it is valid, what it will do and the token to do it."""
    what, label = STEPS[action], dispute.lifecycle[action].label
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{label}: {dispute.reference}",
        "opts": model_admin.opts,
        "dispute": dispute,
        "form": form,
        "key": steps.key_of(request),
        "seen": request.POST.get("seen", dispute.seen_version),
        "button": label if what.twice else what.button,
        "parts": rows_staff.parts(dispute),
        "awaited": rows_staff.verdict_row(dispute, dispute.awaited) if dispute.awaited else None,
    }
    if what.twice and form.is_valid():
        shown: dict[str, Any] = dict(form.said)
        if dispute.awaited:
            shown.update(to_freelancer=dispute.awaited.to_freelancer, verdict=dispute.awaited_id)
        context["button"] = what.button
        context["split"] = rows_staff.split(dispute, shown["to_freelancer"])
        context["said"] = form.said
        context["second"] = action == "decide" and dispute.rules.needs_second(dispute.disputed)
        context["token"] = confirmation.sign(
            request, f"dispute-{action}", dispute.pk, dispute.seen_version, currency=dispute.currency, **shown
        )
    bad = form.is_bound and not form.is_valid()
    return TemplateResponse(request, "admin/disputes/step.html", context, status=422 if bad else 200)


def _confirmed(model_admin: Any, request: HttpRequest, dispute: Dispute, action: str, back: str) -> HttpResponse:
    confirmed = confirmation.read(request, f"dispute-{action}", dispute.pk)
    shown = confirmed.shown
    if action == "confirm":
        said: dict[str, Any] = {"verdict": get_object_or_404(Verdict, pk=shown["verdict"])}
    else:
        said = {name: shown[name] for name in ("to_freelancer", "words", "cites")}
    _do(dispute, action, said, by=request.user, key=confirmed.key, seen=steps.seen(request, confirmed))
    return _done(model_admin, request, dispute, action, back)


def _do(dispute: Dispute, action: str, said: dict[str, Any], **about: Any) -> None:
    getattr(dispute, action)(**said, **about)


def _done(model_admin: Any, request: HttpRequest, dispute: Dispute, action: str, back: str) -> HttpResponse:
    label = str(dispute.lifecycle[action].label)
    model_admin.log_change(request, dispute, label)
    messages.success(request, _("Done: %(step)s.") % {"step": label})
    return redirect(back)
