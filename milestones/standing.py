"""Members' standing (P3), computed in the background: from money that was released, and from reviews that can be read.

A release doesn't pay for it: the job looks through the events since its last run and puts both parties of each into the
queue (``note``); reviews and completions put theirs there themselves. Then it computes the members of the queue anew,
each from the whole of their story (``compute``), so that doing it twice, late or in another order changes nothing.
"""

import datetime
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from milestones import paid
from milestones.models import ReleaseRequest
from milestones.months import AGE, OLD
from milestones.statements import run
from projects.models import Award, Review, Standing, StandingMark, StandingSum

MOST_EVENTS = 20_000  # that a transaction passes over
MOST_MEMBERS = 50  # that a transaction computes
SECONDS = 60.0  # after which a run leaves the rest to the next one
MONTHS = 12  # with milestones that were paid, of which the counts are kept

# An event is passed over for good when it is AGE old: by then every event with a lower id is committed or never will
# be. Its parties are computed once more then, whatever was done before.
PASS = """
    INSERT INTO projects_standingdue (member_id, noted_at)
    SELECT DISTINCT p.member, now()
    FROM milestones_milestoneevent e JOIN milestones_milestone m ON m.id = e.milestone_id
    CROSS JOIN LATERAL (VALUES (m.employer_id), (m.freelancer_id)) p (member)
    WHERE e.id > %(after)s AND e.id <= %(up_to)s AND e.action = ANY(%(steps)s)
      AND NOT EXISTS (SELECT FROM projects_standingdue d WHERE d.member_id = p.member) ORDER BY 1
"""
# Those that are younger: only of whom nothing was computed since, so that each run doesn't do the last hour's anew.
YOUNG = """
    INSERT INTO projects_standingdue (member_id, noted_at)
    SELECT DISTINCT p.member, now()
    FROM milestones_milestoneevent e JOIN milestones_milestone m ON m.id = e.milestone_id
    CROSS JOIN LATERAL (VALUES (m.employer_id, 'employer'), (m.freelancer_id, 'freelancer')) p (member, side)
    LEFT JOIN projects_standing s ON s.member_id = p.member AND s.side = p.side
    WHERE e.id > %(after)s AND e.action = ANY(%(steps)s) AND (s.as_of IS NULL OR s.as_of <= e.at)
      AND NOT EXISTS (SELECT FROM projects_standingdue d WHERE d.member_id = p.member) ORDER BY 1
"""
TAKE = """
    DELETE FROM projects_standingdue WHERE id IN (SELECT id FROM projects_standingdue ORDER BY id LIMIT %s)
    RETURNING member_id
"""
EVERYBODY = """
    INSERT INTO projects_standingdue (member_id, noted_at)
    SELECT member, now() FROM (
        SELECT employer_id FROM projects_award UNION SELECT freelancer_id FROM projects_award
        UNION SELECT member_id FROM projects_standing) everybody (member)
    ORDER BY 1
"""
# Each milestone of which something was paid for good, on one side of its parties. Its award says what project it was.
PAID = f"""
    SELECT w.member, m.currency, m.award_id, sum({paid.NET})::bigint AS net,
           max(e.at) FILTER (WHERE e.action = 'release') AS last
    FROM unnest(%(members)s::bigint[]) AS w (member)
    JOIN milestones_milestone m ON m.{{who}} = w.member
    JOIN milestones_milestoneevent e ON e.milestone_id = m.id AND e.action = ANY(%(steps)s)
    GROUP BY w.member, m.id HAVING sum({paid.NET}) > 0
"""
SUMS = """
    SELECT member, currency, sum(net)::bigint, count(*), count(DISTINCT award_id)
    FROM ({paid}) each GROUP BY 1, 2 ORDER BY 1, 2
"""
MONTHLY = """
    SELECT member, to_char(date_trunc('month', last AT TIME ZONE %(zone)s), 'YYYY-MM') AS month, count(*)
    FROM ({paid}) each GROUP BY 1, 2 ORDER BY 1, 2 DESC
"""
# Half of the requests were answered by a release faster than this.
WAITED = f"""
    SELECT a.employer_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.answered_at - r.asked_at))::bigint
    FROM {ReleaseRequest._meta.db_table} r JOIN projects_award a ON a.id = r.award_id
    WHERE a.employer_id = ANY(%(members)s) AND r.state = 'agreed' AND r.answered_at IS NOT NULL
    GROUP BY 1
"""
Shares = Callable[[Sequence[int], str], dict[int, int]]
_shares: list[Shares] = []
COMPUTED = ["milestones", "completed", "reviews", "stars", "release_seconds", "disputed", "months", "as_of"]
WHO = {Standing.Side.EMPLOYER: "employer_id", Standing.Side.FREELANCER: "freelancer_id"}


def register_shares(shares: Shares) -> None:
    """Name what knows how much of members' work was disputed, in per mille, by member and their side's column."""
    _shares[:] = [shares]


def refresh(seconds: float = SECONDS) -> int:
    """Bring all standings up to date, for *seconds* at most; return how many members were computed.

    What is left is done by the next run. Several at once are one after the other.
    """
    until, number = time.monotonic() + seconds, 0
    note()
    while time.monotonic() < until:
        done = compute_due()
        number += done
        if not done:
            break
    return number


