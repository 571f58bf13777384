"""What these pages say and do alike."""

from datetime import timedelta
from typing import Any

from django_htmx.http import HttpResponseClientRefresh, HttpResponseStopPolling

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from finances.ledger.context import available_of

# So long does a page that is left open ask by itself whether something changed.
ASKS = timedelta(minutes=20)


def no_answer(words: str) -> str:
    """Say that the provider doesn't answer, and then *words*: what that means here."""
    return _("The payment provider does not answer right now.") + f" {words} " + _("Please try again in a moment.")


def poll(request: HttpRequest, thing: Any) -> HttpResponse | None:
    """Answer an open page that asks whether *thing* still is as it shows it (``?seen=version``); None for others.

    The whole page is loaded anew when something changed: the balance above it has changed with it.
    """
    seen = request.GET.get("seen")
    if seen is None or not request.htmx:  # type: ignore[attr-defined]
        return None
    if seen != str(thing.version):
        return HttpResponseClientRefresh()
    if timezone.now() - thing.created_at > ASKS:
        return HttpResponseStopPolling()
    return HttpResponse(status=204)


def asked_before(request: HttpRequest, instrument: str) -> dict[str, str]:
    """Return what an address of a form brings along: the amount, the currency and the *instrument*."""
    names = ("amount", "currency", instrument)
    return {name: request.GET[name].replace("\x00", "")[:40] for name in names if request.GET.get(name)}


def currencies_of(request: HttpRequest) -> list[str]:
    """Return the currencies in which the member has or had money, then the site's."""
    return list(dict.fromkeys([*available_of(request), *settings.CURRENCIES]))
