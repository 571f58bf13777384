"""The bell."""

from functools import cached_property

from django.http import HttpRequest

from accounts.models import Member

MOST = 100  # so many are counted; the bell says 99+ then


class Bell:
    """What the member has not read, asked for with one query when somebody wants to know."""

    def __init__(self, member: Member) -> None:
        self.member = member

    @cached_property
    def ids(self) -> list[int]:
        """The newest unread notifications, from an index that holds no others."""
        return list(self.member.notifications.filter(read_at=None).order_by("-pk").values_list("pk", flat=True)[:MOST])

    @property
    def unread(self) -> int:
        return len(self.ids)

    @property
    def newest(self) -> int:
        """The id of the newest unread one, 0 if there is none."""
        return self.ids[0] if self.ids else 0

    @property
    def label(self) -> str:
        return str(self.unread) if self.unread < MOST else f"{MOST - 1}+"


def bell(request: HttpRequest) -> dict[str, object]:
    """The bell of the member who asks."""
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return {}
    return {"bell": Bell(member)}
