"""The admin's first page: what waits, by who may look after it, and the figures of the day."""

import datetime
import uuid
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from disputes.models import Dispute
from finances.ledger.models import Verification
from finances.payments import charging
from finances.payments.models import Delivery, Payment, PaymentSource
from milestones.models import ConsentRequest, Milestone
from support.desk import figures, queues
from tests import factories
from tests.finances.payments.memory import saved
from tests.situation import hold
from tests.steps import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def waiting(member: Member) -> dict[str, queues.Waiting]:
    request = RequestFactory().get("/admin/")
    request.user = Member.objects.get(pk=member.pk)
    return {str(each.title): each for each in queues.waiting(request)}


def numbers(member: Member) -> dict[str, str]:
    return {title: each.number for title, each in waiting(member).items()}


def disputed(milestone: Milestone) -> Dispute:
    offered = {milestone.pk: 10_000}
    claim = "Half of the pictures are missing."
    return Dispute.open(milestone.award, offered, claim=claim, by=milestone.employer, key=uuid.uuid4())


def in_arbitration(award) -> Dispute:
    dispute = disputed(hold(award, "Photo gallery", 10_000))
    dispute.offer([5_000], by=award.freelancer, key=uuid.uuid4())
    dispute = Dispute.objects.get(pk=dispute.pk)
    dispute.escalate_from = timezone.now()
    dispute.save(update_fields=["escalate_from"])
    return dispute.escalate(by=award.employer, key=uuid.uuid4())


def test_p70_nothing_waits_and_says_so(in_group, signed_in):
    for name in ("support", "arbitrators", "finance"):
        assert "Nothing waits for you." in page(signed_in(in_group(name)).get("/admin/"))


def test_p70_arbitrators_see_the_disputes_that_wait_and_others_do_not(in_group, award):
    mia, sue, finn = in_group("arbitrators"), in_group("support"), in_group("finance")
    dispute = in_arbitration(award)
    assert numbers(mia) == {"Disputes to be taken": "1"}
    assert waiting(mia)["Disputes to be taken"].since == dispute.escalated_at
    assert numbers(sue) == numbers(finn) == {}
    dispute.take(by=mia, key=uuid.uuid4())
    assert numbers(mia) == {"Disputes that you decide": "1"}
    Dispute.objects.filter(pk=dispute.pk).update(verdict_by=timezone.now())
    assert numbers(mia) == {"Disputes that you decide": "1", "Verdicts that are late": "1"}
    assert waiting(mia)["Verdicts that are late"].bad


def test_p70_what_both_consented_to_waits_for_who_may_give_it_back(in_group, award):
    sue = in_group("support")
    small, large = (hold(award, "Photo gallery", amount) for amount in (10_000, 10_001))
    for milestone in (small, large):
        asked = ConsentRequest.begin(milestone, note="They part.", by=sue, key=uuid.uuid4())
        asked = asked.answer_with("consent", by=award.employer, key=uuid.uuid4())
        assert numbers(sue) == ({} if milestone == small else {"To be given back, as both sides consented": "1"})
        asked.answer_with("consent", by=award.freelancer, key=uuid.uuid4())
    assert numbers(sue) == {"To be given back, as both sides consented": "1"}, "the other one is for somebody else"
    other = factories.MemberFactory(email="sol@example.net", is_staff=True)
    other.groups.set(sue.groups.all())
    assert numbers(other) == {"To be given back, as both sides consented": "2"}
    assert numbers(in_group("finance")) == {}


def test_p70_failed_payments_wait_for_support_and_finance(in_group, erin, provider, monkeypatch):
    declined = charging.begin(saved(PaymentSource, erin), 5_000, "EUR", by=erin, key=uuid.uuid4())
    Payment.objects.filter(pk=declined.pk).update(state="declined")
    people = [in_group("support"), in_group("finance")]
    for person in people:
        assert numbers(person) == {"Payments that failed in the last seven days": "1"}
    assert numbers(in_group("arbitrators")) == {}
    Payment.objects.filter(pk=declined.pk).update(state="review")
    for person in people:
        assert numbers(person) == {"Payments under review": "1"}
    Payment.objects.filter(pk=declined.pk).update(state="declined")
    monkeypatch.setattr(queues, "RECENTLY", datetime.timedelta(0))
    for person in people:
        assert numbers(person) == {}


