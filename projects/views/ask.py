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
    notice: str = "",
    tone: str = "caution",
    danger: bool = False,
    token: str = "",
) -> HttpResponse:
    """Say what will happen and offer the button that does it: a dialog, or a page. It posts to the same address.

    *title* is the consequence, *notice* what must be read first, in its *tone*; *danger* marks a button that ends
    something.
    """
    context = {
        "title": title,
        "facts": facts,
        "words": words,
        "notice": notice,
        "tone": tone,
        "button": button,
        "danger": danger,
        "token": token,
        "back": resolve_url(back),
    }
    return render(request, "projects/ask.html", context)
