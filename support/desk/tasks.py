"""Jobs of the staff's desk."""

from procrastinate.contrib.django import app

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


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