def test_p73_finance_sees_differences_and_webhooks_that_nobody_read(in_group):
    finn, sue = in_group("finance"), in_group("support")
    Verification.objects.create(seconds=1, transfers=1, differences=[{"check": "sums", "sentence": "One cent."}])
    late = Delivery.objects.create(gateway="sandbox", event_id="e1", kind="paid", reference="r")
    assert numbers(finn) == {"Differences in the books": "1"}
    Delivery.objects.filter(pk=late.pk).update(received_at=timezone.now() - datetime.timedelta(minutes=11))
    assert numbers(finn)["Messages of the provider that nobody read"] == "1"
    assert numbers(sue) == {}
    Verification.objects.create(seconds=1, transfers=1, differences=[])
    Delivery.objects.filter(pk=late.pk).update(handled_at=timezone.now())
    assert numbers(finn) == {}


def test_a_long_queue_is_counted_to_a_hundred(in_group, monkeypatch):
    monkeypatch.setattr(queues, "MOST", 2)
    task = app.configure_task("finances.payments.tasks.look_up_payment")
    for _number in range(3):
        pk = task.defer(payment_id=1)
        with connection.cursor() as cursor:
            for step in ("doing", "failed"):
                cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [step, pk])
    assert ProcrastinateJob.objects.filter(status="failed").count() == 3
    assert numbers(in_group("support")) == {"Jobs that failed for good": "2+"}


def figure(title: str) -> figures.Figure:
    (found,) = [each for each in figures.FIGURES if str(each.title) == title]
    return found


def today() -> datetime.date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def test_p70_the_figures_say_what_the_steps_of_the_day_say(award, signed_in, in_group):
    milestone = hold(award, "Photo gallery", 40_000)
    milestone.release(12_345, by=award.employer, key=uuid.uuid4())
    milestone.release(655, by=award.employer, key=uuid.uuid4())
    released, before = figures.read(figure("Released to freelancers"), today())
    assert (released.number, released.sums) == (2, {"EUR": 13_000})
    assert (before.number, before.sums) == (0, {})
    assert figures.read(figure("Put on hold for milestones"), today())[0].sums == {"EUR": 40_000}
    assert figures.read(figure("Awards accepted"), today())[0].number == 1
    text = page(signed_in(in_group("support")).get("/admin/"))
    assert "€130.00" in text
    assert "€400.00" in text


def test_yesterday_ends_at_midnight_of_the_sites_clock(erin, settings):
    settings.TIME_ZONE = "America/Sao_Paulo"
    timezone.get_default_timezone.cache_clear()
    try:
        midnight = datetime.datetime.combine(today(), datetime.time.min, ZoneInfo("America/Sao_Paulo"))
        for moment, expected in (
            (midnight, (1, 0)),
            (midnight - datetime.timedelta(seconds=1), (0, 1)),
            (midnight - datetime.timedelta(days=1), (0, 1)),
            (midnight - datetime.timedelta(days=1, seconds=1), (0, 0)),
        ):
            Member.objects.update(joined_at=moment)
            assert tuple(day.number for day in figures.read(figure("New members"), today())) == expected
    finally:
        timezone.get_default_timezone.cache_clear()


def test_what_is_too_much_to_be_counted_is_said(erin, wes, ana, monkeypatch):
    assert not figures.crowded(figure("New members"), today())
    monkeypatch.setattr(figures, "NEWEST", 2)
    assert figures.crowded(figure("New members"), today())
    Member.objects.filter(pk=erin.pk).update(joined_at=timezone.now() - datetime.timedelta(days=3))
    assert not figures.crowded(figure("New members"), today())


def test_figures_are_shown_to_those_who_may_read_what_they_count(in_group, signed_in, sue):
    assert "Paid in" in page(signed_in(in_group("finance")).get("/admin/"))
    arbitrators = page(signed_in(in_group("arbitrators")).get("/admin/"))
    assert "Disputes opened" in arbitrators
    assert "Paid in" not in arbitrators
    assert "Figures of the day" not in page(signed_in(sue).get("/admin/"))


def test_the_page_costs_no_query_more_when_more_waits(in_group, award, signed_in):
    client = signed_in(in_group("arbitrators"))
    counts = []
    for _round in range(2):
        in_arbitration(award)
        client.get("/admin/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
