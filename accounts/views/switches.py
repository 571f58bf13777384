"""The switches of every page: between light, dark and the system's colours, and between languages."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

YEAR = 31_536_000  # seconds


@login_not_required  # people choose their colours before they sign in, too
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the colours in a cookie and go back to where the switch was pressed."""
    choice = request.POST.get("theme", "")
    if choice not in ("system", "light", "dark"):
        return HttpResponseBadRequest()
    return _remembered(request, "theme", choice)


@login_not_required  # people read before they sign in, too
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language, in a cookie and for a member also for their mail, and go back to where they were."""
    choice = request.POST.get("language", "")
    if choice not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        request.user.language = choice
        request.user.save(update_fields=["language"])
    return _remembered(request, settings.LANGUAGE_COOKIE_NAME, choice)


def _remembered(request: HttpRequest, cookie: str, choice: str) -> HttpResponse:
    """Go back to where the switch was pressed, with *choice* in the *cookie*."""
    goal = request.POST.get("next", "")
    if not (goal.startswith("/") and url_has_allowed_host_and_scheme(goal, allowed_hosts=None)):
        goal = "/"
    response = HttpResponseRedirect(goal)  # not redirect(), which takes a bare word for a URL's name
    response.set_cookie(cookie, choice, max_age=YEAR, secure=request.is_secure(), samesite="Lax")
    return response
