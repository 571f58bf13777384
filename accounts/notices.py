"""Who is told what: the sentences of every kind of notification, and the one way to tell (P80).

A floor registers its kinds in its own ``notices.py``. ``tell`` runs in the transaction of the event: the row is there
together with the event, or not at all. The row is also what is to be mailed: ``tasks.mail_notifications`` mails all
rows that have not been, every minute, so a step on money pays for one insert and not for a job of its own.
"""

import datetime
from typing import Any

from psycopg.types.json import Jsonb

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import Member, Notification
from config.times import moment

_sentences: dict[str, str | Promise] = {}


INSERT = """
    INSERT INTO accounts_notification (member_id, kind, words, path, created_at) VALUES (%s, %s, %s, %s, %s)
    RETURNING id
"""


def register(kind: str, sentence: str | Promise) -> None:
    """Give *kind* its sentence: lazily translated, with ``%(word)s`` where ``tell`` brings words.

    ValueError where the kind has another sentence already.
    """
    if _sentences.setdefault(kind, sentence) is not sentence:
        raise ValueError(f"the kind {kind!r} has a sentence already")


def tell(member: Member, kind: str, path: str, **words: str) -> Notification:
    """Tell *member*, in the app and by e-mail, once. *path* is the page on which they can see or do something.

    A word whose name ends in ``_at`` is a time in ISO 8601, and read in the reader's time zone.

    KeyError for a kind that is not registered or a sentence whose words are not all there: found out here, in the
    event's transaction, and not when somebody reads it.
    """
    str(_sentences[kind]) % words
    notification = Notification(member=member, kind=kind, path=path, words=words)
    with connection.cursor() as cursor:
        row: list[Any] = [member.pk, kind, Jsonb(words), path, notification.created_at]
        cursor.execute(INSERT, row)
        (notification.pk,) = cursor.fetchone()
    return notification


def has_unread(member: Member, kind: str, path: str) -> bool:
    """Return whether *member* has been told this about the page at *path*, and has not read it yet."""
    return Notification.objects.filter(member=member, read_at=None, kind=kind, path=path).exists()


def mark_read(member: Member, kind: str, path: str) -> None:
    """Count what *member* was told about the page at *path* as read: they have just seen the page itself."""
    Notification.objects.filter(member=member, read_at=None, kind=kind, path=path).update(read_at=timezone.now())


def sentence(notification: Notification) -> str:
    """Return what the notification says, in the reader's language and the active time zone."""
    words = {
        name: moment(datetime.datetime.fromisoformat(word)) if name.endswith("_at") else word
        for name, word in notification.words.items()
    }
    return str(_sentences[notification.kind]) % words
