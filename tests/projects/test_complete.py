"""The employer marks an award complete when nothing of it is held (P7)."""

import uuid

import pytest

from django.db import connection

from accounts.models import Notification
from config.refusals import WrongState
from finances.payments.models import Payment, PaymentSource
from milestones import statements
from milestones.models import Funding, Milestone
from projects.models import AwardEvent, StandingDue
from tests import factories
from tests.finances.payments.memory import saved
from tests.steps import page
from tests.tokens import token_of


@pytest.fixture
def award(award):
    return factories.accepted(award)


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/complete/"


def paid(award, hold, amount=40_000):
    hold(award, amount).release(amount, by=award.employer, key=uuid.uuid4())


def test_asks_first_and_says_what_was_paid_and_that_it_is_for_good(award, url, erin, hold, signed_in):
    paid(award, hold)
    text = page(signed_in(erin).get(url))
    assert "Mark the work with Wes complete?" in text
    assert "€400.00" in text
    assert "€1,000.00" in text
    assert "no more milestones can be created" in text
    assert "Both of you can then review each other, within 14 days." in text
    award.refresh_from_db()
    assert award.state == "accepted"


def test_completes_once_however_often_it_is_sent(award, url, erin, wes, hold, signed_in):
    paid(award, hold)
    client = signed_in(erin)
    token = token_of(client.get(url))
    answers = [client.post(url, {"token": token}) for _ in range(3)]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, f"/projects/{award.project_id}/")}
    award.refresh_from_db()
    assert award.state == "completed"
    assert (award.review_by - award.completed_at).days == 14
    event = AwardEvent.objects.get(award=award, action="complete")
    assert (event.actor, event.address, event.shown["paid"]) == (erin, "127.0.0.1", 40_000)
    assert Notification.objects.filter(member=wes, kind="award-completed").count() == 1
    assert set(StandingDue.objects.values_list("member", flat=True)) == {erin.pk, wes.pk}
    award.bid.refresh_from_db()
    assert award.bid.state == "awarded"


def test_held_money_refuses_before_and_after_the_question(award, url, erin, hold, signed_in):
    """P7"""
    client = signed_in(erin)
    token = token_of(client.get(url))
    milestone = hold(award, 40_000)
    for response in (client.get(url), client.post(url, {"token": token})):
        assert response.status_code == 409
        assert "€400.00" in page(response)
    with pytest.raises(WrongState, match="is held for this award"):
        award.complete(by=erin, key=uuid.uuid4())
    award.refresh_from_db()
    assert award.state == "accepted"
    assert milestone.held == 40_000


def test_a_payment_under_way_refuses(provider, award, url, erin, signed_in):
    source = saved(PaymentSource, erin)
    about = {"task": "Map", "amount": 5_000, "source": source, "by": erin}
    funding = Funding.begin(award, **about, key=uuid.uuid4())
    response = signed_in(erin).get(url)
    assert response.status_code == 409
    assert "A payment for a milestone of this award is under way." in page(response)
    Payment.objects.filter(pk=funding.payment_id).update(state="declined")
    assert signed_in(erin).get(url).status_code == 200


def test_no_milestone_can_be_made_afterwards(award, erin, fund, signed_in):
    fund(erin)
    award.complete(by=erin, key=uuid.uuid4())
    response = signed_in(erin).get(f"/awards/{award.pk}/milestones/new/")
    assert response.status_code == 409
    assert "it is “Completed” now" in page(response)
    with pytest.raises(WrongState):
        Milestone.create(award, task="Map", amount=100, by=erin, key=uuid.uuid4())


def test_money_that_comes_too_late_for_a_milestone_is_in_the_available_funds(provider, award, erin, fund):
    """A declined payment lets it be completed; money that arrives after all makes no milestone."""
    funding = Funding.begin(
        award, task="Map", amount=5_000, source=saved(PaymentSource, erin), by=erin, key=uuid.uuid4()
    )
    Payment.objects.filter(pk=funding.payment_id).update(state="declined")
    award.complete(by=erin, key=uuid.uuid4())
    fund(erin)
    funding.refresh_from_db()
    funding.arrived(late=False)
    assert funding.milestone is None
    assert "Completed" in funding.refused


def test_only_the_employer_can(award, url, wes, ana, sam, signed_in):
    factories.award(factories.BidFactory(project=award.project, freelancer=ana))
    for method in ("get", "post"):
        assert getattr(signed_in(sam), method)(url).status_code == 404
        assert getattr(signed_in(ana), method)(url).status_code == 404
        response = getattr(signed_in(wes), method)(url)
        assert response.status_code == 403
        assert "Only the employer can mark an award complete." in page(response)
    award.refresh_from_db()
    assert award.state == "accepted"


def test_not_before_it_is_accepted_and_not_twice(erin, wes, signed_in):
    offer = factories.AwardFactory(employer=erin, freelancer=wes)
    response = signed_in(erin).get(f"/awards/{offer.pk}/complete/")
    assert response.status_code == 409
    assert "Awaiting acceptance" in page(response)
    factories.accepted(offer).complete(by=erin, key=uuid.uuid4())
    assert signed_in(erin).get(f"/awards/{offer.pk}/complete/").status_code == 409


def test_the_confirmation_of_another_step_does_not_complete(erin, wes, award, url, signed_in):
    bid = factories.BidFactory(project=award.project, freelancer=factories.MemberFactory())
    client = signed_in(erin)
    token = token_of(client.get(f"/bids/{bid.pk}/award/"))
    assert client.post(url, {"token": token}).status_code == 422


def test_my_work_lists_it_apart_page_by_page(erin, wes, signed_in, monkeypatch):
    monkeypatch.setattr("milestones.views.work.PAGE", 2)
    for _ in range(3):
        factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes)).complete(by=erin, key=uuid.uuid4())
    for person in (erin, wes):
        text = page(signed_in(person).get("/my-work/"))
        assert '<h2 id="completed">Completed</h2>' in text
        assert text.count("chip--positive") == 2
        assert "?completed=" in text
        assert "Work done for you" not in text
        assert "Work you do" not in text
    older = text.split('href="?completed=')[1].split('"')[0]
    assert page(signed_in(wes).get("/my-work/", {"completed": older})).count("chip--positive") == 1


def test_the_button_stands_where_nothing_is_held(award, url, erin, wes, hold, signed_in):
    project = f"/projects/{award.project_id}/"
    assert url in page(signed_in(erin).get(project))
    assert url not in page(signed_in(wes).get(project))
    milestone = hold(award, 40_000)
    assert url not in page(signed_in(erin).get(project))
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    assert url in page(signed_in(erin).get(project))


def test_what_waits_for_an_answer_is_overtaken_with_it(award, erin, monkeypatch):
    """P30: a request about an award that is over waits for nobody."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE asks (award_id bigint, state text, answered_at timestamptz, version int)")
        cursor.execute(
            "INSERT INTO asks VALUES (%s, 'waiting', NULL, 1), (%s, 'refused', NULL, 1), (0, 'waiting', NULL, 1)",
            [award.pk, award.pk],
        )
        meta = type("Meta", (), {"db_table": "asks"})
        kind = type("Kind", (), {"_meta": meta, "ends_with_award": True, "after_end": "overtaken"})
        monkeypatch.setattr(statements, "_asks", [kind])
        award.complete(by=erin, key=uuid.uuid4())
        cursor.execute("SELECT award_id, state FROM asks ORDER BY 1, 2")
        assert cursor.fetchall() == [(0, "waiting"), (award.pk, "overtaken"), (award.pk, "refused")]
