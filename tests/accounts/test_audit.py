"""Who did what, when and from where: kept by the database for every row of every table (P70, issue part 7)."""

import uuid

import pytest

from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import auditing
from accounts.models import AuditEntry, MailChoice, Member, Picture, Profile
from config import audited, caller
from tests import factories, situation
from tests.money import EUR

pytestmark = pytest.mark.django_db


def entries(table: str = "", **about) -> list[AuditEntry]:
    found = AuditEntry.objects.filter(**about).order_by("id")
    return list(found.filter(table=table) if table else found)


def last(table: str) -> AuditEntry:
    return entries(table)[-1]


def test_every_table_has_the_trigger_or_a_reason() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname IS NOT NULL FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid"
            " AND tgfoid = 'audit_row'::regproc AND tgenabled = 'A' AND tgtype = 29"  # AFTER EACH ROW, all three
            " WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
        )
        tables = dict(cursor.fetchall())
    assert len(tables) > 60
    assert {table for table, has in tables.items() if not has} == set(audited.LEFT_OUT) & set(tables)
    assert set(audited.LEFT_OUT) - set(tables) <= {"cache"}, "these tables are gone: so must be their reasons"
    assert all(audited.LEFT_OUT.values())


def test_a_new_table_gets_it_with_the_next_migration() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE brand_new (number integer PRIMARY KEY, content bytea, api_token text)")
        auditing.install()
        cursor.execute("INSERT INTO brand_new VALUES (7, 'abc', 'x')")
        cursor.execute("UPDATE brand_new SET content = 'def', api_token = 'y', number = 8")
    added, changed = entries("brand_new")
    assert (added.action, added.row, added.changes) == ("insert", "7", {})
    assert (changed.action, changed.row) == ("update", "8")
    assert changed.changes == {"number": [7, 8], "content": ["…", "…"], "api_token": ["…", "…"]}


def test_installing_again_changes_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        auditing.install()


def test_it_says_who_did_what_from_where(erin: Member, signed_in) -> None:
    answer = signed_in(erin).post("/language/", {"language": "pt-br", "next": "/"}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 302
    entry = last("accounts_member")
    assert (entry.action, entry.row, entry.member, entry.looking_by) == ("update", str(erin.pk), erin, None)
    assert (entry.address, entry.path) == ("203.0.113.9", "/language/")
    assert entry.changes == {"language": ["", "pt-br"]}


def test_a_job_and_a_command_are_named(erin: Member) -> None:
    class Context:
        class job:
            task_name = "accounts.tasks.mail_notifications"

    caller.around_task(lambda: Profile(member=erin).change(text="x", skills=[]), Context, None)
    assert last("accounts_profile").path == "job: mail_notifications"
    Profile(member=erin).change(text="y", skills=[])
    assert last("accounts_profile").path.startswith("command: ")


def test_nothing_is_forgotten_that_is_written_by_hand(erin: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('milepost.caller', '', true)")
        cursor.execute("SET LOCAL application_name = 'psql'")
        cursor.execute("/* by hand */ UPDATE accounts_member SET name = 'E' WHERE id = %s", [erin.pk])
    entry = last("accounts_member")
    assert entry.member is None
    assert entry.path.startswith("database: ")
    assert entry.path.endswith(" psql")
    assert entry.changes == {"name": ["Erin Vogel", "E"]}


def test_a_deleted_row_is_kept_whole(erin: Member) -> None:
    MailChoice.change(erin.pk, delivery="daily", off=["messages"])
    MailChoice.objects.filter(pk=erin.pk).delete()
    entry = last("accounts_mailchoice")
    assert (entry.action, entry.row) == ("delete", str(erin.pk))
    assert entry.changes == {"member_id": erin.pk, "delivery": "daily", "off": ["messages"]}


def test_secrets_bytes_and_long_texts_are_not_kept(erin: Member) -> None:
    erin.set_password("another one")
    erin.save()
    assert last("accounts_member").changes == {"password": ["…", "…"]}
    profile = Profile(member=erin)
    profile.change(text="x", skills=[])
    Profile.objects.filter(pk=erin.pk).update(text="y" * 9000)
    assert last("accounts_profile").changes["text"] == ["x", "y" * 2000 + "…"]
    Picture.objects.create(member=erin, media_type="image/png", content=b"12345", version=1)
    Picture.objects.all().delete()
    assert last("accounts_picture").changes["content"] == "…"
    factor = erin.authenticator_set.create(type="totp", data={"secret": "abc"})
    factor.data = {"secret": "def"}
    factor.save()
    assert last("mfa_authenticator").changes == {"data": ["…", "…"]}


def test_an_update_that_changes_nothing_is_no_entry(erin: Member) -> None:
    before = len(entries("accounts_member"))
    erin.save()
    assert len(entries("accounts_member")) == before


def test_rights_given_are_written_down(erin: Member) -> None:
    erin.groups.add(Group.objects.get(name="finance"))
    assert last("accounts_member_groups").action == "insert"
    erin.groups.clear()
    assert last("accounts_member_groups").changes["member_id"] == erin.pk


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET path = ''",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
        "SET LOCAL session_replication_role = replica; DELETE FROM accounts_auditentry",
    ],
)
def test_entries_stay_as_they_are(erin: Member, statement: str) -> None:
    with pytest.raises(IntegrityError, match="its rows are history"), transaction.atomic():
        connection.cursor().execute(statement)


