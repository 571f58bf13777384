"""Turns a verb's refusal into a page that says what is true."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.confirmation import BadConfirmation
from config.refusals import WrongState


class RefusalMiddleware:
    """Answers 409 for a WrongState and 422 for a BadConfirmation that the view had nothing better to show for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, WrongState):
            return render(request, "409.html", {"message": str(exception)}, status=409)
        if isinstance(exception, BadConfirmation):
            return render(request, "422.html", {"message": str(exception)}, status=422)
        return None
