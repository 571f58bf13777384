"""What was put on hold, released and returned by month: the same folded or not, and for every history (P50, P53)."""

import datetime
import uuid

import pytest
import time_machine

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.ledger.models import Account, Transfer
from milestones import months, verification
from milestones.models import FoldedMonths, MilestoneEvent, MonthTotal
from milestones.months import Month
from milestones.tasks import fold_months
from tests.finances.dashboard.conftest import live_through

LONG_AGO = datetime.date(2000, 1, 1)


def at(text: str) -> time_machine.travel:
    return time_machine.travel(datetime.datetime.fromisoformat(text + "+00:00"), tick=True)


def added_up(member, currency: str) -> dict:
    """The same sums, made one by one in Python."""
    sums: dict = {}
    for event in MilestoneEvent.objects.select_related("milestone"):
        milestone = event.milestone
        month = timezone.localdate(event.at, timezone.get_default_timezone()).replace(day=1)
        for side, party in (("outgoing", milestone.employer_id), ("incoming", milestone.freelancer_id)):
            if party == member.pk and milestone.currency == currency:
                kind = {"create": 0, "release": 1}.get(event.action, 2)
                sums.setdefault((side, month), [0, 0, 0])[kind] += event.amount
    return {place: Month(*numbers) for place, numbers in sums.items()}


@pytest.fixture
def people(erin, wes, ana):
    """A random history over three months, which ends now."""
    now = timezone.now()
    for ago in (60, 30, 0):
        with time_machine.travel(now - datetime.timedelta(days=ago), tick=True):
            live_through(ago + 7, [erin, wes, ana], steps=40)
    return [erin, wes, ana]


def all_right(people) -> bool:
    for person in people:
        for code in ("EUR", "JPY"):
            assert months.read(person, code, LONG_AGO) == added_up(person, code)
    return list(verification.differences()) == []


def test_p50_the_sums_are_those_of_the_events_at_every_stage_of_folding(people):
    assert added_up(people[0], "EUR")
    assert all_right(people)  # nothing is folded
    before, done = -1, 0
    while done != before:
        before, done = done, months.fold(7)
        assert all_right(people)
    young = MilestoneEvent.objects.filter(at__gt=timezone.now() - months.AGE)
    assert young.exists()
    assert done == young.order_by("id").first().pk - 1
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=True):
        assert fold_months() == MilestoneEvent.objects.latest("id").pk
        assert all_right(people)
    assert MonthTotal.objects.exists()


def test_folding_stops_before_the_first_young_event_though_older_ones_follow(milestone, offered, erin):
    """An event that waited has a later id and an earlier time; it is not folded before those with lower ids."""
    with time_machine.travel(timezone.now() - datetime.timedelta(hours=3), tick=True):
        milestone.release(100, by=erin, key=uuid.uuid4())
    first_young = MilestoneEvent.objects.filter(at__gt=timezone.now() - months.AGE).order_by("id").first()
    assert MilestoneEvent.objects.latest("id").at < timezone.now() - months.AGE
    assert months.fold() < first_young.pk
    assert not MonthTotal.objects.exists()
    assert all_right([erin])


def test_another_time_zone_begins_anew(people, settings):
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=True):
        months.fold_all()
        settings.TIME_ZONE = "Pacific/Kiritimati"
        assert all_right(people)  # not folded by this clock yet
        months.fold_all()
        assert FoldedMonths.objects.get().zone == "Pacific/Kiritimati"
        assert all_right(people)


def test_p52_a_month_counts_what_is_held_without_the_fees(rates, request, erin, wes):
    """What was put on hold and what left it is what the milestone's own escrow says; fees have an account beside it."""
    rates("EUR=8% min 0.50", "EUR=5%")
    milestone = request.getfixturevalue("milestone")
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    milestone.cancel(by=wes, key=uuid.uuid4())
    assert Account.objects.get(pk=milestone.fee_escrow_id).sequence == 3
    month = timezone.localdate(timezone.now(), timezone.get_default_timezone()).replace(day=1)
    for folded in (False, True):
        if folded:
            with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=True):
                months.fold_all()
        for person, side in ((erin, "outgoing"), (wes, "incoming")):
            assert months.read(person, "EUR", LONG_AGO) == {(side, month): Month(40_000, 15_000, 25_000)}
        assert all_right([erin, wes])
    came, went = (
        sum(Transfer.objects.filter(**{side: milestone.escrow}).values_list("amount", flat=True))
        for side in ("credit_account", "debit_account")
    )
    assert (came, went) == (40_000, 15_000 + 25_000)


