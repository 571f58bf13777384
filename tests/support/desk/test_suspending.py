"""Suspending and restoring members (P71): a reason, asked twice, on record; sessions end, money stays, others hear."""

import uuid

import pytest

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.models import Member, Notification
from config.refusals import KeyConflict, WrongState
from config.seen import UNSEEN
from projects.models import Award
from support.desk.models import Suspension
from support.desk.tasks import end_sessions
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import books, page, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _door(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def sue(sue) -> Member:
    sue.groups.add(Group.objects.get(name="support"))
    return sue


@pytest.fixture
def award(erin, wes, fund) -> Award:
    fund(erin, EUR("1000.00"))
    return factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))


def address(member: Member, action: str = "suspend") -> str:
    return f"/admin/accounts/member/{member.pk}/step/{action}/"


def suspend(member: Member, by: Member, **about) -> Suspension:
    about = {"reason": "Sold what was not theirs.", "key": uuid.uuid4(), "seen": UNSEEN, **about}
    return Suspension.record("suspend", member, by=by, **about)


def test_it_is_asked_twice_and_its_reason_is_on_record_and_told(signed_in, sue, wes):
    client = signed_in(sue)
    assert address(wes) in client.get(f"/admin/accounts/member/{wes.pk}/change/").text
    assert client.post(address(wes), {"reason": "  "}).status_code == 422
    shown = client.post(address(wes), {"reason": "Sold what was <b>not</b> theirs."})
    assert "Sold what was &lt;b&gt;not" in shown.text
    wes.refresh_from_db()
    assert wes.is_active
    token = token_of(shown)
    assert client.post(address(wes), {"token": token}).status_code == 302
    assert client.post(address(wes), {"token": token}).status_code == 302  # a double click
    wes.refresh_from_db()
    assert not wes.is_active
    record = Suspension.objects.get()
    assert (record.member, record.actor, record.reason) == (wes, sue, "Sold what was <b>not</b> theirs.")
    assert record.address == "127.0.0.1"
    told = Notification.objects.get(member=wes, kind="account-suspend")
    assert told.words["reason"] == record.reason
    after = page(client.get(f"/admin/accounts/member/{wes.pk}/change/"))
    assert record.reason in after
    assert address(wes, "restore") in after
    assert address(wes) not in after


def test_sessions_end_at_once_and_stay_ended_after_restoring(client, signed_in, sue, wes, erin):
    theirs, others = signed_in(wes), signed_in(erin)
    assert theirs.get("/preferences/").status_code == 200
    suspend(wes, sue)
    assert theirs.get("/preferences/").status_code == 302
    assert end_sessions(wes.pk) == 1
    Suspension.record("restore", wes, reason="A mistake of ours.", by=sue, key=uuid.uuid4(), seen=UNSEEN)
    assert theirs.get("/preferences/").status_code == 302
    assert others.get("/preferences/").status_code == 200
    assert Session.objects.count() == 1


def test_money_stays_and_the_other_side_is_told_and_goes_on(signed_in, sue, erin, wes, ana, fund, award):
    milestone = hold(award, "Photo gallery", 40_000)
    suspend(wes, sue)
    milestone.refresh_from_db()
    assert milestone.held == 40_000
    told = Notification.objects.get(kind="award-party-suspend")
    assert (told.member, told.path) == (erin, f"/awards/{award.pk}/money/")
    assert signed_in(erin).get(told.path).status_code == 200
    assert not Notification.objects.filter(member=ana).exists()
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    assert books() == []
    Suspension.record("restore", wes, reason="Proved who they are.", by=sue, key=uuid.uuid4(), seen=UNSEEN)
    assert Notification.objects.filter(member=erin, kind="award-party-restore").count() == 1


@pytest.mark.parametrize("which", ["no group", "themselves", "staff", "superuser", "not staff", "suspended staff"])
def test_who_may_not(signed_in, sue, mia, wes, which):
    who, whom = sue, wes
    if which == "no group":
        sue.groups.clear()
    elif which == "themselves":
        whom = sue
    elif which == "staff":
        whom = mia
    elif which == "superuser":
        Member.objects.filter(pk=wes.pk).update(is_superuser=True)
        whom = Member.objects.get(pk=wes.pk)
    elif which == "not staff":
        sue.is_staff = False
    else:
        sue.is_active = False
    sue.save()
    who = Member.objects.get(pk=sue.pk)
    with pytest.raises(PermissionDenied):
        suspend(whom, who)
    answer = signed_in(who).post(address(whom), {"reason": "Because."})
    assert answer.status_code == (302 if which in ("not staff", "suspended staff") else 403)
    assert not Suspension.objects.exists()
    assert Member.objects.get(pk=whom.pk).is_active or which == "suspended staff"


def test_a_superuser_suspends_staff(sue, mia):
    mia.is_superuser = True
    mia.save()
    suspend(sue, mia)
    assert not Member.objects.get(pk=sue.pk).is_active


def test_twice_is_refused_and_a_stale_confirmation_too(signed_in, sue, wes):
    client = signed_in(sue)
    first = token_of(client.post(address(wes), {"reason": "One."}))
    second = token_of(client.post(address(wes), {"reason": "Two windows."}))
    assert client.post(address(wes), {"token": first}).status_code == 302
    answer = client.post(address(wes), {"token": second})
    assert answer.status_code == 409
    assert "suspended already" in page(answer)
    assert client.get(address(wes)).status_code == 409
    back = token_of(client.post(address(wes, "restore"), {"reason": "Sorry."}))
    assert client.post(address(wes, "restore"), {"token": back}).status_code == 302
    answer = client.post(address(wes), {"token": second})  # from before: it was about another state
    assert answer.status_code == 409
    assert Suspension.objects.count() == 2


def test_a_confirmation_of_one_is_no_confirmation_of_another(signed_in, sue, wes, erin):
    client = signed_in(sue)
    token = token_of(client.post(address(wes), {"reason": "One."}))
    assert client.post(address(erin), {"token": token}).status_code == 422
    assert client.post(address(wes, "restore"), {"token": token}).status_code == 422
    assert client.get(address(wes, "delete")).status_code == 404
    assert client.get("/admin/accounts/member/999999/step/suspend/").status_code == 404


def test_a_key_of_another_step_is_refused(sue, wes, erin):
    record = suspend(wes, sue)
    assert suspend(wes, sue, key=record.key) == record
    with pytest.raises(KeyConflict):
        suspend(erin, sue, key=record.key)
    with pytest.raises(WrongState):
        suspend(wes, sue)


def test_the_plain_form_suspends_nobody(signed_in, sue, wes):
    """Not even a superuser suspends without a reason."""
    sue.is_superuser = True
    sue.save()
    client = signed_in(sue)
    client.post(f"/admin/accounts/member/{wes.pk}/change/", {"is_active": "", "name": "X"})
    assert Member.objects.get(pk=wes.pk).is_active


@pytest.mark.parametrize("sql", ["UPDATE desk_suspension SET reason = ''", "DELETE FROM desk_suspension"])
def test_the_record_stays(sue, wes, sql):
    suspend(wes, sue)
    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Suspension.objects.get().reason


def test_p72_the_group_support_has_its_own_rights_and_none_over_money(db):
    rights = set(Group.objects.get(name="support").permissions.values_list("codename", flat=True))
    assert "suspend_member" in rights
    forms = {right for right in rights if right.startswith(("add_", "change_", "delete_"))}
    assert forms == {"add_savedanswer", "change_savedanswer", "delete_savedanswer"}  # which are no history
    assert "arbitrate" not in rights
