"""One conversation with support: what was said, what is new, and where one writes (P60)."""

import uuid
from typing import Any

from django_htmx.http import reswap, retarget

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config import caller, steps, subjects
from config.refusals import TooOften
from support.chat import entries, figures
from support.chat.forms import RatingForm, WritingForm
from support.chat.models import Conversation
from support.chat.models.messages import LONGEST
from support.chat.views.list import TONES


@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest page; ``?before=`` an earlier one; with htmx and ``?since=`` only what is new."""
    found = own(request, pk)
    if request.method == "POST":
        return _send(request, found)
    since = number(request.GET.get("since", ""))
    if since is not None and request.htmx:  # type: ignore[attr-defined]
        return news(request, found, since)
    return page(request, found)


def own(request: HttpRequest, pk: int) -> Conversation:
    """Return the reader's own conversation, or 404."""
    conversations = Conversation.objects.visible_to(request.user).select_related("member")
    return get_object_or_404(conversations, pk=pk)


def number(text: str) -> int | None:
    """Return the entry's number that *text* names; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def page(
    request: HttpRequest, found: Conversation, *, form: Any = None, rating: Any = None, status: int = 200
) -> HttpResponse:
    """Return the whole page, with the forms as they were filled in."""
    before = number(request.GET.get("before", ""))
    rows, more = entries.newest(entries.of_member(found), before)
    if before is None:
        _note(request, found, rows[-1].pk if rows else 0)
    context = {
        **frame(found, request),
        "entries": entries.shown(rows, request.user),
        "earlier": f"?before={rows[0].pk}" if more else "",
        "since": rows[-1].pk if rows else 0,
        "newest": before is None,
        "form": form or WritingForm(initial={"key": uuid.uuid4()}),
        "rating": rating or RatingForm(initial={"stars": found.rating, "words": found.rating_words}),
        "subject": subjects.read(found.about, request.user),
    }
    return render(request, "support/conversation.html", context, status=status)


def frame(found: Conversation, request: HttpRequest) -> dict[str, Any]:
    """What every part of the page needs."""
    actions = {row.name for row in found.actions_for(request.user)}
    return {
        "conversation": found,
        "url": found.get_absolute_url(),
        "tone": TONES[found.state],
        "longest": LONGEST,
        "may_write": bool(actions & {"write", "reopen"}),
        "may_close": "close" in actions,
        "may_rate": "rate" in actions,
        "step_key": uuid.uuid4(),
        "waiting": _waiting(found),
    }


def _waiting(found: Conversation) -> str:
    """How long it will be until somebody answers, as far as that is known."""
    if found.waiting_since is None:
        return ""
    ahead = figures.before(found.waiting_since)
    if ahead:
        words = ngettext("%(number)d conversation waits longer.", "%(number)d conversations wait longer.", ahead)
        first = words % {"number": ahead}
    else:
        first = _("Yours waits longest: it is next.")
    return f"{first} {figures.expectation()}"


def _send(request: HttpRequest, found: Conversation) -> HttpResponse:
    """Say what was typed, then show it: as what is new since the page's last entry, or as the page itself."""
    form, status = WritingForm(request.POST, request.FILES), 422
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("text", "files")}
        try:
            found.write(by=request.user, key=steps.key_for(request, said), **said)
        except TooOften as refusal:
            form.add_error(None, str(refusal))
            status = 429
        else:
            since = number(request.POST.get("since", ""))
            if since is not None and request.htmx:  # type: ignore[attr-defined]
                return news(request, own(request, found.pk), since, form=WritingForm(initial={"key": uuid.uuid4()}))
            return redirect(f"{request.path}#writing")
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "support/_writing.html", {**frame(found, request), "form": form}, status=status)
        return reswap(retarget(answer, "#writing"), "outerHTML")
    return page(request, found, form=form, status=status)


def news(request: HttpRequest, found: Conversation, since: int, form: Any = None) -> HttpResponse:
    """Answer an open page with what came after entry *since*; nothing (204) where nothing did."""
    rows = entries.after(entries.of_member(found), since)
    if not rows and form is None:
        return HttpResponse(status=204)
    last = rows[-1].pk if rows else since
    _note(request, found, last)
    context = {**frame(found, request), "entries": entries.shown(rows, request.user), "since": last, "form": form}
    rating = RatingForm(initial={"stars": found.rating, "words": found.rating_words})
    return render(request, "support/_news.html", {**context, "rating": rating})


def _note(request: HttpRequest, found: Conversation, last: int) -> None:
    """Note what the reader has been shown. Asking with HEAD shows nobody anything, and looking is not reading."""
    if last and request.method != "HEAD" and not caller.looking():
        found.seen(last)
