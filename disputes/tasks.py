"""Jobs about disputes."""

import logging

from procrastinate.contrib.django import app

from django.utils import timezone

from disputes import reminders
from disputes.models import DisputeEvent

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="deadlines", queueing_lock="remind-of-disputes", pass_context=False)
def remind_of_disputes(timestamp: int = 0) -> int:
    """Remind of what runs out in disputes or has run out, each in a transaction of its own; return how many were.

    What fails is logged and tried again by the next run. *timestamp* is when the run was due; it may be late.
    """
    now = timezone.now()
    disputes = reminders.waiting(now)
    done = set(DisputeEvent.objects.filter(dispute__in=disputes, action="remind").values_list("key", flat=True))
    reminded = 0
    for dispute in disputes:
        try:
            for reminder in list(reminders.due(dispute, now)):
                if reminder.key(dispute) not in done:
                    reminded += reminders.remind(dispute, reminder.which)
        except Exception:
            log.exception("nobody could be reminded of %s", dispute.reference)
    return reminded
