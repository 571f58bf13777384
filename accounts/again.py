"""Asking who is signed in for their password or passkey once more, before what touches their money."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django_htmx.http import HttpResponseClientRedirect

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from config import caller


def asked_again(*, keep: Sequence[str] = ()) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view be reached only by who gave their password or passkey in the last ACCOUNT_REAUTHENTICATION_TIMEOUT.

    Others are asked, as a whole page also out of a dialog, and come back to the view's page: a POST is never replayed,
    so nothing is confirmed by typing a password. What was typed into the fields *keep* comes back in the address.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        guarded = reauthentication_required(view)

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if caller.looking():  # who only looks has no password of the member's, and can't send anything
                return view(request, *args, **kwargs)
            try:
                return guarded(request, *args, **kwargs)  # type: ignore[no-any-return]
            except ReauthenticationRequired:
                return _ask(request, keep)

        return asked

    return decorate


def _ask(request: HttpRequest, keep: Sequence[str]) -> HttpResponse:
    typed = {name: request.POST[name] for name in keep if request.POST.get(name)}
    back = f"{request.path}?{urlencode(typed)}" if typed else request.get_full_path()
    goal = f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: back})}"
    # The stubs know of no other kind of redirect than the one that htmx would follow by itself.
    return HttpResponseClientRedirect(goal) if request.htmx else redirect(goal)  # type: ignore[attr-defined]


def only_for(*rights: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view of the staff be reached only with one of *rights*: 403 before anything else is asked or looked up.

    Stands above ``asked_again``: nobody gives a password for what they may not do.
    """

    def decorator(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not (request.user.is_staff and any(request.user.has_perm(right) for right in rights)):
                raise PermissionDenied(_("This is for staff with the right to it."))
            return view(request, *args, **kwargs)

        return allowed

    return decorator
