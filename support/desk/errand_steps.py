"""Having a mail sent again and the books checked anew: asked twice, each with its reason (P71)."""

import re
from collections.abc import Sequence
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

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
from config.jobs import failed
from config.refusals import WrongState
from support.desk.models import Errand
from support.desk.steps import ReasonForm

LABELS = {
    "mail": gettext_lazy("Send the mail again"),
    "verify": gettext_lazy("Recompute the books"),
    "compare": gettext_lazy("Compare with the provider"),
    "retry": gettext_lazy("Try jobs again"),
}
BUTTONS = {
    "mail": gettext_lazy("Yes, send the mail again"),
    "verify": gettext_lazy("Yes, recompute the books"),
    "compare": gettext_lazy("Yes, compare with the provider"),
    "retry": gettext_lazy("Yes, try them again"),
}
DONE = {
    "mail": gettext_lazy("It is sent within a minute."),
    "verify": gettext_lazy("It is checked within a minute or two."),
    "compare": gettext_lazy("It is checked within a minute or two."),
    "retry": gettext_lazy("Jobs that are tried again: %(number)d."),
}
MOST_JOBS = 50  # that are tried again at once
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
WARNINGS = {
    "mail": gettext_lazy("They get the same mail once more, in their language. It is not told in the app again."),
    "verify": gettext_lazy("Every sum is recomputed from the transfers, which takes a while and changes nothing."),
    "compare": gettext_lazy("The provider is asked for what moved lately. What it says of open payments is applied."),
    "retry": gettext_lazy("They are queued once more. What one of them did before it failed is not done twice."),
}


def check(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Have the books checked anew, as ``?check=`` says."""
    action = request.GET.get("check", "")
    if action not in Errand.CHECKS:
        raise Http404
    return _step(request, context, action, None, reverse("admin:desk_books"))


def retry(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Have the jobs of ``?job=`` tried again, once each however often they are asked for."""
    numbers = [int(text) for text in request.GET.getlist("job")[:MOST_JOBS] if NUMBER.fullmatch(text)]
    rows = failed(ProcrastinateJob.objects.filter(pk__in=numbers)).order_by("pk")
    context["lines"] = [f"{job.pk}: {job.task_name.rpartition('.')[2]} {job.args}" for job in rows]
    back = reverse("admin:procrastinate_procrastinatejob_changelist")
    return _step(request, context, "retry", None, back, jobs=numbers)


def mail(request: HttpRequest, model_admin: Any, notification: Notification) -> HttpResponse:
    """Have the mail of a notification sent again."""
    context = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "member": notification.member}
    back = reverse("admin:accounts_notification_change", args=[notification.pk])
    return _step(request, context, "mail", notification, back)


def _step(
    request: HttpRequest,
    context: dict[str, Any],
    action: str,
    notification: Notification | None,
    back: str,
    jobs: Sequence[int] = (),
) -> HttpResponse:
    Errand.require_right(action, request.user)
    thing, pk = f"errand-{action}", notification.pk if notification else 0
    try:
        if "token" in request.POST:
            confirmed = confirmation.read(request, thing, pk)
            said, seen = confirmed.shown, steps.seen(request, confirmed)
            about = {"reason": said["reason"], "jobs": said["jobs"], "key": confirmed.key, "seen": seen}
            made = Errand.record(action, notification, by=request.user, **about)
            messages.success(request, DONE[action] % {"number": len(made.jobs)})
            return redirect(back)
        Errand.require(action, notification, request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, back)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context |= {"title": LABELS[action], "warning": WARNINGS[action], "button": _("Go on"), "form": form, "back": back}
    if action == "retry" and not context["lines"]:
        return steps.stale(request, WrongState(_("None of these jobs failed.")), back)
    if notification:
        context["about"] = notices.sentence_or_hint(notification)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        token = confirmation.sign(request, thing, pk, "", reason=reason, jobs=list(jobs))
        context |= {"reason": reason, "button": BUTTONS[action], "token": token}
    bad = form.is_bound and not form.is_valid()
    return TemplateResponse(request, "admin/desk/member_step.html", context, status=422 if bad else 200)
