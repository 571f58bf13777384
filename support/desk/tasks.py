"""Jobs of the staff's desk."""

from urllib.parse import urlsplit

from procrastinate.contrib.django import app

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import mails
from support.desk.models import Errand


@app.task(queue="default")
def end_sessions(member_id: int) -> int:
    """Delete the sessions in which this member is signed in, and return how many there were.

    A suspended member is signed out at once, because nobody inactive is signed in. This is for later: a session from
    before must not come to life again when they are restored. It reads all sessions, so it is a job.
    """
    theirs = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(2000)
        if session.get_decoded().get(SESSION_KEY) == str(member_id)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]


@app.task(queue="mail")
def mail_again(errand_id: int) -> None:
    """Send the mail of a notification once more: alone, also where it had come in a digest.

    Its Message-ID is the errand's own: under the first one, programs would take it for a mail that they have. A job
    that died after sending sends the same ID again.
    """
    errand = Errand.objects.select_related("notification__member").get(pk=errand_id)
    assert errand.notification is not None
    mail = mails.message([errand.notification], errand.notification.pk)
    mail.extra_headers["Message-ID"] = f"<again-{errand.key}@{urlsplit(settings.SITE_URL).hostname}>"
    mail.send()
