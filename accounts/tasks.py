"""Jobs about members."""

import datetime
import logging

from procrastinate.contrib.django import app

from django.db.models import F, Q
from django.utils import timezone

from accounts import mailing
from accounts.models import Notification

logger = logging.getLogger(__name__)
MOST = 500  # mails a minute
LONGEST_PAUSE = 24 * 60  # minutes


@app.periodic(cron="* * * * *")
@app.task(queue="mail", queueing_lock="mail_notifications", pass_context=False)
def mail_notifications(timestamp: int) -> int:
    """Mail what is due, alone or in digests, and return how many mails went out.

    What can't be sent, for whatever reason, is tried again after 1, 2, 4 … minutes, and holds up nothing else. Of a
    mail that was begun, its first notification stands for all.
    """
    sent = 0
    due = Notification.objects.filter(mailed_at=None, mail_after__lte=timezone.now())
    due = due.filter(Q(mail_batch=None) | Q(mail_batch=F("pk"))).order_by("mail_after")
    for pk, failures in due.values_list("pk", "mail_failures")[:MOST]:
        batch = None
        try:
            batch = mailing.begin(pk)
            sent += batch is not None and mailing.finish(batch)
        except Exception:
            logger.warning("Notification %s could not be mailed and will be tried again.", pk, exc_info=True)
            pause = datetime.timedelta(minutes=min(2 ** min(failures, 20), LONGEST_PAUSE))
            Notification.objects.filter(pk=batch or pk).update(
                mail_after=timezone.now() + pause, mail_failures=F("mail_failures") + 1
            )
    return sent


def mail_notification(notification_id: int) -> bool:
    """Send the mail that this notification is due for. True if it was sent now."""
    batch = mailing.begin(notification_id)
    return batch is not None and mailing.finish(batch)
