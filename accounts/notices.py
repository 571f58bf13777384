"""Who is told what: the sentences of every kind of notification, and the one way to tell (P80).

A floor registers its kinds in its own ``notices.py``. ``tell`` runs in the transaction of the event: the row in the
app and the job that mails it are there together with the event, or not at all.
"""

from procrastinate.contrib.django import app

from django.db import transaction
from django.utils.functional import Promise

from accounts.models import Member, Notification

_sentences: dict[str, str | Promise] = {}


def register(kind: str, sentence: str | Promise) -> None:
    """Give *kind* its sentence: lazily translated, with ``%(word)s`` where ``tell`` brings words.

    ValueError where the kind has another sentence already.
    """
    if _sentences.setdefault(kind, sentence) is not sentence:
        raise ValueError(f"the kind {kind!r} has a sentence already")


def tell(member: Member, kind: str, path: str, **words: str) -> Notification:
    """Tell *member*, in the app and by e-mail, once. *path* is the page on which they can see or do something.

    KeyError for a kind that is not registered or a sentence whose words are not all there: found out here, in the
    event's transaction, and not when somebody reads it.
    """
    str(_sentences[kind]) % words
    with transaction.atomic():
        notification = Notification.objects.create(member=member, kind=kind, path=path, words=words)
        # By name: the task reads sentences from here, so this can't import it.
        app.configure_task("accounts.tasks.mail_notification", queue="mail").defer(notification_id=notification.pk)
    return notification


def sentence(notification: Notification) -> str:
    """Return what the notification says, in the reader's language."""
    return str(_sentences[notification.kind]) % notification.words
