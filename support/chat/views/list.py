"""A member's conversations with support, the newest first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from support.chat import figures
from support.chat.models import Conversation

TONES = {"waiting": "neutral", "answered": "positive", "closed": "neutral"}


@require_safe
def conversations(request: HttpRequest) -> HttpResponse:
    """All of them, twenty a page."""
    found = Conversation.objects.visible_to(request.user).order_by("-last_at", "-pk")
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    rows = [
        {
            "url": each.get_absolute_url(),
            "title": each.title,
            "reference": each.reference,
            "state": each.get_state_display(),
            "tone": TONES[each.state],
            "at": each.last_at,
        }
        for each in page
    ]
    context = {"rows": rows, "page": page, "expectation": figures.expectation()}
    return render(request, "support/conversations.html", context)
