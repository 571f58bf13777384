"""Members' standing: made of what was released and of reviews that can be read, computed in the background (P3)."""

import datetime
import time
import uuid
from collections import Counter

import pytest
import time_machine

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from milestones import paid as paid_for_good
from milestones import standing
from milestones.models import Milestone, MilestoneEvent, ReleaseRequest, ReturnRequest
from milestones.tasks import refresh_standing
from projects.models import Award, Review, Standing, StandingDue, StandingMark, StandingSum
from projects.tasks import look_after_reviews
from tests import factories
from tests.finances.dashboard.conftest import awarded, live_through
from tests.money import EUR, JPY
from tests.projects.test_races import at_once
from tests.situation import hold


def of(member, side) -> dict:
    """The member's standing as a reader would tell it."""
    row = Standing.objects.filter(member=member, side=side).first()
    if row is None:
        return {}
    sums = {s.currency: (s.paid, s.milestones, s.awards) for s in row.sums.all()}
    return {"paid": sums, "milestones": row.milestones, "completed": row.completed, "reviews": (row.reviews, row.stars)}


def paid(award, amount: int, release: int | None = None) -> MilestoneEvent:
    milestone = hold(award, "Part", amount)
    return milestone.release(release or amount, by=award.employer, key=uuid.uuid4())


def later(**time) -> time_machine.travel:
    return time_machine.travel(timezone.now() + datetime.timedelta(**time), tick=True)


@pytest.fixture
def story(erin, wes, ana, fund) -> list[Award]:
    """Two awards of Wes, in euros and yen, one of Ana; Erin has put far more on hold than she released."""
    fund(erin, EUR("1000.00"))
    fund(erin, JPY("100000"))
    site, signs = awarded(erin, wes, currency="EUR"), awarded(erin, wes, currency="JPY")
    photos = awarded(erin, ana, currency="EUR")
    paid(site, 10_000)
    paid(site, 20_000, release=5_000)  # the rest is held
    paid(signs, 3_000)
    paid(photos, 7_000)
    hold(photos, "Only held", 30_000)
    return [site, signs, photos]


def test_p3_the_figures_are_those_of_what_was_released(story, erin, wes, ana, sam):
    """Money that was deposited or is held counts nothing."""
    assert refresh_standing() == 3
    assert of(erin, "employer") == {
        "paid": {"EUR": (22_000, 3, 2), "JPY": (3_000, 1, 1)},
        "milestones": 4,
        "completed": 0,
        "reviews": (0, 0),
    }
    assert of(wes, "freelancer")["paid"] == {"EUR": (15_000, 2, 1), "JPY": (3_000, 1, 1)}
    assert of(ana, "freelancer")["paid"] == {"EUR": (7_000, 1, 1)}
    assert of(erin, "freelancer") == of(wes, "employer") == of(sam, "employer") == {}
    month = f"{timezone.now():%Y-%m}"
    assert Standing.objects.get(member=erin, side="employer").months == [[month, 4]]


def test_what_is_only_deposited_or_held_makes_no_standing(erin, wes, fund):
    fund(erin, EUR("9000.00"))
    hold(awarded(erin, wes), "Only held", 500_000)
    standing.recount()
    assert not Standing.objects.exists()


def test_doing_it_twice_late_or_anew_changes_nothing(story, erin, wes):
    def all_of_it():
        return list(StandingSum.objects.order_by("standing__member", "standing__side", "currency").values_list(
            "standing__member", "standing__side", "currency", "paid", "milestones", "awards"
        ))  # fmt: skip

    refresh_standing()
    first = all_of_it()
    assert len(first) == 5
    assert refresh_standing() == 0  # nothing happened since
    with later(hours=2):
        assert refresh_standing() == 3  # once more as the events grow old
        assert all_of_it() == first
        assert StandingMark.objects.get().up_to == MilestoneEvent.objects.latest("id").pk
        assert refresh_standing() == 0
    call_command("recount_standing")
    assert all_of_it() == first
    assert not StandingDue.objects.exists()


def test_a_job_that_slept_for_days_catches_up_in_small_steps(story, erin, wes, monkeypatch):
    monkeypatch.setattr(standing, "MOST_MEMBERS", 1)
    with later(days=3):
        standing.note(most=2)
        assert StandingMark.objects.get().up_to == MilestoneEvent.objects.latest("id").pk
        assert standing.compute_due(1) == 1
        assert StandingDue.objects.count() == 2
        assert refresh_standing() == 2
    assert of(erin, "employer")["milestones"] == 4
    assert of(wes, "freelancer")["milestones"] == 3


def test_a_run_that_has_no_time_left_leaves_the_rest_to_the_next(story):
    assert standing.refresh(seconds=-1) == 0
    assert StandingDue.objects.count() == 3
    assert refresh_standing() == 3


def test_what_commits_late_with_an_early_id_is_not_missed(story, erin):
    """An event that was not there yet when later ones were looked at: it is passed over an hour later, not before."""
    refresh_standing()
    with time_machine.travel(timezone.now() - datetime.timedelta(minutes=30), tick=True):
        paid(story[0], 100)  # by its time, it was before the figures
    assert refresh_standing() == 0
    with later(hours=2):
        refresh_standing()
    assert of(erin, "employer")["paid"]["EUR"] == (22_100, 4, 2)


