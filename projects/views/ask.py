"""The question that comes before every step that can't simply be undone."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url


def ask(
    request: HttpRequest,
    *,
    title: str,
    facts: Sequence[tuple[str, Any]],
    words: Sequence[str],
    button: str,
    back: Any,
    warning: str = "",
    danger: bool = False,
    token: str = "",
) -> HttpResponse:
    """Say what will happen and offer the button that does it: a dialog, or a page. It posts to the same address.

    *title* is the consequence; *warning* is what can't be undone; *danger* marks a button that ends something.
    """
    context = {
        "title": title,
        "facts": facts,
        "words": words,
        "warning": warning,
        "button": button,
        "danger": danger,
        "token": token,
        "back": resolve_url(back),
    }
    return render(request, "projects/ask.html", context)
