"""The pages on which the site says no, each with words. With htmx they are the same words for a dialog."""

from django_htmx.http import reswap, retarget

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _


def page_or_dialog(request: HttpRequest, template: str, status: int, **words: object) -> HttpResponse:
    """Answer with *template*: a page, or for htmx a dialog, whatever the answer was meant to be swapped into."""
    if not getattr(request, "htmx", False):
        return render(request, template, words, status=status)
    response = render(request, template, {**words, "layout": "layouts/dialog.html"}, status=status)
    return reswap(retarget(response, "#dialog"), "innerHTML")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 with the words of PermissionDenied, if it brought any."""
    return page_or_dialog(request, "403.html", 403, message=str(exception or ""))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that is no request of ours, or that brings more files than a form takes."""
    return page_or_dialog(request, "400.html", 400, too_large=isinstance(exception, RequestDataTooBig))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404. Says nothing about whether the thing exists for somebody else."""
    return page_or_dialog(request, "404.html", 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from our page, or from one that is too old."""
    words = _("This form was open for too long, or cookies are switched off. Go back, reload the page and try again.")
    return page_or_dialog(request, "403.html", 403, message=words)


def failed(request: HttpRequest) -> HttpResponse:
    """500: a page that needs nothing to work."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)
