"""Helpers for views that ask twice. Such a view reads like this::

    def release(request, pk):
        milestone = get_object_or_404(Milestone.objects.visible_to(request.user), pk=pk)
        if "token" in request.POST:                       # step two: do exactly what step one showed
            confirmed = confirmation.read(request, "release", milestone.pk)
            try:
                event = milestone.release(confirmed.shown["amount"], by=request.user,
                                          key=confirmed.key, seen=steps.seen(request, confirmed))
            except WrongState as refusal:
                return steps.stale(request, refusal, milestone, facts=[...])
            return steps.done(event)
        milestone.require("release", request.user)        # step one: 403 or 409 with words
        ...
        token = confirmation.sign(request, "release", milestone.pk, milestone.seen_version, amount=amount)
        return render(request, "milestones/release.html", {..., "token": token})

The templates begin with ``{% extends layout %}``: a dialog where htmx asks for one, a page where it doesn't.
A repeat finds the first one's result by its key, inside the verb; an expired or stale confirmation is refused there.
``config.middleware`` answers 422 for a BadConfirmation and 409 for a WrongState that no view caught.
"""

import hashlib
import ipaddress
import json
import uuid
from typing import Any

from django_htmx.http import HttpResponseClientRedirect

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url

from config.confirmation import Confirmation
from config.seen import Seen
from config.uploads import Checked


def seen(request: HttpRequest, confirmed: Confirmation) -> Seen:
    """Return what the person saw, with the address from which they confirmed it."""
    return Seen(confirmed.version, confirmed.shown, address(request), confirmed.expired)


def key_of(request: HttpRequest) -> uuid.UUID:
    """Return the key that a form of one step carries, or a fresh one for a form that is shown first."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def key_for(request: HttpRequest, said: dict[str, Any] | None = None) -> uuid.UUID:
    """Return the key of a step that is asked once: the form's, for what this person *said* at this address.

    A double click is the same step. The form sent again with other words (after going back), or with the key of
    another form, is another step, which is never taken for one that was done before. Files are told by their content.
    """
    told = {name: _told(value) for name, value in (said or {}).items()}
    return uuid.uuid5(key_of(request), json.dumps([request.path, request.user.pk, told], sort_keys=True))


def _told(value: Any) -> Any:
    """What of *value* tells it from another one."""
    if isinstance(value, Checked):
        return [value.name, hashlib.sha256(value.content).hexdigest()]
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return value


def once(request: HttpRequest) -> Seen:
    """Return what stands in the record of a step that is asked once, since it moves nothing: the address alone."""
    return Seen(address=address(request))


def address(request: HttpRequest) -> str | None:
    """The caller's IP address; None where the server names none (a Unix socket, a scoped address)."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return None


def stale(
    request: HttpRequest, refusal: Exception, thing: Any, facts: list[tuple[str, Any]] | None = None
) -> HttpResponse:
    """Answer 409: nothing was done, why, and what is true now: *facts* about *thing*, with a link to it."""
    context = {"message": str(refusal), "facts": facts or [], "back": resolve_url(thing)}
    return render(request, "409.html", context, status=409)


def done(request: HttpRequest, to: Any) -> HttpResponse:
    """Go to the result: a model with an address, or a URL name. Out of a dialog the whole page goes there."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(resolve_url(to))
    return redirect(to)
