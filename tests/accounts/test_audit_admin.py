"""The audit in the admin: who may read it, how it is searched, how it is taken out."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Member
from config import caller
from config.read_only import BoundedPaginator
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/auditentry/"


@pytest.fixture
def reader(sue: Member, signed_in) -> Client:
    sue.groups.add(Group.objects.get(name="finance"))
    return signed_in(sue)


@pytest.fixture
def deeds(erin: Member, wes: Member) -> dict[str, AuditEntry]:
    """What Erin and Wes did, each from somewhere else."""
    made = {}
    for member, address, path in ((erin, "203.0.113.9", "/language/"), (wes, "2001:db8::1", "/preferences/")):
        with caller.calling(caller.Caller(member=member.pk, address=address, path=path)):
            Member.objects.filter(pk=member.pk).update(language="pt-br")
        made[member.get_short_name()] = AuditEntry.objects.latest("pk")
    return made


def found(reader: Client, **query: str) -> set[int]:
    answer = reader.get(LIST, query)
    assert answer.status_code == 200
    return {entry.pk for entry in answer.context["cl"].result_list}


@pytest.mark.parametrize("group", ["arbitrators", None])
def test_staff_of_other_groups_read_none_of_it(sue, signed_in, group) -> None:
    if group:
        sue.groups.add(Group.objects.get(name=group))
    assert signed_in(sue).get(LIST).status_code == 403
    assert signed_in(sue).get(LIST + "export/").status_code == 403


def test_finance_and_superusers_read_it_and_nobody_changes_it(reader, deeds, signed_in) -> None:
    number = deeds["Erin"].pk
    boss = signed_in(factories.MemberFactory(is_staff=True, is_superuser=True))
    for browser in (reader, boss):
        assert browser.get(f"{LIST}{number}/change/").status_code == 200
        assert browser.post(f"{LIST}{number}/change/", {"path": "x"}).status_code == 403
        assert browser.post(f"{LIST}{number}/delete/", {"post": "yes"}).status_code == 403
        assert browser.get(f"{LIST}add/").status_code == 403
        browser.post(LIST, {"action": "delete_selected", "_selected_action": number, "post": "yes"})
    assert AuditEntry.objects.filter(pk=number, path="/language/").exists()


@pytest.mark.parametrize(
    "words",
    [
        "erin@example.com",
        "ERIN@example.com",
        "203.0.113.9",
        "/language/",
        "{erin}",
        "accounts_member:{erin}",
    ],
)
def test_it_is_found_by_who_where_from_and_what(reader, deeds, erin, words) -> None:
    pks = found(reader, q=words.replace("{erin}", str(erin.pk)))
    assert deeds["Erin"].pk in pks
    assert deeds["Wes"].pk not in pks


def test_it_is_found_by_reference(reader, erin) -> None:
    project = factories.ProjectFactory(employer=erin)
    entry = AuditEntry.objects.filter(table="projects_project", row=project.pk).latest("pk")
    assert entry.pk in found(reader, q=f"p{project.pk}")
    assert found(reader, q=f"p{project.pk + 1}") == set()


def test_a_failed_sign_in_is_found_by_the_address_that_was_tried(reader, client) -> None:
    client.post("/accounts/login/", {"login": "Nobody@example.com", "password": "x"})
    assert found(reader, q="nobody@example.com") == {AuditEntry.objects.get(action="failed").pk}


@pytest.mark.parametrize("words", ["\0", "zzz", "%", "m0", "999999999999999999", "'; DROP", "@", "a:b", "é" * 400])
def test_odd_words_find_nothing_and_break_nothing(reader, deeds, words) -> None:
    assert deeds["Erin"].pk not in found(reader, q=words) or words == "\0"


def test_days_bound_it(reader, deeds) -> None:
    today = timezone.localdate()
    day = timedelta(days=1)
    number = deeds["Erin"].pk
    assert number in found(reader, **{"from": str(today), "to": str(today)})
    assert number not in found(reader, **{"from": str(today + day)})
    assert number not in found(reader, to=str(today - day))
    assert number in found(reader, **{"from": "nonsense", "to": "9999-12-31"})
    assert number in found(reader, **{"from": str(today), "action__exact": "update"})
    assert number not in found(reader, **{"from": str(today), "action__exact": "delete"})


def test_the_export_is_what_the_list_finds_and_an_entry_of_its_own(reader, deeds, erin, sue, monkeypatch) -> None:
    monkeypatch.setattr("accounts.admin_audit.CHUNK", 1)
    erin.email = "=cmd@example.com"
    erin.save()
    answer = reader.get(LIST + "export/", {"q": str(erin.pk), "action__exact": "update"})
    head, *lines = csv.reader(StringIO(b"".join(answer.streaming_content).decode()))
    entries = AuditEntry.objects.filter(member=erin, action="update").order_by("-pk")
    assert [int(line[0]) for line in lines] == [entry.pk for entry in entries]
    row = dict(zip(head, lines[-1], strict=True))
    assert row["e-mail"] == "'=cmd@example.com"
    assert (row["address"], row["path"], row["table"]) == ("203.0.113.9", "/language/", "accounts_member")
    assert row["changes"] == '{"language": ["", "pt-br"]}'
    noted = AuditEntry.objects.get(action="export")
    assert (noted.member, noted.path) == (sue, LIST + "export/")
    assert noted.changes == {"query": f"q={erin.pk}&action__exact=update"}


def test_the_list_never_counts_beyond_its_bound(reader, monkeypatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "MOST", 3)
    monkeypatch.setattr("accounts.admin_audit.AuditEntryAdmin.list_per_page", 2)
    for _ in range(5):
        factories.MemberFactory()
    with connection.execute_wrapper(_no_whole_count):
        answer = reader.get(LIST)
    assert answer.context["cl"].result_count == 3
    assert reader.get(LIST, {"p": 2}).status_code == 200


def _no_whole_count(execute, sql, params, many, context):
    assert "COUNT(" not in sql or "LIMIT" in sql or "accounts_auditentry" not in sql, sql
    return execute(sql, params, many, context)
