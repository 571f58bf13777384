"""What a member's milestones put on hold, released and returned by month, and the steps that it is made of.

The worker adds events up when they are an hour old (``fold``); reading adds those that it has not got to. So a release
does not pay for the picture, the picture is never behind, and nobody adds a million events up while somebody waits.
See docs/decisions/09-month-totals.md.
"""

import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Member
from milestones.models import FoldedMonths, MilestoneEvent, MonthTotal
from milestones.statements import run

# The events of each column, by their action.
KINDS: dict[str, tuple[str, ...]] = {
    "held": ("create",),
    "released": ("release",),
    # What came back to the employer: of what was held, and after release.
    "returned": ("withdraw", "cancel", "return", "take-back"),
}
# An event is folded when it is this old: by then every event with a lower id is committed or never will be.
AGE = datetime.timedelta(hours=1)
MOST = 100_000  # events of one transaction
MANY = 20_000  # milestones of a member, of which looking up each would take too long


def _sum(kind: str) -> str:
    actions = ", ".join(f"'{action}'" for action in KINDS[kind])
    return f"coalesce(sum(e.amount) FILTER (WHERE e.action IN ({actions})), 0)::bigint AS {kind}"


SUMS = ", ".join(_sum(kind) for kind in KINDS)
MONTH = "date_trunc('month', e.at AT TIME ZONE %(zone)s)::date"
# Every event of a milestone counts for the employer's side and for the freelancer's.
ADDED_UP = f"""
    SELECT p.member, p.side, m.currency, {MONTH} AS month, {SUMS}
    FROM milestones_milestoneevent e JOIN milestones_milestone m ON m.id = e.milestone_id
    CROSS JOIN LATERAL (VALUES ('outgoing', m.employer_id), ('incoming', m.freelancer_id)) p (side, member)
    WHERE e.id > %(after)s AND e.id <= %(up_to)s
    GROUP BY 1, 2, 3, 4
"""
ADD = f"""
    INSERT INTO milestones_monthtotal AS total (member_id, side, currency, month, held, released, returned)
    {ADDED_UP} ORDER BY 1, 2, 3, 4
    ON CONFLICT (member_id, currency, month, side) DO UPDATE SET held = total.held + excluded.held,
        released = total.released + excluded.released, returned = total.returned + excluded.returned
"""
# Up to where all events are old enough.
OLD = """
    SELECT max(id) FROM (
        SELECT id, bool_and(at < %s) OVER (ORDER BY id) AS old
        FROM milestones_milestoneevent WHERE id > %s ORDER BY id LIMIT %s) events
    WHERE old
"""
# What is folded, and the events since then. The second bound of the ids has no end: of a range with two ends PostgreSQL
# expects little and reads it by the index. OFFSET 0 keeps each milestone's look-up apart, for the same reason.
READ = f"""
    WITH folded AS MATERIALIZED (
        SELECT coalesce(max(up_to), 0) AS up_to FROM milestones_foldedmonths WHERE zone = %(zone)s)
    SELECT side, month, sum(held)::bigint, sum(released)::bigint, sum(returned)::bigint FROM (
        SELECT side, month, held, released, returned FROM milestones_monthtotal
        WHERE member_id = %(member)s AND currency = %(currency)s AND month >= %(first)s
          AND (SELECT up_to FROM folded) > 0
        UNION ALL
        SELECT m.side, {MONTH} AS month, {SUMS}
        FROM milestones_milestoneevent e CROSS JOIN LATERAL (
            SELECT p.side FROM milestones_milestone m
            CROSS JOIN LATERAL (VALUES ('outgoing', m.employer_id), ('incoming', m.freelancer_id)) p (side, member)
            WHERE m.id = e.milestone_id AND p.member = %(member)s AND m.currency = %(currency)s OFFSET 0) m
        WHERE e.id > (SELECT up_to FROM folded) AND e.id <= 9223372036854775807
        GROUP BY 1, 2) parts
    WHERE month >= %(first)s GROUP BY side, month
"""


class Month(NamedTuple):
    """Sums of one month, in minor units."""

    held: int
    released: int
    returned: int


