"""Jobs about members."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Notification
from accounts.notices import sentence


@app.task(queue="mail", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def mail_notification(notification_id: int) -> bool:
    """Mail one notification. True if it was sent now, False if it had been sent or is gone.

    The row is claimed by compare-and-set in the transaction that sends, so however often the job runs, one mail goes
    out; if sending fails, the claim is undone and the job runs again.
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
