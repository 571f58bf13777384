"""Times in the reader's zone, words in their language."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation


class LanguageMiddleware(LocaleMiddleware):
    """Activates the member's language, else that of the switch (a cookie), else the browser's, else the site's."""

    def process_request(self, request: HttpRequest) -> None:
        chosen = getattr(request.user, "language", "")
        known = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        translation.activate(known)
        request.LANGUAGE_CODE = known


class TimeZoneMiddleware:
    """Activates the member's time zone, else the browser's (told by a cookie), else the site's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "") or request.COOKIES.get("tz", "")
        try:
            timezone.activate(zoneinfo.ZoneInfo(name))
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            timezone.deactivate()
        return self.get_response(request)