def recount(seconds: float = 3600.0) -> int:
    """Compute everybody's standing anew; return how many members that were. Those without any story are left out."""
    with transaction.atomic():
        run(EVERYBODY, [])
    return refresh(seconds)


def note(most: int = MOST_EVENTS) -> None:
    """Put the parties of all releases since the last run into the queue, *most* events of them at once."""
    passed = -1
    while passed:
        with transaction.atomic():
            mark = _mark()
            ((up_to,),) = run(OLD, [timezone.now() - AGE, mark.up_to, most])
            passed = (up_to or mark.up_to) - mark.up_to
            if passed:
                run(PASS, {"after": mark.up_to, "up_to": up_to, "steps": list(paid.STEPS)})
                mark.up_to = up_to
                mark.save()
            else:
                run(YOUNG, {"after": mark.up_to, "steps": list(paid.STEPS)})


def compute_due(most: int = MOST_MEMBERS) -> int:
    """Take up to *most* entries out of the queue and compute their members; return how many.

    They are taken first and read afterwards: what is put into the queue meanwhile is there for the next time.
    """
    with transaction.atomic():
        _mark()
        members = sorted({member for (member,) in run(TAKE, [most])})
        if members:
            compute(members)
    return len(members)


def compute(members: Sequence[int]) -> None:
    """Write the standing of *members*, by their ids, on both sides. The mark's row is locked by the caller."""
    as_of = timezone.now()
    for side in Standing.Side:
        standings, sums = _of_side(members, side, as_of)
        Standing.objects.filter(member__in=members, side=side).exclude(member__in=list(standings)).delete()
        # The rows stay the same ones, so that a page that has read one finds its sums.
        Standing.objects.bulk_create(
            standings.values(),
            update_conflicts=True,
            unique_fields=["member", "side"],
            update_fields=[
                "milestones",
                "completed",
                "reviews",
                "stars",
                "release_seconds",
                "disputed",
                "months",
                "as_of",
            ],
        )
        StandingSum.objects.filter(standing__in=list(standings.values())).delete()
        StandingSum.objects.bulk_create(sums)


def _of_side(
    members: Sequence[int], side: Standing.Side, as_of: datetime.datetime
) -> tuple[dict[int, Standing], list[StandingSum]]:
    """Return who has a standing on *side*, and its sums."""
    values: dict[str, Any] = {"members": list(members), "steps": list(paid.STEPS), "zone": settings.TIME_ZONE}
    each = PAID.format(who=WHO[side])
    rows = run(SUMS.format(paid=each), values)
    months = _grouped(run(MONTHLY.format(paid=each), values))
    waited = _waited(members) if side == Standing.Side.EMPLOYER else {}
    completed = _completed(members, side)
    reviews = {
        row["subject"]: (row["number"], row["sum"])
        for row in Review.objects.visible()
        .filter(subject__in=members, of=side)
        .order_by()
        .values("subject")
        .annotate(number=Count("pk"), sum=Sum("stars"))
    }
    milestones: dict[int, int] = {}
    for member, _currency, _net, number, _awards in rows:
        milestones[member] = milestones.get(member, 0) + number
    disputed = _shares[0](members, WHO[side]) if _shares else {}
    some = [member for member, share in disputed.items() if share]
    standings = {
        member: Standing(
            member_id=member,
            side=side,
            milestones=milestones.get(member, 0),
            completed=completed.get(member, 0),
            reviews=reviews.get(member, (0, 0))[0],
            stars=reviews.get(member, (0, 0))[1],
            release_seconds=waited.get(member),
            disputed=disputed.get(member),
            months=[[month, number] for month, number in months.get(member, [])][:MONTHS],
            as_of=as_of,
        )
        for member in sorted({*milestones, *completed, *reviews, *waited, *some})
    }
    sums = [
        StandingSum(standing=standings[member], currency=currency, paid=net, milestones=number, awards=awards)
        for member, currency, net, number, awards in rows
    ]
    return standings, sums


def _completed(members: Sequence[int], side: Standing.Side) -> dict[int, int]:
    """How many awards of each were completed."""
    who = WHO[side]
    awards = Award.objects.filter(Q(**{f"{who}__in": members}), state=Award.State.COMPLETED)
    return dict(awards.order_by().values(who).annotate(number=Count("pk")).values_list(who, "number"))


def _waited(members: Sequence[int]) -> dict[int, int]:
    """The median seconds from a release request to its release, of those employers who were asked."""
    return dict(run(WAITED, {"members": list(members)}))


def _grouped(rows: Iterable[Sequence[Any]]) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = {}
    for member, month, number in rows:
        found.setdefault(member, []).append((month, number))
    return found


def _mark() -> StandingMark:
    """Return how far events were passed over, with its row locked: one run at a time."""
    StandingMark.objects.bulk_create([StandingMark(pk=1, up_to=0)], ignore_conflicts=True)
    return StandingMark.objects.select_for_update().get(pk=1)