@pytest.fixture
def new_year(milestone, erin, fund):
    """€1 released half an hour before midnight, €2 half an hour after it; both are long over."""
    for when, minor in (("2031-12-31T23:30", 100), ("2032-01-01T00:30", 200)):
        with at(when):
            milestone.release(minor, by=erin, key=uuid.uuid4())
    with at("2032-01-01T12:00"):
        yield erin


def test_what_was_folded_by_another_clock_is_not_read(new_year, settings):
    months.fold_all()
    assert all_right([new_year])
    settings.TIME_ZONE = "Asia/Tokyo"
    assert all_right([new_year])
    assert months.read(new_year, "EUR", datetime.date(2031, 12, 1)) == {
        ("outgoing", datetime.date(2032, 1, 1)): Month(0, 300, 0)
    }


@pytest.mark.parametrize("way", ["SELECT 0", "SELECT 1000000"])
def test_p53_a_months_steps_end_at_midnight(new_year, monkeypatch, way):
    monkeypatch.setattr(months, "COUNT", way)
    midnight = datetime.datetime(2032, 1, 1, tzinfo=datetime.UTC)
    day = datetime.timedelta(days=1)
    for span, amounts in (((midnight - day, midnight), [100]), ((midnight, midnight + day), [200])):
        found = months.steps(new_year, "outgoing", "EUR", span, kind="released", limit=9)
        assert [event.amount for event in found] == amounts


def test_midnight_is_the_sites(erin, milestone, settings):
    with at("2031-05-31T23:30"):
        milestone.release(100, by=erin, key=uuid.uuid4())
    assert ("outgoing", datetime.date(2031, 5, 1)) in months.read(erin, "EUR", datetime.date(2031, 1, 1))
    settings.TIME_ZONE = "Europe/Berlin"
    assert list(months.read(erin, "EUR", datetime.date(2031, 1, 1))) == [("outgoing", datetime.date(2031, 6, 1))]


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE milestones_monthtotal SET held = held + 1",
        "UPDATE milestones_monthtotal SET released = released + 1",
        "UPDATE milestones_monthtotal SET returned = returned + 1",
        "DELETE FROM milestones_monthtotal",
        "UPDATE milestones_monthtotal SET month = month + 31",
        "UPDATE milestones_foldedmonths SET up_to = up_to - 1",
    ],
)
def test_p73_a_wrong_total_is_found_and_can_be_rebuilt(milestone, erin, wes, wrong):
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=True):
        months.fold_all()
        assert all_right([erin, wes])
        with connection.cursor() as cursor:
            cursor.execute(wrong)
        assert any("in the month of" in sentence for sentence in verification.differences())
        months.rebuild()
        assert all_right([erin, wes])


@pytest.mark.parametrize("few", [True, False])
def test_p53_the_steps_of_a_month_are_what_its_sums_are_made_of(people, monkeypatch, few):
    """Both ways to them: by the member's milestones, and by the month's events."""
    monkeypatch.setattr(months, "COUNT", "SELECT 0" if few else "SELECT 1000000")
    for person in people:
        for code in ("EUR", "JPY"):
            for (side, month), sums in months.read(person, code, LONG_AGO).items():
                start = datetime.datetime(month.year, month.month, 1, tzinfo=datetime.UTC)
                end = (start + datetime.timedelta(days=32)).replace(day=1)
                for kind, minor in sums._asdict().items():
                    found, before = [], None
                    while page := months.steps(person, side, code, (start, end), kind=kind, before=before, limit=5):
                        found += page
                        before = page[-1].pk
                    assert sum(event.amount for event in found) == minor
                    assert [e.pk for e in found] == sorted({e.pk for e in found}, reverse=True)
                    assert all(event.action in months.KINDS[kind] for event in found)
                    parties = {"outgoing": "employer_id", "incoming": "freelancer_id"}[side]
                    assert {getattr(event.milestone, parties) for event in found} <= {person.pk}


def test_releasing_writes_nothing_for_the_picture(milestone, erin):
    """The picture costs the busiest step nothing: no statement of it touches the totals."""
    with CaptureQueriesContext(connection) as queries:
        milestone.release(100, by=erin, key=uuid.uuid4())
    assert not [q for q in queries if "month" in q["sql"].lower().replace("milestones", "")]
    assert not MonthTotal.objects.exists()
