"""Mailing what members were told: each once, whatever dies in between (P80).

A mail server can't take part in a transaction, so a mail goes out in three steps:

1. ``begin`` settles, and commits, which notifications the mail is about.
2. ``finish`` sends it, and
3. writes down that it was sent.

Who dies before 2 has sent nothing, and the next run sends it. Who dies between 2 and 3 may have sent it; the next run
sends the same mail again, with the same Message-ID, by which servers and programs know that they have it. Decision 06.
"""

from django.db import connection, transaction
from django.utils import timezone

from accounts import digests, mails, notices
from accounts.models import MailChoice, Notification


@transaction.atomic
def begin(notification_id: int) -> int | None:
    """Return the mail that is to be sent now because this notification is due; None if there is none.

    A mail is called by the id of its first notification. What was begun before, by whoever has died or failed, is
    returned as it was begun, whatever the member has chosen since: it may have reached them.
    """
    told = Notification.objects.select_related("member").filter(pk=notification_id, mailed_at=None).first()
    if told is None:
        return None
    if told.mail_batch is not None:
        return told.mail_batch if told.mail_batch == told.pk else None
    now, choice = timezone.now(), MailChoice.objects.select_for_update().filter(pk=told.member_id).first()
    choice = choice or MailChoice(pk=told.member_id)
    due = digests.due(told.created_at, choice.delivery, digests.zone_of(told.member))
    waiting = Notification.objects.filter(member_id=told.member_id, mailed_at=None, mail_batch=None)
    if due > now:
        waiting.filter(pk=told.pk).update(mail_after=due)
        return None
    at_once = choice.delivery == MailChoice.Delivery.ONCE
    if at_once:
        waiting = waiting.filter(pk=told.pk)
    wanted = []
    for each in waiting.select_for_update(no_key=True).order_by("pk"):
        if not choice.mails(notices.group_of(each.kind)):
            _skip(each, Notification.Skipped.OFF)
        elif each.read_at and not at_once:
            _skip(each, Notification.Skipped.READ)
        else:
            wanted.append(each.pk)
    if not wanted:
        return None
    Notification.objects.filter(pk__in=wanted).update(mail_batch=wanted[0], mail_started_at=now, mail_after=now)
    return wanted[0]


def _skip(told: Notification, why: str) -> None:
    told.mail_skipped, told.mailed_at = why, timezone.now()
    told.save(update_fields=["mail_skipped", "mailed_at"])


@transaction.atomic
def finish(batch: int) -> bool:
    """Send the mail that was begun, and write down that it was. False if it was sent, or another worker is at it.

    An advisory lock keeps others away, and ends with the process that holds it. The rows are not locked: who reads
    a notification in the app does not wait for the mail server.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"mail {batch}"])
        if cursor.fetchone() != (True,):
            return False
    unsent = Notification.objects.filter(mail_batch=batch, mailed_at=None)
    told = list(unsent.select_related("member").order_by("-pk"))
    if not told:
        return False
    mails.message(told, batch).send()
    unsent.update(mailed_at=timezone.now())
    return True
