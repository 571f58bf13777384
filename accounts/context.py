"""The bell."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def bell(request: HttpRequest) -> dict[str, object]:
    """How many notifications the member has not read, counted when a template asks."""
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return {}
    return {"unread": SimpleLazyObject(lambda: member.notifications.filter(read_at=None)[:100].count())}