def test_no_switch_of_the_session_stops_it(erin: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE accounts_member SET name = 'E' WHERE id = %s", [erin.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert last("accounts_member").changes == {"name": ["Erin Vogel", "E"]}


def test_a_deed_of_a_row_cannot_be_noted_by_hand() -> None:
    with pytest.raises(DatabaseError, match="only the trigger"), transaction.atomic():
        connection.cursor().execute("SELECT audit_note('delete', '{}', '{}')")


# --- The caller reaches the database whatever becomes of the transaction ------------------------------------


def rename(member: Member, name: str) -> None:
    Member.objects.filter(pk=member.pk).update(name=name)


def rename_and_fail(member: Member) -> None:
    with transaction.atomic():
        rename(member, "A")
        raise ZeroDivisionError


def test_a_savepoint_rolled_back_does_not_lose_the_caller(erin: Member) -> None:
    with caller.calling(caller.Caller(member=erin.pk, path="/here/")):
        with pytest.raises(ZeroDivisionError):
            rename_and_fail(erin)  # its write tells; what it told is undone with it
        rename(erin, "B")
    assert (last("accounts_member").path, last("accounts_member").member) == ("/here/", erin)


def test_another_caller_in_the_same_transaction_is_another(erin: Member, wes: Member) -> None:
    for member in (erin, wes):
        with caller.calling(caller.Caller(member=member.pk)):
            rename(erin, member.name + "!")
    assert [entry.member for entry in entries("accounts_member", action="update")] == [erin, wes]


def test_it_is_no_query_more_in_djangos_count(erin: Member, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        rename(erin, "A")


@pytest.mark.django_db(transaction=True)
def test_a_write_without_a_transaction_carries_the_caller_and_leaves_none_behind(erin: Member, wes: Member) -> None:
    with caller.calling(caller.Caller(member=wes.pk)):
        rename(erin, "A")
    assert last("accounts_member").member == wes
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('milepost.caller', true), '')")
        assert cursor.fetchone() == ("",)
        cursor.execute("/* unseen */ UPDATE accounts_member SET name = 'B'")
    assert last("accounts_member").member is None


@pytest.mark.django_db(transaction=True)
def test_each_transaction_is_told_anew(erin: Member, wes: Member) -> None:
    with caller.calling(caller.Caller(member=wes.pk)):
        for name in ("A", "B"):
            with transaction.atomic():
                rename(erin, name)
    assert [entry.member for entry in entries("accounts_member", action="update")] == [wes, wes]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_leaves_no_entry(erin: Member) -> None:
    with pytest.raises(ZeroDivisionError):
        rename_and_fail(erin)
    assert entries("accounts_member", action="update") == []


# --- Sign-ins -----------------------------------------------------------------------------------------------


def test_sign_ins_and_sign_outs_are_written_down(client, erin: Member) -> None:
    erin.set_password("a long enough one")
    erin.save()
    erin.emailaddress_set.update_or_create(email=erin.email, defaults={"verified": True, "primary": True})
    login = {"login": erin.email, "password": "a long enough one"}
    client.post("/accounts/login/", {**login, "password": "wrong"}, HTTP_USER_AGENT="Firefox")
    failed = entries(action="failed")[-1]
    assert (failed.member, failed.changes) == (None, {"email": erin.email, "agent": "Firefox"})
    assert (failed.address, failed.path) == ("127.0.0.1", "/accounts/login/")

    client.post("/accounts/login/", login, HTTP_USER_AGENT="Firefox")
    entered = entries(action="sign-in")[-1]
    assert (entered.member, entered.changes) == (erin, {"agent": "Firefox"})
    assert last("accounts_member").member == erin, "what their sign-in writes is theirs"

    client.post("/accounts/logout/")
    assert entries(action="sign-out")[-1].member == erin


def test_no_password_is_written_down(erin: Member) -> None:
    assert authenticate(email=erin.email, password="hunter2") is None
    assert "hunter2" not in str([entry.changes for entry in entries()])


# --- What money does ----------------------------------------------------------------------------------------


def test_a_release_leaves_entries_of_its_rows(erin: Member, wes: Member, fund) -> None:
    fund(erin, EUR("10.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    with caller.calling(caller.Caller(member=erin.pk, path="/x/")):
        milestone = situation.hold(award, "Menu", 1000)
        milestone.release(1000, by=erin, key=uuid.uuid4())
    found = [(entry.action, entry.table) for entry in entries(member=erin, path="/x/")]
    assert ("insert", "milestones_milestone") in found
    assert ("update", "milestones_milestone") in found
    assert ("insert", "milestones_milestoneevent") in found


def test_migrating_keeps_it() -> None:
    call_command("migrate", verbosity=0)
    test_every_table_has_the_trigger_or_a_reason()
