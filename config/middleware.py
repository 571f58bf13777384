"""Turns a verb's refusal into a page that says what is true."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.confirmation import BadConfirmation
from config.errors import page_or_dialog
from config.refusals import WrongState


class RefusalMiddleware:
    """Answers 409 for a WrongState and 422 for a BadConfirmation that the view had nothing better to show for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, WrongState):
            return page_or_dialog(request, "409.html", 409, message=str(exception))
        if isinstance(exception, BadConfirmation):
            return page_or_dialog(request, "422.html", 422, message=str(exception))
        return None
