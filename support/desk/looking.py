"""Shows the site to support as a member sees it, and changes nothing (docs/desk.md).

The staff's own session stays. It names the look; as long as that lasts, every page but the admin's is made for the
member, in a transaction in which the database takes no write at all, and each page stands in the audit.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, connection, transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, Member
from config import caller, steps
from config.errors import page_or_dialog
from support.desk.models import Look, LookEnd

KEY = "looking_at"  # in the staff's session: the number of their look
# Pages that are the staff's own, whoever they look as: the admin, and signing out or in anew for it.
OWN = ("admin:index", "account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")
# What belongs to the member alone: how they sign in, and what they have at the payment provider.
CLOSED = ("/accounts/", "/sandbox/")
RETURNING = "/back/"  # asks the provider what became of money, and writes down what it says
UNCOUNTED = ("notifications-count",)  # what an open page asks by itself

View = Callable[[HttpRequest], HttpResponseBase]


class LookMiddleware:
    """Puts the member in the place of who looks as them, for reading only."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    @cached_property
    def _own(self) -> tuple[str, ...]:
        return tuple(reverse(name) for name in OWN)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = request.session.get(KEY)
        if number is None or self._is_own(request.path):
            return self.get_response(request)
        staff = request.user
        look = Look.objects.select_related("member", "end").filter(pk=number, actor=staff.pk).first()
        if look is None or not self._lasts(look, staff):
            request.look_over = True  # type: ignore[attr-defined]
            return self.get_response(request)
        return self._shown(request, look, staff)

    def _is_own(self, path: str) -> bool:
        return path.startswith(self._own[0]) or path in self._own[1:]

    def _lasts(self, look: Look, staff: Member) -> bool:
        """Whether the look goes on. It ends at once where the right to it does."""
        if look.ended_at is None and Look.refusal(look.member, staff):
            with caller.calling(caller.Caller(member=staff.pk)):
                look.finish(LookEnd.Why.NO_RIGHT)
            return False
        return look.ended_at is None

    def _shown(self, request: HttpRequest, look: Look, staff: Member) -> HttpResponseBase:
        request.user = look.member
        request.looking = look  # type: ignore[attr-defined]
        request.looking_by = staff.pk  # type: ignore[attr-defined]
        with reading():
            response = self.get_response(request)
            refused = getattr(request, "look_refused", False)
            if refused:
                transaction.set_rollback(True)
        if refused:  # the page needs the database, and a transaction that was refused a write reads nothing more
            with reading():
                response = _refused(request)
        _note(request, look, response.status_code)
        if response.streaming and not isinstance(response, FileResponse):
            response.streaming_content = _streamed(response.streaming_content, caller.current())  # type: ignore[attr-defined]
        add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Let only reading through, not of what is the member's alone, and nothing once the look is over."""
        if getattr(request, "look_over", False):
            return _over(request)
        if getattr(request, "looking", None) is None:
            return None
        if request.method not in ("GET", "HEAD"):
            return _refused(request)
        if request.path.startswith(CLOSED) or request.path.endswith(RETURNING):
            words = _("This page is the member's alone: nobody else sees how they sign in or what their provider says.")
            return page_or_dialog(request, "403.html", 403, message=words)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A write that was tried all the same is refused by the database, and told in words."""
        refused = isinstance(exception, DatabaseError) and getattr(exception.__cause__, "sqlstate", "") in (
            "25006",  # a transaction for reading only
            "42501",  # the audit's trigger
        )
        if getattr(request, "looking", None) is None or not refused:
            return None
        request.look_refused = True  # type: ignore[attr-defined]
        return HttpResponse(status=403)


@contextmanager
def reading() -> Iterator[None]:
    """Run what is within in a transaction in which the database takes no write, whatever asks for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield


def _streamed(content: Iterable[bytes], said: caller.Caller) -> Iterator[bytes]:
    """What is sent piece by piece is read after the view has answered."""
    with caller.calling(said), reading():
        yield from content


def _refused(request: HttpRequest) -> HttpResponse:
    words = _("You see the site as %(name)s, for looking only: nothing can be sent or changed.")
    name = request.looking.member.name  # type: ignore[attr-defined]
    return page_or_dialog(request, "403.html", 403, message=words % {"name": name})


def _note(request: HttpRequest, look: Look, status: int) -> None:
    """Write down that this page was looked at. Where that fails it isn't shown."""
    match = request.resolver_match
    if status == 204 or (match is not None and match.view_name in UNCOUNTED):
        return
    told = {"look": look.pk, "status": status, "method": str(request.method)[:10]}
    said = caller.Caller(look.member_id, look.actor_id, steps.address(request), request.path.replace("\0", "")[:300])
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_note(%s, %s, %s)", [AuditEntry.Action.LOOK.value, json.dumps(told), said.text])


def _over(request: HttpRequest) -> HttpResponse:
    """Say that the look has ended, and do nothing of what was asked: it was meant for the member's site."""
    if not request.htmx and request.headers.get("Sec-Fetch-Dest", "document") != "document":  # type: ignore[attr-defined]
        return HttpResponse(status=403)  # a picture, or what a page asks by itself: the next page says it
    look = Look.objects.filter(pk=request.session.pop(KEY)).first()
    messages.info(request, _("You no longer see the site as a member: the look has ended."))
    return steps.done(
        request, reverse("admin:accounts_member_change", args=[look.member_id]) if look else "admin:index"
    )


def signed_out(sender: Any, request: HttpRequest, user: Member | None, **kwargs: Any) -> None:
    """Signing out ends the look of that session."""
    end(request, LookEnd.Why.SIGNED_OUT)


def end(request: HttpRequest, why: LookEnd.Why) -> Look | None:
    """End the look of this session, if it has one, and return it."""
    number = request.session.pop(KEY, None)
    look = Look.objects.filter(pk=number, actor=request.user.pk).first() if number else None
    if look:
        look.finish(why)
    return look
