"""The messages of an award: one conversation, with what happened to the money between them (P62)."""

import uuid
from typing import Any

from django_htmx.http import reswap, retarget

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import caller, uploads
from config.refusals import TooOften
from milestones import conversation, hints, stream
from milestones.forms import MessageForm
from milestones.models import Message, MessageFile, MessageRead
from milestones.models.messages import LONGEST
from milestones.rows import AWARD_TONES
from projects.models import Award


@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """The conversation's newest page; ``?before=`` an earlier one; with htmx and ``?since=`` only what is new."""
    award = _award(request, pk)
    if request.method == "POST":
        return _send(request, award)
    since = stream.Place.read(request.GET.get("since", ""))
    if since and request.htmx:  # type: ignore[attr-defined]
        return _news(request, award, since)
    before = stream.Place.read(request.GET.get("before", ""))
    if before and request.htmx:  # type: ignore[attr-defined]
        return render(request, "milestones/_earlier.html", _page(request, award, before))
    form = MessageForm(initial={"key": uuid.uuid4()})
    return render(request, "milestones/messages.html", {**_page(request, award, before), "form": form})


def _send(request: HttpRequest, award: Award) -> HttpResponse:
    """Say what was typed, then show it: as what is new since the page's last entry, or as the page itself."""
    form, status = MessageForm(request.POST, request.FILES), 422
    if form.is_valid():
        try:
            Message.send(award, by=request.user, **form.cleaned_data)
        except TooOften as refusal:
            form.add_error(None, str(refusal))
            status = 429
        else:
            since = stream.Place.read(request.POST.get("since", ""))
            if since and request.htmx:  # type: ignore[attr-defined]
                return _news(request, award, since, form=MessageForm(initial={"key": uuid.uuid4()}))
            return redirect(f"{request.path}#writing")
    if request.htmx:  # type: ignore[attr-defined]
        award.require("write", request.user)
        answer = render(request, "milestones/_writing.html", {**_frame(request, award), "form": form})
        answer.status_code = status
        return reswap(retarget(answer, "#writing"), "outerHTML")
    return render(request, "milestones/messages.html", {**_page(request, award, None), "form": form}, status=status)


def _news(request: HttpRequest, award: Award, since: stream.Place, form: MessageForm | None = None) -> HttpResponse:
    """Answer an open page with what came after *since*; nothing (204) where nothing did."""
    if not form and not stream.is_newer(award, since):
        return HttpResponse(status=204)
    page = stream.after(award, since)
    _note(request, award, page.last_message)
    context = {
        **_frame(request, award),
        "entries": conversation.shown(page.entries, award, request.user, settings.SITE_NAME),
        "since": page.entries[-1].place if page.entries else since,
        "form": form,
    }
    return render(request, "milestones/_news.html", context)


def _page(request: HttpRequest, award: Award, before: stream.Place | None) -> dict[str, Any]:
    """What the page says that ends *before* that place, or with the newest entry."""
    page = stream.before(award, before)
    if before is None:
        _note(request, award, stream.last_message(award, page))
    return {
        **_frame(request, award),
        "entries": conversation.shown(page.entries, award, request.user, settings.SITE_NAME),
        "earlier": f"?before={page.entries[0].place}" if page.more else "",
        "since": page.entries[-1].place if page.entries else "",
        "newest": before is None,
    }


def _frame(request: HttpRequest, award: Award) -> dict[str, Any]:
    """What every part of the page needs."""
    return {
        "award": award,
        "url": request.path,
        "other": award.freelancer if request.user.pk == award.employer_id else award.employer,
        "tone": AWARD_TONES.get(award.state, "neutral"),
        "may_write": award.allows("write", request.user),
        "longest": LONGEST,
    }


def _note(request: HttpRequest, award: Award, last: int) -> None:
    """Note what the reader has been shown. Asking with HEAD shows nobody anything, and looking is not reading."""
    if last and request.method != "HEAD" and not caller.looking():
        MessageRead.note(award, request.user, last)


@require_POST
def hint(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to be said about a text that is being typed, if anything. Nothing of it is kept."""
    award = _award(request, pk)
    kind = hints.of(request.POST.get("text", "")[:LONGEST])
    said = conversation.hint(kind, award, request.user, settings.SITE_NAME)
    return render(request, "milestones/_hint.html", {"hint": said})


@require_safe
def message_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a message, for the two of its award, and for staff who may read messages."""
    file = get_object_or_404(MessageFile.objects.select_related("message__award"), pk=pk)
    award = file.message.award
    staff = admin.site.has_permission(request) and request.user.has_perm("milestones.view_message")
    if request.user.pk not in (award.employer_id, award.freelancer_id) and not staff:
        raise Http404
    return uploads.send(file)


def _award(request: HttpRequest, pk: int) -> Award:
    awards = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    return get_object_or_404(awards, pk=pk)
