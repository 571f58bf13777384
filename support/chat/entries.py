"""The entries of a conversation as its pages show them, oldest first."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import Member
from support.chat.models import Conversation, Message

PAGE = 200  # entries that a page shows; earlier ones are behind a link

WORDS_OF_THEIR_OWN = (Message.Kind.SAID, Message.Kind.NOTE)


def of_member(conversation: Conversation) -> QuerySet[Message]:
    """Return what the member may see."""
    entries: QuerySet[Message] = Message.objects.filter(conversation=conversation).exclude(kind__in=Message.INTERNAL)
    return entries


def of_staff(conversation: Conversation) -> QuerySet[Message]:
    """Return everything."""
    entries: QuerySet[Message] = Message.objects.filter(conversation=conversation)
    return entries


def newest(entries: QuerySet[Message], before: int | None = None) -> tuple[list[Message], bool]:
    """Return the newest page of *entries* (those before number *before*), and whether there are earlier ones."""
    rows = entries if before is None else entries.filter(pk__lt=before)
    page = list(rows.select_related("author").prefetch_related("files").order_by("-pk")[: PAGE + 1])
    return page[PAGE - 1 :: -1] if len(page) > PAGE else page[::-1], len(page) > PAGE


def after(entries: QuerySet[Message], since: int) -> list[Message]:
    """Return the first page of *entries* after number *since*."""
    return list(entries.filter(pk__gt=since).select_related("author").prefetch_related("files").order_by("pk")[:PAGE])


def shown(rows: Iterable[Message], reader: Member, *, for_staff: bool = False) -> list[dict[str, Any]]:
    """Return *rows* as the template shows them to *reader*."""
    return [
        {
            "id": row.pk,
            "mine": row.author_id == reader.pk,
            "who": _who(row, for_staff=for_staff),
            "sentence": ""
            if row.kind in (Message.Kind.SAID, Message.Kind.NOTE)
            else _sentence(row, for_staff=for_staff),
            "note": row.kind == Message.Kind.NOTE,
            "of_staff": row.of_staff,
            "text": row.text,
            "at": row.at,
            "files": [
                {"url": file.get_absolute_url(), "name": file.name, "size": filesizeformat(file.size)}
                for file in row.files.all()
            ],
        }
        for row in rows
    ]


def _who(row: Message, *, for_staff: bool) -> str:
    if for_staff or not row.of_staff:
        return row.author.name
    return _("%(name)s, support") % {"name": row.author.get_short_name()}


def _sentence(row: Message, *, for_staff: bool) -> str:
    """What was done, in words."""
    words = {"who": _who(row, for_staff=for_staff), "text": row.text}
    said = {
        Message.Kind.TAKEN: _("%(who)s looks after it now."),
        Message.Kind.HANDED: _("%(who)s handed it over to %(text)s.") if row.text else _("%(who)s gave it back."),
        Message.Kind.CLOSED: _("%(who)s closed the conversation."),
        Message.Kind.REOPENED: _("%(who)s opened the conversation again."),
        Message.Kind.RATED: _("%(who)s rated it: %(text)s"),
    }
    return str(said[Message.Kind(row.kind)]) % words