def fold(most: int = MOST) -> int:
    """Add up to *most* events that are old enough to the totals; return up to which event they are added up.

    Safe to run in several places at once. Where the site's time zone was changed since, all of it begins anew.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        FoldedMonths.objects.bulk_create([FoldedMonths(pk=1, up_to=0, zone=settings.TIME_ZONE)], ignore_conflicts=True)
        done = FoldedMonths.objects.select_for_update().get(pk=1)
        if done.zone != settings.TIME_ZONE:
            MonthTotal.objects.all().delete()
            done.up_to, done.zone = 0, settings.TIME_ZONE
        cursor.execute(OLD, [timezone.now() - AGE, done.up_to, most])
        up_to = cursor.fetchone()[0]
        if up_to is not None:
            cursor.execute(ADD, {"after": done.up_to, "up_to": up_to, "zone": done.zone})
            done.up_to = up_to
        done.save()
    return done.up_to


def rebuild() -> int:
    """Forget all totals and add everything up anew; return up to which event."""
    with transaction.atomic():
        FoldedMonths.objects.all().delete()
        MonthTotal.objects.all().delete()
    return fold_all()


def fold_all() -> int:
    """Fold until nothing is left that is old enough; return up to which event."""
    before, now = -1, fold()
    while now != before:
        before, now = now, fold()
    return now


def read(member: Member, currency: str, first: datetime.date) -> dict[tuple[str, datetime.date], Month]:
    """Return the member's sums in *currency* by side and month, from the month *first* on; months without any lack."""
    values: dict[str, Any] = {"member": member.pk, "currency": currency, "first": first, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(READ, values)
        return {(side, month): Month(*sums) for side, month, *sums in cursor.fetchall()}


# --- The steps of a month ----------------------------------------------------------------------------------

# Where the events of a time begin among the ids, searched by halves as in finances/ledger/months.py.
PLACES = """
WITH RECURSIVE search (number, start, low, high) AS (
    SELECT number, start, 0::bigint, (SELECT coalesce(max(id), 0) + 1 FROM milestones_milestoneevent)
    FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS wanted (start, number)
  UNION ALL
    SELECT number, start, CASE WHEN found.at < start THEN found.id + 1 ELSE low END,
           CASE WHEN found.at < start THEN high ELSE (low + high) / 2 END
    FROM search LEFT JOIN LATERAL (
        SELECT id, at FROM milestones_milestoneevent WHERE id >= (low + high) / 2 AND id < high
        ORDER BY id LIMIT 1) found ON true
    WHERE low < high)
SELECT low FROM search WHERE low = high ORDER BY number
"""
OWN = "m.{who} = %(member)s AND m.currency = %(currency)s"
IN_TIME = "e.id >= %(low)s AND e.id < %(high)s AND e.at >= %(start)s AND e.at < %(end)s AND e.action = ANY(%(actions)s)"
COUNT = "SELECT count(*) FROM (SELECT 1 FROM milestones_milestone m WHERE {own} LIMIT %(most)s) found"
# Two ways to the same rows. Which is short depends on who has more: the member milestones, or the month events.
BY_MILESTONE = """
    SELECT e.id FROM (SELECT m.id FROM milestones_milestone m WHERE {own} OFFSET 0) m
    CROSS JOIN LATERAL (
        SELECT e.id FROM milestones_milestoneevent e WHERE e.milestone_id = m.id AND {in_time} OFFSET 0) e
    ORDER BY e.id DESC LIMIT %(limit)s
"""
BY_EVENT = """
    SELECT e.id FROM milestones_milestoneevent e CROSS JOIN LATERAL (
        SELECT 1 FROM milestones_milestone m WHERE m.id = e.milestone_id AND {own} OFFSET 0) m
    WHERE {in_time} ORDER BY e.id DESC LIMIT %(limit)s
"""


def steps(
    member: Member,
    side: str,
    currency: str,
    span: tuple[datetime.datetime, datetime.datetime],
    *,
    kind: str = "",
    before: int | None = None,
    limit: int,
) -> list[MilestoneEvent]:
    """Return up to *limit* events of the member's milestones on *side* in *span*, newest first, with their milestones.

    *span* is from a moment up to another. Of one of KINDS, if *kind* is given; of ids below *before*.
    """
    start, end = span
    # Ids and times of events agree but for what waited; an hour more on each side has them all.
    (low,), (high,) = run(PLACES, [[start - AGE, end + AGE]])
    values: dict[str, Any] = {
        "member": member.pk,
        "currency": currency,
        "start": start,
        "end": end,
        "low": low,
        "high": min(high, before) if before else high,
        "actions": list(KINDS[kind] if kind else sum(KINDS.values(), ())),
        "limit": limit,
        "most": min(MANY, high - low + 1),
    }
    own = OWN.format(who={"outgoing": "employer_id", "incoming": "freelancer_id"}[side])
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(own=own), values)
        way = BY_MILESTONE if cursor.fetchone()[0] < values["most"] else BY_EVENT
        cursor.execute(way.format(own=own, in_time=IN_TIME), values)
        ids = [row[0] for row in cursor.fetchall()]
    events = MilestoneEvent.objects.filter(pk__in=ids).order_by("-id")
    return list(events.select_related("milestone__award__project", "milestone__employer", "milestone__freelancer"))
