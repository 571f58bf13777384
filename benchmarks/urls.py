"""The site's addresses and two that do nothing, behind the same middleware."""

from django.http import HttpRequest, HttpResponse
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


urlpatterns = [*of_the_site, path("empty/post/", empty_post), path("empty/page/", empty_page)]

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]
