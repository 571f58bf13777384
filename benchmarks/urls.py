"""The site's addresses and some that do nothing, behind the same middleware."""

import time
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.urls import path

from config.urls import handler403, handler404, handler500
from config.urls import urlpatterns as of_the_site

PAGE = engines["django"].from_string('{% extends "base.html" %}{% block main %}<h1>Nothing</h1>{% endblock %}')


def empty_post(request: HttpRequest) -> HttpResponse:
    """Answers a signed-in POST with nothing: session, member, CSRF and all middleware, and no more."""
    return HttpResponse(str(request.user.pk))


def empty_page(request: HttpRequest) -> HttpResponse:
    """A signed-in page with the top bar and nothing on it."""
    return HttpResponse(PAGE.render({}, request))


@login_not_required  # it is asked from this machine, in a measurement
def stream(request: HttpRequest) -> StreamingHttpResponse:
    """A stream of events that says something every half a second, until its reader is gone."""

    def events() -> Iterator[bytes]:
        while True:
            yield b": nothing new\n\n"
            time.sleep(0.5)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


urlpatterns = [
    *of_the_site,
    path("empty/post/", empty_post),
    path("empty/page/", empty_page),
    path("empty/stream/", stream),
]

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]
