"""The staff's steps about both sides' consent, in the admin: each asked twice (P71)."""

from typing import Any

from django.contrib import messages
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
from milestones.forms import ReasonForm
from milestones.models import ConsentRequest, Milestone
from milestones.views import facts as about
from milestones.views.back import NAMED

WARNINGS = {
    "ask": gettext_lazy("Both are told and read the reason. Nothing moves unless both consent."),
    "withdraw": gettext_lazy("Both are told. Nothing moves."),
    "give_back": gettext_lazy("The money goes back to the employer at once and for good. Both are told."),
}


@only_for("milestones.give_back_by_consent")
@asked_again()
def ask(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Ask both sides of the milestone *pk*."""
    people = ("award__project", "award__employer", "award__freelancer", "employer", "freelancer", "escrow")
    milestone = get_object_or_404(Milestone.objects.select_related(*people), pk=pk)
    back = reverse("admin:milestones_milestone_change", args=[pk])
    new = ConsentRequest(milestone=milestone, award=milestone.award, asked_by=request.user)
    new.require_who("ask", request.user)
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, "consent-ask", pk)
            seen, words = steps.seen(request, confirmed), confirmed.shown["reason"]
            made = ConsentRequest.begin(milestone, note=words, by=request.user, key=confirmed.key, seen=seen)
            messages.success(request, _("Both have been asked."))
            return redirect("admin:milestones_consentrequest_change", made.pk)
        new.require("ask", request.user)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        context: dict[str, Any] = {"form": form, "back": back, "facts": facts(new)}
        if form.is_valid():
            words = form.cleaned_data["reason"]
            context["said"] = words
            shown = {"amount": milestone.held, "currency": milestone.currency, "reason": words}
            context["token"] = confirmation.sign(request, "consent-ask", pk, str(milestone.seen_version), **shown)
        return _page(request, model_admin, new, "ask", context)
    except WrongState as refusal:
        return steps.stale(request, refusal, back, about.of_milestone(pk))


@only_for("milestones.give_back_by_consent")
@asked_again()
def step(request: HttpRequest, model_admin: Any, pk: int, action: str) -> HttpResponse:
    """Give back what both have consented to, or take the request back."""
    if action not in ("give_back", "withdraw"):
        raise Http404
    request_ = get_object_or_404(ConsentRequest.objects.select_related(*NAMED), pk=pk)
    request_.require_who(action, request.user)
    back = reverse("admin:milestones_consentrequest_change", args=[pk])
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, f"consent-{action}", pk)
            taken: dict[str, Any] = {"by": request.user, "key": confirmed.key, "seen": steps.seen(request, confirmed)}
            if action == "give_back":
                request_.give_back(**taken)
            else:
                request_.take(action, **taken)
            messages.success(request, _("Done: %(step)s.") % {"step": request_.lifecycle[action].label})
            return redirect(back)
        request_.require(action, request.user)
        context: dict[str, Any] = {"back": back, "facts": facts(request_)}
        shown = {"amount": request_.milestone.held, "currency": request_.milestone.currency}
        context["token"] = confirmation.sign(request, f"consent-{action}", pk, request_.seen_version, **shown)
        return _page(request, model_admin, request_, action, context)
    except WrongState as refusal:
        return steps.stale(request, refusal, back, about.of_milestone(request_.milestone_id))


def _page(
    request: HttpRequest, model_admin: Any, asked: ConsentRequest, action: str, context: dict[str, Any]
) -> HttpResponse:
    label = asked.lifecycle[action].label
    form = context.get("form")
    bad = form is not None and form.is_bound and not form.is_valid()
    context |= {
        **model_admin.admin_site.each_context(request),
        "title": f"{label}: {asked.milestone.reference}",
        "opts": model_admin.opts,
        "warning": WARNINGS[action],
        "button": _("Yes: %(action)s") % {"action": label} if "token" in context else label,
    }
    return TemplateResponse(request, "admin/payments/correction/step.html", context, status=422 if bad else 200)


def facts(asked: ConsentRequest) -> list[tuple[str, str]]:
    """Say what it is about, and who has consented."""
    milestone, award = asked.milestone, asked.award
    yes, no = _("has consented"), _("has not consented")
    return [
        (_("Milestone"), f"{milestone.reference} {milestone.task}"),
        (_("Held now"), format_minor(milestone.held, milestone.currency)),
        (str(award.employer), yes if asked.employer_consents else no),
        (str(award.freelancer), yes if asked.freelancer_consents else no),
        *([(_("Reason"), asked.note)] if asked.note else []),
    ]
