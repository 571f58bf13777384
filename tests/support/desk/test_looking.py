"""Support sees the site as a member, for looking only (P71): told, on record, bounded, and nothing is written."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Member, Notification
from config import caller
from config.refusals import KeyConflict, WrongState
from config.seen import UNSEEN, Seen
from milestones.models import Message
from support.desk.looking import KEY, reading
from support.desk.models import Look, LookEnd
from tests import factories
from tests.steps import page, token_of
from tests.test_permissions import ROWS, scene, within_the_test

pytestmark = pytest.mark.django_db

__all__ = ["scene"]  # a fixture
# Where the staff are themselves, beside the admin.
OWN_PAGES = (
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/webauthn/reauthenticate/",
)


@pytest.fixture
def sue(sue) -> Member:
    sue.groups.add(Group.objects.get(name="support"))
    return Member.objects.get(pk=sue.pk)


def address(member: Member) -> str:
    return f"/admin/accounts/member/{member.pk}/look/"


def lately(client: Client) -> None:
    """They give their password just now."""
    assert client.post("/accounts/reauthenticate/", {"password": "secret"}).status_code == 302


@pytest.fixture
def asking(sue, signed_in) -> Client:
    client = signed_in(sue)
    lately(client)
    return client


def begin(client: Client, member: Member, reason: str = "You wrote that a sum is wrong.") -> Look:
    answer = client.post(address(member), {"token": token_of(client.post(address(member), {"reason": reason}))})
    assert (answer.status_code, answer.url) == (302, "/")
    return Look.objects.latest("pk")


@pytest.fixture
def looking(asking, wes) -> Client:
    """Sue's browser, in which she sees the site as Wes."""
    begin(asking, wes)
    return asking


def visits(look: Look) -> list[tuple[str, int]]:
    entries = AuditEntry.objects.filter(action="look", looking_by=look.actor_id, changes__look=look.pk).order_by("pk")
    return [(entry.path, entry.changes["status"]) for entry in entries]


