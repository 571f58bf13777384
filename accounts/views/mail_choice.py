"""Which notifications are mailed, and when: the member's page, and the link in every mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import unsubscribing
from accounts.forms import MailChoiceForm
from accounts.models import MailChoice, Member
from accounts.notice_groups import GROUPS


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show and save what the member wants mailed."""
    sent = request.POST if request.method == "POST" else None  # also when it is empty: all can be switched off
    form = MailChoiceForm(sent, choice=MailChoice.of(request.user.pk))
    if form.is_valid():
        MailChoice.change(request.user.pk, delivery=form.cleaned_data["delivery"], off=form.off())
        messages.success(request, _("Your choice is saved."))
        return redirect("preferences-notifications")
    return render(request, "account/mail_choice.html", {"form": form}, status=422 if form.is_bound else 200)


@login_not_required  # a link in a mail is followed on any device, and by mail programs
@csrf_exempt  # a mail program has no form of ours (RFC 8058); the signed token says whose mail it is about
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether the mail is to be switched off, and do it by POST alone: whoever checks mails for harm follows links.

    The page says nothing about the member: the link may have been passed on.
    """
    meant = unsubscribing.read(token)
    if meant is None or not Member.objects.filter(pk=meant[0]).exists():
        raise Http404
    member_id, group = meant
    if request.method == "POST":
        MailChoice.switch(member_id, group, on=request.POST.get("again") == "1")
    everything = group == MailChoice.EVERYTHING
    off = MailChoice.of(member_id).off
    words = {
        "everything": everything,
        "group": "" if everything else GROUPS[group].title,
        "stopped": group in off,
        "all_stopped": not everything and MailChoice.EVERYTHING in off,
        "done": request.method == "POST",
    }
    return render(request, "account/unsubscribe.html", words)
