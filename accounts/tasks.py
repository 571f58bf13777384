"""Jobs about members."""

import logging
from smtplib import SMTPException

from procrastinate.contrib.django import app

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Notification
from accounts.notices import sentence

logger = logging.getLogger(__name__)
MOST = 500  # mails a minute


@app.periodic(cron="* * * * *")
@app.task(queue="mail", queueing_lock="mail_notifications", pass_context=False)
def mail_notifications(timestamp: int) -> int:
    """Mail what has not been mailed yet and return how many mails went out. What can't be sent is tried again."""
    sent = 0
    for pk in Notification.objects.filter(mailed_at=None).order_by("id").values_list("pk", flat=True)[:MOST]:
        try:
            sent += mail_notification(pk)
        except (OSError, SMTPException):
            logger.warning("Notification %s could not be mailed and will be tried again.", pk, exc_info=True)
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
