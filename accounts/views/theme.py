"""The switch between light, dark and the system's colours."""

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
    goal = request.POST.get("next", "")
    if not (goal.startswith("/") and url_has_allowed_host_and_scheme(goal, allowed_hosts=None)):
        goal = "/"
    response = HttpResponseRedirect(goal)  # not redirect(), which takes a bare word for a URL's name
    response.set_cookie("theme", choice, max_age=YEAR, secure=request.is_secure(), samesite="Lax")
    return response
