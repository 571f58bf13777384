"""The help centre: its topics and its search, an article, and whether that helped (P61). Anybody can read it."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Member
from config import caller, steps
from config.fields import ManyLinesField
from config.refusals import TooOften
from support.help import library, searching
from support.help.models import Missed, Vote

COOKIE = "help_visitor"  # names who votes without being signed in
AGE = 365 * 24 * 3600  # seconds
MOST_AN_HOUR = 30  # votes of visitors from one address


class VoteForm(forms.Form):
    """Yes or no, and what is missing."""

    helpful = forms.TypedChoiceField(
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))], coerce=lambda value: value == "yes"
    )
    words = ManyLinesField(
        label=gettext_lazy("What is missing or wrong? (optional)"), required=False, rows=2, max_length=500
    )


@login_not_required  # help is for everybody
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The topics with their articles, or with ``?q=`` what was found."""
    text = request.GET.get("q", "")[:200]
    found = searching.search(text)
    locale = library.spoken()
    if (words := searching.plain(text)) and not found:
        _missed(request, words, locale)
    topics = [
        {
            "title": title,
            "articles": [searching.hit(each) for each in library.articles(locale).values() if each.topic == topic],
        }
        for topic, title in library.TOPICS.items()
    ]
    context = {"topics": topics, "q": text.replace("\0", ""), "asked": bool(words), "found": found}
    return render(request, "help/index.html", context)


def _missed(request: HttpRequest, words: str, locale: str) -> None:
    """Count what members look for in vain; not what anybody in the world types."""
    if request.method == "GET" and request.user.is_authenticated and not caller.looking():
        Missed.note(words, locale)


@login_not_required  # help is for everybody
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article."""
    return _page(request, slug)


@login_not_required  # help is for everybody
@require_POST
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep whether it helped: one vote for each reader, which can be changed. 422 for anything else."""
    if slug not in library.articles(library.spoken()):
        raise Http404
    form = VoteForm(request.POST)
    if not form.is_valid():
        return _page(request, slug, form=form, status=422)
    member, visitor = _reader(request)
    if member is None:
        try:
            _require_pause(request)
        except TooOften as refusal:
            form.add_error(None, str(refusal))
            return _page(request, slug, form=form, status=429)
        visitor = visitor or uuid.uuid4()
    said = form.cleaned_data["words"] if "words" in request.POST else None
    Vote.cast(slug, library.spoken(), helpful=form.cleaned_data["helpful"], words=said, member=member, visitor=visitor)
    answer = redirect(f"{request.path.removesuffix('vote/')}#helpful")
    if member is None:
        answer.set_cookie(
            COOKIE,
            str(visitor),
            AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            path="/help/",
        )
    return answer


def _page(request: HttpRequest, slug: str, *, form: VoteForm | None = None, status: int = 200) -> HttpResponse:
    known = library.articles(library.spoken())
    if slug not in known:
        raise Http404
    found = library.page(known[slug])
    given = Vote.of(slug, *_reader(request))
    context: dict[str, Any] = {
        "page": found,
        "topic": library.TOPICS[found.article.topic],
        "related": [searching.hit(known[each]) for each in found.article.related],
        "vote": given,
        "form": form or VoteForm(initial={"words": given.words if given else ""}),
        "slug": slug,
    }
    return render(request, "help/article.html", context, status=status)


def _reader(request: HttpRequest) -> tuple[Member | None, uuid.UUID | None]:
    """Return who reads: a member, or a visitor who has voted before."""
    if request.user.is_authenticated:
        return request.user, None
    try:
        return None, uuid.UUID(request.COOKIES.get(COOKIE, ""))
    except ValueError:
        return None, None


def _require_pause(request: HttpRequest) -> None:
    """TooOften past MOST_AN_HOUR votes of visitors from one address."""
    key = f"help.votes.{steps.address(request)}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > MOST_AN_HOUR:
        raise TooOften(_("There were a lot of votes from your network. Try again in an hour."))