def state_of_everything() -> dict[str, str]:
    """A digest of every table but of what looking itself leaves: the audit's entries and the staff's own session."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            " AND relname NOT IN ('accounts_auditentry', 'django_session')"
        )
        tables = [row[0] for row in cursor.fetchall()]
        digest = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
        cursor.execute(" UNION ALL ".join(digest.format(connection.ops.quote_name(each)) for each in tables))
        return {name.strip('"'): sum for name, sum in cursor.fetchall()}


def test_it_is_asked_twice_told_and_on_record(asking, sue, wes):
    assert address(wes) in asking.get(f"/admin/accounts/member/{wes.pk}/change/").text
    assert asking.post(address(wes), {"reason": " "}).status_code == 422
    shown = asking.post(address(wes), {"reason": "A sum is <b>wrong</b>."})
    assert "A sum is &lt;b&gt;wrong" in shown.text
    assert not Look.objects.exists()
    token = token_of(shown)
    assert asking.post(address(wes), {"token": token}).url == "/"
    assert asking.post(address(wes), {"token": token}).url == "/"  # a double click
    look = Look.objects.get()
    assert (look.member, look.actor, look.reason) == (wes, sue, "A sum is <b>wrong</b>.")
    assert look.address == "127.0.0.1"
    assert look.until - look.at == datetime.timedelta(minutes=30)
    told = Notification.objects.get(member=wes)
    assert (told.kind, told.words["reason"], told.mail_skipped) == ("account-look", look.reason, "")
    assert AuditEntry.objects.get(table="desk_look", row=look.pk).member == sue


def test_a_session_that_names_anothers_look_shows_nothing_of_it(looking, signed_in, wes):
    other = factories.MemberFactory(email="sol@example.com", is_staff=True)
    other.groups.add(Group.objects.get(name="support"))
    client = signed_in(other)
    session = client.session
    session["looking_at"] = Look.objects.get().pk
    session.save()
    answer = client.get("/preferences/")
    assert answer.status_code == 302
    assert wes.email not in page(client.get("/preferences/"))
    assert visits(Look.objects.get()) == []


def test_the_password_is_asked_first(signed_in, sue, wes):
    client = signed_in(sue)
    answer = client.get(address(wes))
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/reauthenticate/")
    assert client.post(address(wes), {"reason": "A sum."}).status_code == 302
    assert not Look.objects.exists()


def test_the_pages_are_the_members_with_a_banner_and_the_admin_is_the_staffs(looking, sue, wes, erin):
    shown = page(looking.get("/preferences/"))
    assert "You see the site as <strong>Wes Adeyemi</strong>, for looking only" in shown
    assert wes.email in shown
    assert sue.email not in shown
    assert looking.get("/preferences/").headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    admin = looking.get(f"/admin/accounts/member/{erin.pk}/change/")
    assert admin.status_code == 200
    assert sue.email in page(admin) or sue.name in page(admin)
    assert "for looking only" not in page(admin).replace("See the site as this member", "")


@pytest.fixture
def looking_as(scene) -> Callable[[str], Client]:
    """``looking_as("employer")`` is a browser in which support sees the site as Erin."""
    scene.people["staff"].groups.add(Group.objects.get(name="support"))

    def looking_as(person: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(scene.people["staff"])
        lately(client)
        begin(client, scene.people[person])
        return client

    return looking_as


def test_nothing_but_reading_is_let_through(scene, looking_as):
    """Every address that is no page of the admin, with every method that writes."""
    client = looking_as("employer")
    before, wrong = state_of_everything(), []
    for row in ROWS:
        at = scene.address(row.address)
        if row.address == "*" or at.startswith("/admin/") or at in OWN_PAGES:
            continue
        for method in {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"} & set(row.methods):
            sent = {name: scene.address(value) for name, value in row.sent.items()}
            answer = client.post(at, sent) if method == "POST" else client.generic(method, at)
            if answer.status_code != 403 or "for looking only" not in answer.text:
                wrong.append(f"{method} {at}: {answer.status_code}")
    assert wrong == []
    assert state_of_everything() == before


@pytest.mark.parametrize("person", ["employer", "freelancer", "co-freelancer", "stranger"])
def test_every_page_is_the_one_the_member_sees_and_changes_nothing(scene, looking_as, person):
    client, own, wrong = looking_as(person), Client(), []
    own.force_login(scene.people[person])
    lately(own)
    before, unread = state_of_everything(), Notification.objects.filter(read_at=None).count()
    for row in ROWS:
        at = scene.address(row.address)
        if row.address == "*" or at.startswith("/admin/") or at in OWN_PAGES or "GET" not in row.methods:
            continue
        closed = at.startswith(("/accounts/", "/sandbox/")) or at.split("?")[0].endswith("/back/")
        answer = client.get(at)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        with within_the_test():
            expected = 403 if closed else own.get(at).status_code
            transaction.set_rollback(True)
        if answer.status_code != expected:
            wrong.append(f"{at}: {answer.status_code}, not {expected}")
        if closed and b"alone" not in body:
            wrong.append(f"{at}: shown")
        if (now := state_of_everything()) != before:
            wrong.append(f"{at}: changed {[name for name in now if now[name] != before[name]]}")
            before = now
    assert wrong == []
    assert Notification.objects.filter(read_at=None).count() == unread
    assert Message.objects.exists()


def test_each_page_is_on_record_and_the_bell_is_none(looking, sue, wes):
    look = Look.objects.get()
    looking.get("/preferences/?a=1", REMOTE_ADDR="10.1.2.3")
    looking.get("/notifications/count/?seen=0&unread=0")
    looking.post("/preferences/", {"name": "X"})
    looking.get("/accounts/2fa/")
    looking.get("/no%00thing/")
    assert visits(look) == [
        ("/preferences/", 200),
        ("/preferences/", 403),
        ("/accounts/2fa/", 403),
        ("/nothing/", 404),
    ]
    assert look.pages == 4
    entry = AuditEntry.objects.filter(action="look").earliest("pk")
    assert (entry.member, entry.looking_by, entry.address) == (wes, sue, "10.1.2.3")


def test_what_cannot_be_put_on_record_is_not_shown(looking, monkeypatch):
    def fail(*args: Any) -> None:
        raise DatabaseError("no")

    monkeypatch.setattr("support.desk.looking._note", fail)
    looking.raise_request_exception = False
    answer = looking.get("/preferences/")
    assert answer.status_code == 500
    assert "Wes" not in answer.text


def test_stopping_ends_it_at_once_and_is_on_record(looking, sue, wes):
    look = Look.objects.get()
    assert look.ended_at is None
    assert looking.get("/admin/looking/stop/").status_code == 405
    answer = looking.post("/admin/looking/stop/")
    assert answer.url == f"/admin/accounts/member/{wes.pk}/change/"
    assert KEY not in looking.session
    assert sue.email in page(looking.get("/preferences/"))
    assert LookEnd.objects.get(look=look).why == "stopped"
    assert looking.post("/admin/looking/stop/").url == "/admin/"
    assert LookEnd.objects.count() == 1


def test_it_ends_by_itself_and_a_form_sent_then_does_nothing(looking, sue, wes, monkeypatch):
    look = Look.objects.get()
    later = look.until + datetime.timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert looking.get("/notifications/count/", HTTP_SEC_FETCH_DEST="empty").status_code == 403
    answer = looking.post("/language/", {"language": "pt-br", "next": "/"})
    assert answer.url == f"/admin/accounts/member/{wes.pk}/change/"
    assert look.ended_at == look.until
    for member in (sue, wes):
        member.refresh_from_db()
        assert member.language == ""
    assert sue.email in page(looking.get("/preferences/"))


@pytest.mark.parametrize("how", ["group", "staff", "suspended", "promoted"])
def test_it_ends_with_the_right_to_it(looking, sue, wes, how):
    if how == "group":
        sue.groups.clear()
    elif how == "staff":
        Member.objects.filter(pk=sue.pk).update(is_staff=False)
    elif how == "suspended":
        Member.objects.filter(pk=sue.pk).update(is_active=False)
    else:
        Member.objects.filter(pk=wes.pk).update(is_staff=True)
    answer = looking.get("/preferences/")
    assert answer.status_code == 302
    assert "Wes" not in answer.text
    if how != "suspended":  # who is signed out asks for nothing any more
        assert LookEnd.objects.get().why == "right"


def test_signing_out_ends_it(looking):
    looking.post("/accounts/logout/")
    assert LookEnd.objects.get().why == "out"
    assert looking.get("/preferences/").status_code == 302


def test_another_look_ends_the_first_and_a_used_confirmation_begins_none(looking, sue, wes, erin):
    first = Look.objects.get()
    second = begin(looking, erin)
    first.refresh_from_db()
    assert first.end.why == "another"
    assert erin.email in page(looking.get("/preferences/"))
    looking.post("/admin/looking/stop/")
    with pytest.raises(KeyConflict):
        Look.begin(wes, reason="x", by=sue, key=second.key, seen=UNSEEN)
    assert Look.begin(erin, reason="x", by=sue, key=second.key, seen=UNSEEN) == second
    with pytest.raises(WrongState):
        Look.begin(erin, reason="x", by=sue, key=uuid.uuid4(), seen=Seen("0"))


def test_an_old_confirmation_opens_no_ended_look(asking, wes):
    token = token_of(asking.post(address(wes), {"reason": "A sum."}))
    asking.post(address(wes), {"token": token})
    asking.post("/admin/looking/stop/")
    answer = asking.post(address(wes), {"token": token})
    assert answer.status_code == 409
    assert KEY not in asking.session


@pytest.mark.parametrize("which", ["no group", "finance", "themselves", "staff", "superuser", "not staff"])
def test_who_may_not(signed_in, sue, mia, wes, which):
    whom = wes
    if which in ("no group", "finance"):
        sue.groups.clear()
        sue.groups.add(*Group.objects.filter(name=which))
    elif which == "themselves":
        whom = sue
    elif which == "staff":
        whom = mia
    elif which == "superuser":
        Member.objects.filter(pk=wes.pk).update(is_superuser=True)
    else:
        Member.objects.filter(pk=sue.pk).update(is_staff=False)
    who = Member.objects.get(pk=sue.pk)
    with pytest.raises(PermissionDenied):
        Look.begin(whom, reason="x", by=who, key=uuid.uuid4(), seen=UNSEEN)
    client = signed_in(who)
    lately(client)
    assert client.post(address(whom), {"reason": "x"}).status_code == (302 if which == "not staff" else 403)
    assert address(whom) not in client.get(f"/admin/accounts/member/{whom.pk}/change/").text
    assert not Look.objects.exists()


def test_the_look_of_somebody_else_is_nobodys(signed_in, looking, mia, wes):
    """A session that names a look which is not its own sees nothing by it."""
    other = signed_in(mia)
    session = other.session
    session[KEY] = Look.objects.get().pk
    session.save()
    answer = other.get("/preferences/")
    assert answer.status_code == 302
    assert "Wes" not in answer.text
    assert mia.email in page(other.get("/preferences/"))


def test_the_members_own_sign_in_is_left_alone(looking, signed_in, wes):
    theirs = signed_in(wes)
    wes.refresh_from_db()
    before = wes.last_login
    looking.get("/preferences/")
    wes.refresh_from_db()
    assert wes.last_login == before
    assert theirs.get("/preferences/").status_code == 200
    assert "for looking only" not in theirs.get("/preferences/").text
    assert not AuditEntry.objects.filter(action="sign-in", member=wes).exclude(looking_by=None).exists()


def test_the_member_reads_when_and_why_and_not_who(looking, signed_in, sue, wes, erin):
    shown = page(signed_in(wes).get(reverse("looks")))
    assert "You wrote that a sum is wrong." in shown
    assert "still under way" in shown
    assert sue.name not in shown
    assert "a sum is wrong" not in page(signed_in(erin).get(reverse("looks")))
    assert reverse("looks") in signed_in(wes).get("/preferences/").text


@pytest.mark.parametrize("write", ["orm", "sql"])
def test_the_database_refuses_what_a_looking_caller_writes(sue, wes, write):
    """Even without the transaction for reading only."""

    def by_orm() -> None:
        wes.name = "X"
        wes.save()

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_member SET name = 'X'")

    said = caller.Caller(member=wes.pk, looking_by=sue.pk)
    with pytest.raises(DatabaseError, match="who looks as a member"), caller.calling(said), transaction.atomic():
        by_orm() if write == "orm" else by_hand()
    wes.refresh_from_db()
    assert wes.name == "Wes Adeyemi"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_notification SET read_at = now()",  # a table without the audit's trigger
        "/* a comment */ DELETE FROM accounts_notification",
        "SELECT nextval('accounts_member_id_seq')",
        "SELECT id FROM accounts_member FOR UPDATE",
        "SET TRANSACTION READ WRITE",
    ],
)
def test_the_transaction_takes_no_write_at_all(wes, sql):
    with pytest.raises(DatabaseError, match=r"read-only|read-write"), reading(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_page_that_writes_all_the_same_is_refused_in_words(looking, wes, monkeypatch):
    monkeypatch.setattr("config.caller.looking", lambda: False)
    Notification.objects.filter(member=wes).update(read_at=None)
    answer = looking.get("/notifications/")
    assert answer.status_code == 403
    assert "for looking only" in answer.text
    assert not Notification.objects.filter(member=wes).exclude(read_at=None).exists()
    assert looking.get("/preferences/").status_code == 200


@pytest.mark.parametrize("table", ["desk_look", "desk_lookend"])
@pytest.mark.parametrize("sql", ["UPDATE {0} SET at = now()", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_the_record_stays(looking, table, sql):
    looking.post("/admin/looking/stop/")
    connection.check_constraints()  # a table with checks that wait is not emptied in any case
    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))
    assert Look.objects.get().reason
