"""The steps of the staff about a member: asked twice, each with its reason (P71)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config import confirmation, steps
from config.fields import ManyLinesField
from config.refusals import WrongState
from support.desk.models import Suspension

WORDS = {
    "suspend": {
        "label": gettext_lazy("Suspend"),
        "button": gettext_lazy("Yes, suspend this member"),
        "warning": gettext_lazy(
            "They are signed out at once and can't sign in. Their money stays where it is, deadlines go on, and "
            "everybody who works with them is told. They read the reason."
        ),
    },
    "restore": {
        "label": gettext_lazy("Restore"),
        "button": gettext_lazy("Yes, restore this member"),
        "warning": gettext_lazy(
            "They can sign in again, and everybody who works with them is told. They read the reason."
        ),
    },
}


class ReasonForm(forms.Form):
    """Why. It stands in the record, and the member reads it."""

    reason = ManyLinesField(label=gettext_lazy("Reason"), max_length=2000, rows=4)


def member_step(model_admin: Any, request: HttpRequest, member: Member, action: str) -> HttpResponse:
    """Ask for the reason, show what will happen, and do it; 409 where it can't be done, 422 at the field."""
    if action not in WORDS:
        raise Http404
    back = reverse("admin:accounts_member_change", args=[member.pk])
    if why := Suspension.refusal(action, member, request.user):
        raise PermissionDenied(why)
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, f"member-{action}", member.pk)
            reason, seen = confirmed.shown["reason"], steps.seen(request, confirmed)
            Suspension.record(action, member, reason=reason, by=request.user, key=confirmed.key, seen=seen)
            messages.success(request, _("Done: %(step)s.") % {"step": WORDS[action]["label"]})
            return redirect(back)
        return _page(model_admin, request, member, action, back)
    except WrongState as refusal:
        member.refresh_from_db()
        facts = [(_("Account"), _("open") if member.is_active else _("suspended"))]
        return steps.stale(request, refusal, back, facts)


def _page(model_admin: Any, request: HttpRequest, member: Member, action: str, back: str) -> HttpResponse:
    """The form; once it is valid, what it will do and the token to do it."""
    Suspension.require(action, member)
    words = WORDS[action]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{words['label']}: {member.name}",
        "opts": model_admin.opts,
        "member": member,
        "warning": words["warning"],
        "button": words["label"],
        "form": form,
        "back": back,
    }
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        version = Suspension.version(member)
        context |= {"reason": reason, "button": words["button"]}
        context["token"] = confirmation.sign(request, f"member-{action}", member.pk, version, reason=reason)
    bad = form.is_bound and not form.is_valid()
    return TemplateResponse(request, "admin/desk/member_step.html", context, status=422 if bad else 200)
