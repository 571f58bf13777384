"""Giving back what is held, with both sides' recorded consent, by the staff (P70, P71)."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client

from accounts.models import Member, Notification
from config.refusals import KeyConflict, WrongState
from disputes.models import Dispute
from finances.ledger.models import Account
from finances.ledger.verification import verify
from milestones.models import AskEvent, ConsentRequest, Milestone
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import page, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.STAFF_SECOND_FACTOR = settings.ACCOUNT_RATE_LIMITS = False
    settings.CORRECTION_ALONE_LIMIT = {"EUR": 10_000}


def of_support(name: str) -> Member:
    member = factories.MemberFactory(name=name, email=f"{name.lower()}@example.com", is_staff=True)
    member.groups.add(Group.objects.get(name="support"))
    return Member.objects.get(pk=member.pk)


@pytest.fixture
def sue(db) -> Member:
    return of_support("Sue")


@pytest.fixture
def sol(db) -> Member:
    return of_support("Sol")


@pytest.fixture
def milestone(erin, wes, fund) -> Milestone:
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    return hold(award, "Photo gallery", 10_000)


def begin(milestone: Milestone, by: Member, **about: Any) -> ConsentRequest:
    about = {"note": "The town has no money left.", "key": uuid.uuid4(), **about}
    return ConsentRequest.begin(milestone, by=by, **about)


def answer(asked: ConsentRequest, by: Member, action: str = "consent") -> ConsentRequest:
    return ConsentRequest.objects.get(pk=asked.pk).answer_with(action, by=by, key=uuid.uuid4())


def give_back(asked: ConsentRequest, by: Member, **about: Any) -> Any:
    return ConsentRequest.objects.get(pk=asked.pk).give_back(by=by, **{"key": uuid.uuid4(), **about})


def trusted(client: Client) -> Client:
    assert client.post("/accounts/reauthenticate/", {"password": "secret"}).status_code == 302
    return client


def test_both_are_asked_answer_twice_asked_and_staff_give_back(signed_in, rates, sue, erin, wes, milestone):
    staff = trusted(signed_in(sue))
    ask = f"/admin/milestones/consentrequest/ask/{milestone.pk}/"
    assert ask in page(staff.get(f"/admin/milestones/milestone/{milestone.pk}/change/"))
    assert staff.post(ask, {"reason": " "}).status_code == 422
    token = token_of(staff.post(ask, {"reason": "The <b>town</b> has no money left."}))
    assert not ConsentRequest.objects.exists()
    for _ in range(2):  # a double click
        assert staff.post(ask, {"token": token}).status_code == 302
    asked = ConsentRequest.objects.get()
    assert {each.member for each in Notification.objects.filter(kind="consent-asked")} == {erin, wes}
    url, step = f"/milestones/{milestone.pk}/consent/", f"/admin/milestones/consentrequest/{asked.pk}/step/give_back/"
    assert staff.get(step).status_code == 409
    for member in (erin, wes):
        client = signed_in(member)
        for where in ("/", f"/milestones/{milestone.pk}/"):
            assert url in page(client.get(where, follow=True))
        assert "The &lt;b&gt;town&lt;/b&gt;" in client.get(url).text
        token = token_of(client.post(url, {"answer": "consent"}))
        for _ in range(2):
            assert client.post(url, {"token": token}).status_code == 302
        assert client.post(url, {"answer": "nonsense"}).status_code == 404
        event = AskEvent.objects.get(kind="consent-request", actor=member)
        assert (event.action, event.amount, event.address) == ("consent", 10_000, "127.0.0.1")
        assert event.shown["reason"] == "The <b>town</b> has no money left."
    token = token_of(staff.get(step))
    for _ in range(2):
        assert staff.post(step, {"token": token}).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.state, milestone.held) == ("cancelled", 0)
    assert Account.wallet(erin.pk, "EUR").balance == 100_000
    assert {each.member for each in Notification.objects.filter(kind="consent-done")} == {erin, wes}
    receipt = milestone.events.get(action="return")
    assert (receipt.actor, receipt.cause) == (sue, f"G{asked.pk}")
    for where in (f"/receipts/{receipt.pk}/", f"/milestones/{milestone.pk}/"):
        assert f"G{asked.pk}" in page(signed_in(wes).get(where))
    assert signed_in(wes).get(f"/awards/{milestone.award_id}/messages/").status_code == 200
    assert verify() == []


def test_what_is_set_aside_for_the_fee_goes_back_too(rates, sue, erin, wes, fund):
    rates(employer="EUR=5%")
    fund(erin, EUR("200.00"))
    milestone = hold(factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes)), "Menu", 10_000)
    asked = begin(milestone, sue)
    for member in (erin, wes):
        answer(asked, member)
    assert give_back(asked, sue).employer_fee == 500
    assert Account.wallet(erin.pk, "EUR").balance == 20_000
    assert verify() == []


def test_without_both_nothing_goes_back_and_a_consent_can_be_taken_back(sue, erin, wes, milestone):
    asked = begin(milestone, sue)
    answer(asked, erin)
    with pytest.raises(WrongState, match="Both have to consent"):
        give_back(asked, sue)
    with pytest.raises(WrongState, match="answered already"):
        answer(asked, erin)
    answer(asked, wes)
    answer(asked, erin, "revoke")
    with pytest.raises(WrongState, match="Both have to consent"):
        give_back(asked, sue)
    assert Notification.objects.get(kind="consent-revoked", member=wes).words["who"] == "Erin Vogel"
    ConsentRequest.objects.get().take("refuse", by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState):
        answer(asked, erin)
    assert begin(milestone, sue).state == "waiting"
    with pytest.raises(WrongState, match="asked already"):
        begin(milestone, sue)
    milestone.refresh_from_db()
    assert milestone.held == 10_000


def test_above_the_limit_another_person_gives_back(signed_in, sue, sol, erin, wes, fund):
    fund(erin, EUR("200.00"))
    milestone = hold(factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes)), "Menu", 10_001)
    asked = begin(milestone, sue)
    for member in (erin, wes):
        answer(asked, member)
    assert Notification.objects.get(kind="consent-second").member == sol
    with pytest.raises(PermissionDenied):
        give_back(asked, sue)
    step = f"/admin/milestones/consentrequest/{asked.pk}/step/give_back/"
    assert trusted(signed_in(sue)).get(step).status_code == 403
    assert step in page(signed_in(sol).get(f"/admin/milestones/consentrequest/{asked.pk}/change/"))
    assert give_back(asked, sol).amount == 10_001
    assert verify() == []


@pytest.mark.parametrize("how", ["release", "cancel", "dispute", "withdraw"])
def test_what_moves_the_milestone_meanwhile_overtakes_it(signed_in, sue, erin, wes, milestone, how):
    asked = begin(milestone, sue)
    for member in (erin, wes):
        answer(asked, member)
    staff = trusted(signed_in(sue))
    step = f"/admin/milestones/consentrequest/{asked.pk}/step/give_back/"
    token = token_of(staff.get(step))
    if how == "release":
        milestone.release(1, by=erin, key=uuid.uuid4())
    elif how == "cancel":
        milestone.cancel(by=wes, key=uuid.uuid4())
    elif how == "dispute":
        Dispute.open(milestone.award, {milestone.pk: 5_000}, claim="Half.", by=erin, key=uuid.uuid4())
    else:
        asked.take("withdraw", by=sue, key=uuid.uuid4())
    assert staff.post(step, {"token": token}).status_code == 409
    asked.refresh_from_db()
    assert asked.state == ("withdrawn" if how == "withdraw" else "overtaken")
    assert not milestone.events.filter(action="return").exists()
    assert verify() == []


def test_who_may_not(signed_in, sue, mia, sam, erin, wes, milestone):
    mia.groups.add(Group.objects.get(name="finance"))
    mia = Member.objects.get(pk=mia.pk)
    for member in (mia, erin, wes, sam):
        with pytest.raises(PermissionDenied):
            begin(milestone, member)
    asked = begin(milestone, sue)
    for member in (sue, mia, sam):
        with pytest.raises(PermissionDenied):
            answer(asked, member)
    url = f"/milestones/{milestone.pk}/consent/"
    assert signed_in(sam).get(url).status_code == 404
    assert signed_in(sue).get(url).status_code == 404
    for member in (erin, wes):
        answer(asked, member)
    for member in (mia, erin, wes, sam):
        with pytest.raises(PermissionDenied):
            give_back(asked, member)
    Member.objects.filter(pk=erin.pk).update(is_staff=True)
    erin.groups.add(Group.objects.get(name="support"))
    with pytest.raises(PermissionDenied):  # of their own milestone
        give_back(asked, Member.objects.get(pk=erin.pk))
    client = trusted(signed_in(mia))
    for where in (f"ask/{milestone.pk}/", f"{asked.pk}/step/give_back/", f"{asked.pk}/step/withdraw/"):
        assert client.post(f"/admin/milestones/consentrequest/{where}").status_code == 403
    assert ConsentRequest.objects.get().state == "waiting"


def test_there_is_no_page_before_anybody_asks(signed_in, erin, milestone):
    assert signed_in(erin).get(f"/milestones/{milestone.pk}/consent/").status_code == 404


def test_a_key_does_one_thing(sue, erin, wes, milestone):
    asked = begin(milestone, sue)
    key = uuid.uuid4()
    asked.answer_with("consent", by=erin, key=key)
    with pytest.raises(KeyConflict):
        ConsentRequest.objects.get().answer_with("revoke", by=erin, key=key)


def test_the_database_refuses_to_change_it(sue, erin, wes, milestone):
    asked = begin(milestone, sue)
    for change in ("note = 'x'", "asked_by_id = milestone_id", "alone_limit = 9", "state = 'agreed'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE milestones_consentrequest SET {change} WHERE id = %s", [asked.pk])
    asked.take("withdraw", by=sue, key=uuid.uuid4())
    for statement in (
        "UPDATE milestones_consentrequest SET state = 'waiting'",
        "DELETE FROM milestones_consentrequest",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_verification_tells_of_what_went_back_without_both(sue, erin, wes, milestone):
    asked = begin(milestone, sue)
    answer(asked, erin)
    ConsentRequest.objects.filter(pk=asked.pk).update(freelancer_consents=True)  # and nothing on record
    with transaction.atomic():
        receipt = give_back(asked, sue)
        told = [found.sentence for found in verify()]
        transaction.set_rollback(True)
    assert told == [
        f"R{receipt.pk} gave 10000 back by G{asked.pk}, to which not both sides have "
        "consented, or which one person did alone"
    ]


@pytest.mark.django_db(transaction=True)
def test_giving_back_and_releasing_at_once_move_it_once(sue, erin, wes, milestone):
    asked = begin(milestone, sue)
    for member in (erin, wes):
        answer(asked, member)
    barrier = Barrier(2)

    def run(verb: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        barrier.wait()
        try:
            return verb()
        except WrongState as refusal:
            return refusal
        finally:
            connections.close_all()

    release = lambda: Milestone.objects.get(pk=milestone.pk).release(10_000, by=erin, key=uuid.uuid4())  # noqa: E731
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(run, [release, lambda: give_back(asked, sue)]))
    assert sorted(isinstance(each, WrongState) for each in got) == [False, True]
    assert verify() == []
