"""Answers of support that wait to be read."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from support.chat.models import Conversation, Message


def unread_answers(member: Member) -> Iterator[Todo]:
    """Yield the member's conversations with an answer that they have not seen. One query."""
    said = Message.objects.filter(conversation=OuterRef("pk"), kind=Message.Kind.SAID, of_staff=True)
    newest = said.order_by("-pk")
    unread: Any = (
        Conversation.objects.visible_to(member)
        .filter(state=Conversation.State.ANSWERED)
        .annotate(newest_answer=Subquery(newest.values("pk")[:1]), answered_at=Subquery(newest.values("at")[:1]))
        .filter(newest_answer__gt=F("read_until"))
    )
    for each in unread.order_by("-last_at")[:MOST]:
        yield Todo(
            mine=True,
            words=_("Support has answered you"),
            about=each.title,
            url=each.get_absolute_url(),
            action=_("Read it"),
            since=each.answered_at,
        )
