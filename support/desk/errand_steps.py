"""Having a mail sent again and the books checked anew: asked twice, each with its reason (P71)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Notification
from config import confirmation, steps
from config.refusals import WrongState
from support.desk.models import Errand
from support.desk.steps import ReasonForm

LABELS = {
    "mail": gettext_lazy("Send the mail again"),
    "verify": gettext_lazy("Recompute the books"),
    "compare": gettext_lazy("Compare with the provider"),
}
BUTTONS = {
    "mail": gettext_lazy("Yes, send the mail again"),
    "verify": gettext_lazy("Yes, recompute the books"),
    "compare": gettext_lazy("Yes, compare with the provider"),
}
WARNINGS = {
    "mail": gettext_lazy("They get the same mail once more, in their language. It is not told in the app again."),
    "verify": gettext_lazy("Every sum is recomputed from the transfers, which takes a while and changes nothing."),
    "compare": gettext_lazy("The provider is asked for what moved lately. What it says of open payments is applied."),
}


def check(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Have the books checked anew, as ``?check=`` says."""
    action = request.GET.get("check", "")
    if action not in Errand.CHECKS:
        raise Http404
    return _step(request, context, action, None, reverse("admin:desk_books"))


def mail(request: HttpRequest, model_admin: Any, notification: Notification) -> HttpResponse:
    """Have the mail of a notification sent again."""
    context = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "member": notification.member}
    back = reverse("admin:accounts_notification_change", args=[notification.pk])
    return _step(request, context, "mail", notification, back)


def _step(
    request: HttpRequest, context: dict[str, Any], action: str, notification: Notification | None, back: str
) -> HttpResponse:
    Errand.require_right(action, request.user)
    thing, pk = f"errand-{action}", notification.pk if notification else 0
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, thing, pk)
            reason, seen = confirmed.shown["reason"], steps.seen(request, confirmed)
            Errand.record(action, notification, reason=reason, by=request.user, key=confirmed.key, seen=seen)
            done = _("It is sent within a minute.") if notification else _("It is checked within a minute or two.")
            messages.success(request, done)
            return redirect(back)
        Errand.require(action, notification, request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, back)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context |= {"title": LABELS[action], "warning": WARNINGS[action], "button": _("Go on"), "form": form, "back": back}
    if notification:
        context["about"] = notices.sentence_or_hint(notification)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        token = confirmation.sign(request, thing, pk, "", reason=reason)
        context |= {"reason": reason, "button": BUTTONS[action], "token": token}
    bad = form.is_bound and not form.is_valid()
    return TemplateResponse(request, "admin/desk/member_step.html", context, status=422 if bad else 200)
