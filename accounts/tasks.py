"""Jobs about members."""

import datetime
import logging

from procrastinate.contrib.django import app

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Notification
from accounts.notices import sentence

logger = logging.getLogger(__name__)
MOST = 500  # mails a minute
LONGEST_PAUSE = 24 * 60  # minutes


@app.periodic(cron="* * * * *")
@app.task(queue="mail", queueing_lock="mail_notifications", pass_context=False)
def mail_notifications(timestamp: int) -> int:
    """Mail what is due and return how many mails went out.

    What can't be sent, for whatever reason, is tried again after 1, 2, 4 … minutes, and holds up nothing else.
    """
    sent = 0
    due = Notification.objects.filter(mailed_at=None, mail_after__lte=timezone.now()).order_by("mail_after")
    for pk, failures in due.values_list("pk", "mail_failures")[:MOST]:
        try:
            sent += mail_notification(pk)
        except Exception:
            logger.warning("Notification %s could not be mailed and will be tried again.", pk, exc_info=True)
            pause = datetime.timedelta(minutes=min(2 ** min(failures, 20), LONGEST_PAUSE))
            Notification.objects.filter(pk=pk).update(
                mail_after=timezone.now() + pause, mail_failures=F("mail_failures") + 1
            )
    return sent


def mail_notification(notification_id: int) -> bool:
    """Mail one notification. True if it was sent now, False if it had been sent or is gone.

    The row is claimed by compare-and-set in the transaction that sends, so however often the job runs, one mail goes
    out; if sending fails, the claim is undone.
    """
    with transaction.atomic():
        unsent = Notification.objects.filter(pk=notification_id, mailed_at=None)
        if unsent.update(mailed_at=timezone.now()) != 1:
            return False
        notification = Notification.objects.select_related("member").get(pk=notification_id)
        with timezone.override(notification.member.zone):
            subject = sentence(notification)
        words = {
            "member": notification.member,
            "sentence": subject,
            "link": settings.SITE_URL + notification.path,
            "site_name": settings.SITE_NAME,
        }
        body = render_to_string("account/email/notification.txt", words)
        send_mail(" ".join(subject.split()), body, None, [notification.member.email])
    return True
