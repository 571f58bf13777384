"""Who is calling, and a verb's refusal as a page that says what is true."""

import contextlib
import ipaddress
from collections.abc import Callable
from typing import Any

from django_htmx.http import HttpResponseClientRedirect

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import urlencode

from config import caller, steps
from config.confirmation import BadConfirmation
from config.errors import page_or_dialog
from config.papers import PaperFailed
from config.refusals import WrongState


class ClientAddressMiddleware:
    """Puts the caller's address in REMOTE_ADDR where proxies of the operator's own stand in front.

    Each proxy appends the address it was called from to X-Forwarded-For, so the one that the outermost of
    ``TRUSTED_PROXIES`` appended is that many places from the end; what stands before it, anybody may have written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.TRUSTED_PROXIES:
            named = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-settings.TRUSTED_PROXIES :]
            with contextlib.suppress(ValueError):  # not through the proxies: the address of the connection stands
                request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(named[0].strip()))
        return self.get_response(request)


class CallerMiddleware:
    """Says for the database's audit who asks for what, and from where (``config.caller``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = caller.Caller(
            member=request.user.pk,
            looking_by=getattr(request, "looking_by", None),  # put there by who lets staff look as a member
            address=steps.address(request),
            path=request.path[:300],
        )
        with caller.calling(said):
            return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends who isn't signed in to the sign-in page: the whole page, also where htmx asked for a part of one.

    A step that was sent for a dialog comes back to the page that the dialog was opened from.
    """

    # The stubs know of no other kind of redirect than the one that htmx would follow by itself.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        htmx = getattr(request, "htmx", None)
        if not htmx:
            return super().handle_no_permission(request, view_func)
        query = urlencode({REDIRECT_FIELD_NAME: htmx.current_url_abs_path or "/"})
        return HttpResponseClientRedirect(f"{resolve_url(self.get_login_url(view_func))}?{query}")


class RefusalMiddleware:
    """Answers 409 for a WrongState, 422 for a BadConfirmation and 503 for a PaperFailed that the view left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, WrongState):
            return page_or_dialog(request, "409.html", 409, message=str(exception))
        if isinstance(exception, BadConfirmation):
            return page_or_dialog(request, "422.html", 422, message=str(exception))
        if isinstance(exception, PaperFailed):
            return page_or_dialog(request, "503.html", 503, message=str(exception))
        return None
