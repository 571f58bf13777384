"""Support begins to see the site as a member, asked twice, and stops; the member reads when that was (P71)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.again import asked_again
from accounts.models import Member
from config import confirmation, steps
from config.refusals import WrongState
from support.desk import looking
from support.desk.models import Look, LookEnd
from support.desk.steps import ReasonForm

LABEL = gettext_lazy("See the site as this member")
SHOWN = 50  # looks that a member's page lists, newest first


def look_step(request: HttpRequest, model_admin: Any, member: Member) -> HttpResponse:
    """Ask for the reason, say what will happen, and begin; 409 where the page is stale, 422 at the field."""
    if why := Look.refusal(member, request.user):
        raise PermissionDenied(why)
    return _asked(request, model_admin, member)


@asked_again()
def _asked(request: HttpRequest, model_admin: Any, member: Member) -> HttpResponse:
    back = reverse("admin:accounts_member_change", args=[member.pk])
    if "token" not in request.POST:
        return _page(request, model_admin, member, back)
    confirmed = confirmation.read(request, "look", member.pk)
    seen = steps.seen(request, confirmed)
    try:
        look = Look.begin(member, reason=confirmed.shown["reason"], by=request.user, key=confirmed.key, seen=seen)
        look.require_open()
    except WrongState as refusal:
        return steps.stale(request, refusal, back)
    request.session[looking.KEY] = look.pk
    return redirect("home")


def _page(request: HttpRequest, model_admin: Any, member: Member, back: str) -> HttpResponse:
    """The form; once it is valid, what it will do and the token to do it."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{LABEL}: {member.name}",
        "opts": model_admin.opts,
        "member": member,
        "warning": _(
            "You see every page as they do and can change nothing. They are told now, by e-mail, too, and read the "
            "reason. Each page that you open is on record."
        ),
        "button": _("Go on"),
        "form": form,
        "back": back,
    }
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        token = confirmation.sign(request, "look", member.pk, Look.version(member, request.user), reason=reason)
        context |= {"reason": reason, "button": _("Yes, see the site as this member"), "token": token}
    bad = form.is_bound and not form.is_valid()
    return TemplateResponse(request, "admin/desk/member_step.html", context, status=422 if bad else 200)


@require_POST
def stop(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Stop looking, and go back to the member's page in the admin."""
    look = looking.end(request, LookEnd.Why.STOPPED)
    if look is None:
        return redirect("admin:index")
    messages.success(request, _("You no longer see the site as %(name)s.") % {"name": look.member.name})
    return redirect("admin:accounts_member_change", look.member_id)


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Show a member when support saw the site as they do, and why. Who of the staff it was stays on our record."""
    found = Look.objects.filter(member=request.user).select_related("end")[:SHOWN]
    return render(request, "desk/looks.html", {"looks": found})