def test_reviews_count_once_they_can_be_read_and_not_before(story, erin, wes):
    """P7: no figure betrays a hidden review."""
    award = story[1]
    award.complete(by=erin, key=uuid.uuid4())
    Review.write(award, by=erin, stars=2, text="", key=uuid.uuid4())
    refresh_standing()
    standing.recount()
    assert of(wes, "freelancer")["reviews"] == (0, 0)
    assert of(wes, "freelancer")["completed"] == 1
    Review.write(award, by=wes, stars=5, text="", key=uuid.uuid4())
    assert refresh_standing() == 2
    assert of(wes, "freelancer")["reviews"] == (1, 2)
    assert of(erin, "employer")["reviews"] == (1, 5)
    assert of(wes, "employer") == {}


def test_a_review_whose_time_is_over_counts_by_the_job(story, erin, wes):
    award = story[1]
    award.complete(by=erin, key=uuid.uuid4())
    Review.write(award, by=erin, stars=4, text="", key=uuid.uuid4())
    for hours in (0, 2):  # until nothing else gives a reason to compute them
        with later(hours=hours):
            refresh_standing()
    with later(days=14, minutes=5):
        assert refresh_standing() == 0
        look_after_reviews()
        assert refresh_standing() == 2
    assert of(wes, "freelancer")["reviews"] == (1, 4)


def test_it_is_right_for_every_history(erin, wes, ana):
    people = [erin, wes, ana]
    for round_number in range(3):
        live_through(round_number, people, steps=40)
        refresh_standing()
        for person in people:
            for side, who in (("employer", "employer_id"), ("freelancer", "freelancer_id")):
                net: Counter = Counter()
                for event in MilestoneEvent.objects.filter(action__in=("release", "take-back")):
                    net[event.milestone_id] += event.amount if event.action == "release" else -event.amount
                sums: dict = {}
                for milestone in Milestone.objects.filter(pk__in=[pk for pk in net if net[pk]], **{who: person.pk}):
                    has = sums.setdefault(milestone.currency, [0, 0, set()])
                    has[0] += net[milestone.pk]
                    has[1] += 1
                    has[2].add(milestone.award_id)
                expected = {code: (total, number, len(awards)) for code, (total, number, awards) in sums.items()}
                assert of(person, side).get("paid", {}) == expected


def test_computing_many_takes_no_query_a_member(story, erin, wes, ana):
    counts = []
    for members in ([erin.pk, wes.pk], [erin.pk, wes.pk, ana.pk]):
        with CaptureQueriesContext(connection) as queries:
            standing.compute(members)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_release_pays_for_none_of_it(story, erin):
    milestone = hold(story[0], "Map", 500)
    with CaptureQueriesContext(connection) as queries:
        milestone.release(500, by=erin, key=uuid.uuid4())
    assert not [query for query in queries if "standing" in query["sql"]]


@pytest.mark.django_db(transaction=True)
def test_jobs_beside_each_other_are_one_after_the_other(erin, wes, monkeypatch):
    """Else one that has read less might write last."""
    StandingMark.objects.create(pk=1, up_to=0)
    StandingDue.note(erin.pk, wes.pk)
    running, most = [], []

    def slow(members):
        running.append(members)
        time.sleep(0.3)
        most.append(len(running))
        running.remove(members)

    monkeypatch.setattr(standing, "compute", slow)
    assert at_once(*(lambda: standing.compute_due(1) for _ in range(2))) == [1, 1]
    assert most == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_what_enters_the_queue_while_it_is_worked_on_stays_for_the_next_run(erin, wes, monkeypatch):
    """A review that becomes readable after the figures were read is not lost with the entry that was taken."""
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    award.complete(by=erin, key=uuid.uuid4())
    Review.write(award, by=erin, stars=4, text="", key=uuid.uuid4())
    real = standing.compute

    def meanwhile(members):
        real(members)
        monkeypatch.setattr(standing, "compute", real)
        at_once(lambda: Review.write(award, by=wes, stars=5, text="", key=uuid.uuid4()))

    monkeypatch.setattr(standing, "compute", meanwhile)
    standing.compute_due()
    assert of(wes, "freelancer")["reviews"] == (0, 0)
    refresh_standing()
    assert of(wes, "freelancer")["reviews"] == (1, 4)


def test_p32_the_typical_time_is_the_median_of_answered_requests(erin, wes, fund):
    """From asking to whatever release answers it; what was sent back or waits counts nothing."""
    fund(erin, EUR("100.00"))
    award = awarded(erin, wes)
    milestones = [hold(award, f"Part {n}", 1_000) for n in range(5)]
    asked = [ReleaseRequest.make(m, by=wes, key=uuid.uuid4()) for m in milestones]
    for place, hours in enumerate((1, 5, 90)):
        with later(hours=hours):
            milestones[place].release(500, by=erin, key=uuid.uuid4())
    with later(hours=2):
        asked[3].take("send_back", by=erin, key=uuid.uuid4(), note="More")
    standing.recount()
    assert Standing.objects.get(member=erin, side="employer").release_seconds == pytest.approx(5 * 3600, abs=10)
    assert Standing.objects.get(member=wes, side="freelancer").release_seconds is None


def test_p36_what_was_given_back_afterwards_is_taken_off(erin, wes, fund):
    fund(erin, EUR("200.00"))
    award = awarded(erin, wes)
    for released, returned in ((6_000, 4_000), (500, 500)):
        milestone = hold(award, "Part", 10_000)
        milestone.release(released, by=erin, key=uuid.uuid4())
        back = ReturnRequest.ask(award, milestone=milestone, amount=returned, note="Why", by=erin, key=uuid.uuid4())
        back.agree(by=wes, key=uuid.uuid4())
    standing.recount()
    assert of(erin, "employer")["paid"] == of(wes, "freelancer")["paid"] == {"EUR": (2_000, 1, 1)}
    assert paid_for_good.for_award(award.pk) == 2_000
