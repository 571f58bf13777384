"""Who is told what: the sentences of every kind of notification, and the one way to tell (P80).

A floor registers its kinds in its own ``notices.py``. ``tell`` runs in the transaction of the event: the row is there
together with the event, or not at all. The row is also what is to be mailed: ``tasks.mail_notifications`` mails all
rows that have not been, every minute, so a step on money pays for one insert and not for a job of its own.
"""

import datetime
from collections.abc import Callable
from typing import Any

from psycopg.types.json import Jsonb

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import notice_groups
from accounts.models import Member, Notification
from config import caller
from config.money import format_minor
from config.times import moment

_sentences: dict[str, str | Promise] = {}
_groups: dict[str, str] = {}
# A word that each reader reads in their own way is kept as {"as": how, "of": what}.
Word = str | dict[str, Any]
_ways: dict[str, Callable[..., str]] = {"amount": format_minor}


INSERT = """
    INSERT INTO accounts_notification (member_id, kind, words, path, created_at) VALUES (%s, %s, %s, %s, %s)
    RETURNING id
"""


def register(kind: str, sentence: str | Promise, *, group: str = "") -> None:
    """Give *kind* its sentence: lazily translated, with ``%(word)s`` where ``tell`` brings words.

    Its group, by which members choose what is mailed, follows from its name (``notice_groups``), unless one is named.
    ValueError where the kind has another sentence already, or nobody knows the group.
    """
    if group and group not in notice_groups.GROUPS:
        raise ValueError(f"there is no group {group!r} of notifications")
    if _sentences.setdefault(kind, sentence) is not sentence:
        raise ValueError(f"the kind {kind!r} has a sentence already")
    if group:
        _groups[kind] = group


def register_way(name: str, way: Callable[..., str]) -> None:
    """Name what makes a word for its reader, of strings and numbers. ValueError where *name* is another's."""
    if _ways.setdefault(name, way) is not way:
        raise ValueError(f"there is a way {name!r} already")


def amount(minor: int, currency: str) -> Word:
    """Return the word for *minor* units of *currency*: each reader sees it as their language writes money."""
    return {"as": "amount", "of": [minor, currency]}


def group_of(kind: str) -> str:
    """Return the key of the kind's group."""
    return _groups.get(kind) or notice_groups.group_of(kind)


def of_group(told: QuerySet[Notification], group: str) -> QuerySet[Notification]:
    """Return those of *told* that are of a kind of *group*; a kind that nobody knows any more is of ``other``."""
    if group == notice_groups.OTHER:
        return told.exclude(kind__in=[kind for kind in _sentences if group_of(kind) != group])
    return told.filter(kind__in=[kind for kind in _sentences if group_of(kind) == group])


def tell(member: Member, kind: str, path: str, **words: Word) -> Notification:
    """Tell *member*, in the app and by e-mail, once. *path* is the page on which they can see or do something.

    A word whose name ends in ``_at`` is a time in ISO 8601, and read in the reader's time zone. Amounts are given by
    ``amount``, and what else readers of another language read otherwise by a ``register_way`` of its own.

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


def tell_away(member: Member, kind: str, path: str, pause: datetime.timedelta, **words: Word) -> Notification:
    """Tell *member* in the app at once, and by e-mail only if they have not seen the page after *pause*."""
    notification = tell(member, kind, path, **words)
    Notification.objects.filter(pk=notification.pk).update(mail_after=notification.created_at + pause)
    return notification


def has_unread(member: Member, kind: str, path: str) -> bool:
    """Return whether *member* has been told this about the page at *path*, and has not read it yet."""
    return Notification.objects.filter(member=member, read_at=None, kind=kind, path=path).exists()


def mark_seen(member: Member, kind: str, path: str) -> None:
    """Count what *member* was told about the page at *path* as read: they have just seen the page itself."""
    mark_read(Notification.objects.filter(member=member, kind=kind, path=path))


@transaction.atomic
def skip_mail(member: Member, kind: str, path: str) -> None:
    """Don't mail what *member* was told about the page at *path* and whose mail is not begun: they have seen it."""
    waiting = Notification.objects.filter(member=member, kind=kind, path=path, mail_batch=None, mailed_at=None)
    rows = list(waiting.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    skipped = {"mailed_at": timezone.now(), "mail_skipped": Notification.Skipped.READ}
    Notification.objects.filter(pk__in=rows).update(**skipped)


def sentence(notification: Notification) -> str:
    """Return what the notification says, in the reader's language and the active time zone."""
    words = {name: _read(name, word) for name, word in notification.words.items()}
    return str(_sentences[notification.kind]) % words


def _read(name: str, word: Word) -> str:
    if isinstance(word, dict):
        return _ways[word["as"]](*word["of"])
    return moment(datetime.datetime.fromisoformat(word)) if name.endswith("_at") else word


def sentence_or_hint(notification: Notification) -> str:
    """Return the sentence, or a hint where this release has none for what an older one told."""
    try:
        return sentence(notification)
    except KeyError:
        return _("Something happened that is told on its page.")


@transaction.atomic
def mark_read(told: QuerySet[Notification]) -> None:
    """Mark as read what of *told* is unread: locked in the order in which a digest locks them, against deadlocks.

    What somebody else looks at for the member stays unread.
    """
    if caller.looking():
        return
    rows = told.filter(read_at=None).select_for_update(no_key=True).order_by("pk")
    Notification.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(read_at=timezone.now())
