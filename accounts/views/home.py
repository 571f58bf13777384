"""The first page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe


@login_not_required  # the first page that anybody sees
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what the site is; who is signed in goes on to their work."""
    if request.user.is_authenticated:
        try:
            return redirect(reverse("my-work"))
        except NoReverseMatch:  # a floor above us, which this one does not know
            pass
    return render(request, "home.html")
