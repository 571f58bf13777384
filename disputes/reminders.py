"""Who is reminded of which clock and when (P42). A deadline does nothing by itself: people act on it, or don't.

Each reminder is recorded as an event of its dispute under a key that is made of what it is about and of the clock's
value. So a job that runs late, twice or beside another one reminds once, and a clock that was moved reminds anew.
"""

import datetime
import uuid
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Member
from config.seen import UNSEEN
from disputes import arbitrators, lifecycle, notices_clocks
from disputes.models import Dispute, DisputeEvent
from disputes.models.absences import unanswered

BEFORE = (datetime.timedelta(days=1), datetime.timedelta(days=2))
KEYS = uuid.UUID("3f6f0a0e-6a52-4d53-9a6e-0a9c8d1f7b25")


class Reminder(NamedTuple):
    """What a reminder is about (``which``), the clock's value, who hears of it, and the kind of notification."""

    which: str
    clock: datetime.datetime
    members: Sequence[Member]
    kind: str

    def key(self, dispute: Dispute) -> uuid.UUID:
        """Return the key under which it is recorded: the same for the same clock."""
        return uuid.uuid5(KEYS, f"{dispute.pk} {self.which} {self.clock.isoformat()}")


def waiting(now: datetime.datetime) -> list[Dispute]:
    """Return the disputes of which somebody may have to be reminded at *now*."""
    soon = now + max(BEFORE)
    opened = Q(state=Dispute.State.OPENED, answer_by__lte=soon)
    negotiation = Q(state=Dispute.State.NEGOTIATION, escalate_from__lte=now)
    arbitration = Q(state=Dispute.State.ARBITRATION)
    found = Dispute.objects.with_people().filter(opened | negotiation | arbitration)
    return list(found.order_by("pk"))


def due(dispute: Dispute, now: datetime.datetime) -> Iterator[Reminder]:
    """Yield what is to be reminded of at *now*, whether or not it was already."""
    sides = (dispute.award.employer, dispute.award.freelancer)
    opener, other = dispute.opened_by, dispute.other(dispute.opened_by_id)
    if dispute.state == Dispute.State.OPENED:
        if dispute.answer_by <= now:
            yield Reminder("answer late", dispute.answer_by, [opener], "dispute-answer-late")
        elif before := _near(dispute.answer_by, now, dispute.rules.answer):
            yield Reminder(f"answer {before}", dispute.answer_by, [other], "dispute-answer-due")
    elif dispute.state == Dispute.State.NEGOTIATION and dispute.escalate_from <= now:
        yield Reminder("may escalate", dispute.escalate_from, sides, "dispute-may-escalate")
    elif dispute.state == Dispute.State.ARBITRATION:
        for side in sides:
            yield from _questions(dispute, side, now)
        yield from _verdict(dispute, now)


def remind(dispute: Dispute, which: str) -> bool:
    """Remind of *which*, if it is due still and nobody was reminded of that clock; return whether anybody was."""
    with transaction.atomic():
        dispute = dispute.locked()
        for reminder in due(dispute, timezone.now()):
            key = reminder.key(dispute)
            if reminder.which != which or DisputeEvent.objects.filter(key=key).exists():
                continue
            dispute.record("remind", by=None, key=key, seen=UNSEEN, of=which, clock=reminder.clock.isoformat())
            notices_clocks.tell_of(dispute, reminder.kind, reminder.members, reminder.clock)
            return True
    return False


def _near(clock: datetime.datetime, now: datetime.datetime, whole: float) -> str:
    """Return which reminder before *clock* is due, as text; "" for none.

    Of a time that is *whole* seconds long nobody is reminded in its first half.
    """
    for before in BEFORE:
        if now < clock <= now + before and 2 * before.total_seconds() <= whole:
            return f"{before.days}d"
    return ""


def _questions(dispute: Dispute, side: Member, now: datetime.datetime) -> Iterator[Reminder]:
    role = dispute.role_of(side)
    for asked in unanswered(dispute, side):
        until = asked.until_of(role)
        if until and (before := _near(until, now, dispute.rules.question)):
            yield Reminder(f"{asked.reference} {role} {before}", until, [side], "dispute-question-due")


def _verdict(dispute: Dispute, now: datetime.datetime) -> Iterator[Reminder]:
    """Who decides, or whoever may take it, is reminded a day before the verdict is due and when it is late."""
    if dispute.verdict_by is None or dispute.verdict_by > now + BEFORE[0]:
        return
    one = dispute.arbitrator if lifecycle.has_arbitrator(dispute) else None
    members = [one] if one else arbitrators.free_for(dispute)
    late = dispute.verdict_by <= now
    kind = "dispute-verdict-late" if late else "dispute-verdict-due"
    yield Reminder("verdict late" if late else "verdict", dispute.verdict_by, members, kind)
