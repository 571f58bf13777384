"""Jobs about awards."""

import logging
import uuid

from procrastinate.contrib.django import app

from django.utils import timezone

from config.refusals import WrongState
from projects.models import Award
from projects.models.reviews import remind_of_review, tell_of_reviews

log = logging.getLogger(__name__)

MOST = 1000  # awards that a run sees to; the next one goes on
# An award's lapse has one key, made from its id: however often the job runs, an award lapses once.
LAPSES = uuid.UUID("6f7a1c52-3a0e-4d0b-9a53-2f6f9f1f4a10")
REMINDERS = uuid.UUID("b0c83f0e-1d5c-4a57-8a34-4f0a0d6f6c21")


@app.periodic(cron="*/5 * * * *")
@app.task(queue="deadlines", queueing_lock="lapse-awards", pass_context=False)
def lapse_awards(timestamp: int = 0) -> int:
    """Let every award lapse that was not answered in time (P4), each in a transaction of its own.

    Returns how many lapsed. One that is answered at the same moment stays answered; one that fails is logged and
    tried again by the next run, and keeps no other from lapsing. *timestamp* is when the run was due; it may be late.
    """
    lapsed = 0
    for award in Award.objects.overdue().order_by("answer_by"):
        try:
            award.lapse(key=uuid.uuid5(LAPSES, f"{award.pk} lapse"))
            lapsed += 1
        except WrongState as refusal:  # it was answered just now, or some of its money is in dispute
            log.info("award %s did not lapse: %s", award.pk, refusal)
        except Exception:
            log.exception("award %s could not lapse", award.pk)
    return lapsed


@app.periodic(cron="*/5 * * * *")
@app.task(queue="deadlines", queueing_lock="remind-of-awards", pass_context=False)
def remind_of_awards(timestamp: int = 0) -> int:
    """Remind the freelancers whose awards are about to lapse (P4), each once; return how many were.

    Of an award whose time is up when the run comes late nobody is reminded: it lapses.
    """
    reminded = 0
    for award in Award.objects.soon_overdue().order_by("answer_by"):
        if award.remind_at > timezone.now():
            continue
        try:
            award.remind(key=uuid.uuid5(REMINDERS, str(award.pk)))
            reminded += 1
        except WrongState:
            log.info("award %s was answered before anybody was reminded", award.pk)
        except Exception:
            log.exception("nobody could be reminded of award %s", award.pk)
    return reminded


@app.periodic(cron="*/10 * * * *")
@app.task(queue="deadlines", queueing_lock="look-after-reviews", pass_context=False)
def look_after_reviews(timestamp: int = 0) -> int:
    """Remind those who can still review, and tell both sides of reviews that can be read since the time is over (P7).

    Each award is seen to once, in a transaction of its own, and notes it: a job that runs late, twice or beside another
    one says nothing twice. What fails is logged and tried again. Returns how many awards were seen to.
    """
    seen_to = 0
    reminding, telling = Award.objects.reviews_to_remind_of(), Award.objects.reviews_to_tell_of()
    for awards, step in ((reminding, remind_of_review), (telling, tell_of_reviews)):
        for award in awards.order_by("review_by")[:MOST]:
            try:
                seen_to += bool(step(award))
            except Exception:
                log.exception("the reviews of award %s could not be seen to", award.pk)
    return seen_to
