"""How long answers take and how they were rated, from what was done. All times are in seconds."""

import datetime
import math
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LATELY = datetime.timedelta(days=14)
FEWEST = 3  # first answers from which anything can be said

ANSWERS = """
    SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_answer_at - opened_at)),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM first_answer_at - opened_at))
    FROM chat_conversation WHERE first_answer_at > %s
"""


class Answers(NamedTuple):
    """First answers of the last two weeks: how many, within what time half of them came, and nine in ten."""

    number: int
    half: float | None
    most: float | None


def answers() -> Answers:
    """Return how long first answers took lately."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [timezone.now() - LATELY])
        return Answers(*cursor.fetchone())


def expectation() -> str:
    """Return, in a sentence, how long an answer will take as far as anybody knows."""
    found = answers()
    if found.number < FEWEST or found.half is None or found.most is None:
        return _("We can't say how long an answer takes: there were too few lately.")
    words = _("Lately half of the first answers came within %(half)s, and nine in ten within %(most)s.")
    return words % {"half": duration(found.half), "most": duration(found.most)}


def duration(seconds: float) -> str:
    """Return *seconds* in words, rounded up to minutes, hours or days: nothing is promised that was not kept."""
    minutes = max(1, math.ceil(seconds / 60))
    if minutes < 90:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = -(-hours // 24)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def before(waiting_since: datetime.datetime) -> int:
    """Return how many conversations wait longer than one that waits since then; a hundred at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM chat_conversation"
            " WHERE state = 'waiting' AND waiting_since < %s LIMIT 100) longer",
            [waiting_since],
        )
        return int(cursor.fetchone()[0])
