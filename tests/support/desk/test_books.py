"""The books page, its command and its metrics (P73): differences are shown, never smoothed."""

import datetime

import pytest

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import Member
from config import health
from finances.ledger.models import Verification
from finances.ledger.verification import verify_and_record
from finances.payments.models import Reconciliation
from milestones.models import Milestone
from projects.models import Award
from support.desk import books
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import page

pytestmark = pytest.mark.django_db
BOOKS = "/admin/books/"


@pytest.fixture(autouse=True)
def _door(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def finn(db) -> Member:
    finn = factories.MemberFactory(name="Finn Aalto", email="finn@example.com", is_staff=True)
    finn.groups.add(Group.objects.get(name="finance"))
    return finn


@pytest.fixture
def milestone(erin, wes, fund) -> Milestone:
    """€400.00 of Erin's €1,000.00 are held for Wes."""
    fund(erin, EUR("1000.00"))
    award: Award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    return hold(award, "Photo gallery", 40_000)


@pytest.fixture
def checked(milestone) -> None:
    """Everything was checked just now, and agrees."""
    assert verify_and_record().differences == []
    compared(provider=100_000)


def compared(provider: int, differences=()) -> Reconciliation:
    row = {"currency": "EUR", "provider": provider, "ledger": 100_000, "by_hand": 0}
    return Reconciliation.objects.create(
        gateway="sandbox", since=timezone.now(), balances=[row], differences=list(differences)
    )


def tamper(statement: str, *values: object) -> None:
    """Write past the guards, as the tables' owner can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("ledger_account", "milestones_heldtotal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        for table in ("ledger_account", "milestones_heldtotal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def exit_code() -> int:
    try:
        call_command("books")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def scraped(client, settings) -> dict[str, float]:
    settings.METRICS_TOKEN = "a token"
    cache.delete("metrics")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
    assert answer.status_code == 200
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in lines}


def test_p73_all_agrees(signed_in, finn, checked, client, settings, capsys):
    text = page(signed_in(finn).get(BOOKS))
    assert "Everything agrees." in text
    assert "To be looked at" not in text
    for figure in ("€600.00", "€400.00", "−€1,000.00", "€0.00"):
        assert figure in text
    assert exit_code() == 0
    assert "EUR: wallet €600.00, escrow €400.00" in capsys.readouterr().out
    metrics = scraped(client, settings)
    assert metrics['milepost_ledger_sum{currency="EUR"}'] == 0
    assert metrics['milepost_balance{currency="EUR",kind="escrow"}'] == 40_000
    assert metrics['milepost_balance{currency="EUR",kind="clearing"}'] == -100_000
    assert metrics['milepost_held{by="accounts",currency="EUR"}'] == 40_000
    assert metrics['milepost_held{by="freelancers",currency="EUR"}'] == 40_000
    assert metrics['milepost_provider_balance{by="provider",currency="EUR"}'] == 100_000
    assert metrics['milepost_problems{problem="sum"}'] == 0
    assert 0 <= metrics['milepost_last_check_age_seconds{check="verification"}'] < 60


def test_p73_a_cent_too_much_is_said_everywhere(signed_in, finn, checked, milestone, client, settings, capsys):
    tamper("UPDATE ledger_account SET balance = balance + 1 WHERE id = %s", milestone.escrow_id)
    text = page(signed_in(finn).get(BOOKS))
    assert "All accounts in EUR add up to €0.01, and not to nothing." in text
    assert "hold €400.01, employers' totals say €400.00 and freelancers' totals €400.00" in text
    assert "Everything agrees." not in text
    assert 'bad">€0.01<' in text
    assert exit_code() == 1
    assert "add up to €0.01" in capsys.readouterr().out
    metrics = scraped(client, settings)
    assert metrics['milepost_ledger_sum{currency="EUR"}'] == 1
    assert metrics['milepost_problems{problem="sum"}'] == 1
    assert metrics['milepost_problems{problem="held"}'] == 1


def test_a_side_whose_total_is_wrong_is_told_where_the_ledger_is_right(checked):
    tamper("UPDATE milestones_heldtotal SET held = held - 7 WHERE side = 'incoming'")
    (problem,) = books.read().problems
    assert problem.name == "held"
    assert "freelancers' totals €399.93" in problem.sentence


def test_what_the_checks_found_stands_there_with_where_to_look(signed_in, finn, checked):
    differences = [{"check": "balances", "sentence": "Account 7 says 5 and has 4."}]
    Verification.objects.create(seconds=1, transfers=2, differences=differences)
    result = compared(provider=99_999, differences=["The provider holds €999.99 <b>less</b>."])
    answer = signed_in(finn).get(BOOKS)
    assert "balances: Account 7 says 5 and has 4." in page(answer)
    assert "&lt;b&gt;less" in answer.text
    assert f"/admin/payments/reconciliation/{result.pk}/change/" in answer.text
    assert "−€0.01" in page(answer)


def test_nothing_checked_is_not_called_right(signed_in, finn, milestone, client, settings):
    names = {problem.name for problem in books.read().problems}
    assert names == {"verification-missing", "reconciliation-missing"}
    text = page(signed_in(finn).get(BOOKS))
    assert "The books were never recomputed." in text
    assert "Everything agrees." not in text
    assert not [name for name in scraped(client, settings) if name.startswith("milepost_last_check_age")]


@pytest.mark.parametrize("model", [Verification, Reconciliation])
def test_a_check_from_yesterday_is_too_old(checked, model):
    model.objects.update(at=timezone.now() - datetime.timedelta(days=1))
    (problem,) = books.read().problems
    assert problem.name.endswith("-old")
    assert books.read(max_age=datetime.timedelta(days=2)).problems == []


def test_sums_not_yet_folded_count(checked, fund, wes):
    fund(wes, EUR("5.00"))
    read = books.read()
    assert read.sums["EUR"]["clearing"] == -100_500
    assert [problem.name for problem in read.problems] == []


def test_p72_the_books_are_for_the_group_finance(signed_in, finn, sue, mia, erin):
    sue.groups.add(Group.objects.get(name="support"))
    mia.groups.add(Group.objects.get(name="arbitrators"))
    for member in (sue, mia):
        assert signed_in(member).get(BOOKS).status_code == 403
        assert signed_in(member).post(f"{BOOKS}check/?check=verify", {"reason": "Please."}).status_code == 403
    assert signed_in(erin).get(BOOKS).status_code == 302
    assert signed_in(finn).get(f"/admin/accounts/member/{erin.pk}/step/suspend/").status_code == 403
    assert not finn.has_perm("disputes.arbitrate")
    rights = set(Group.objects.get(name="finance").permissions.values_list("codename", flat=True))
    assert not {right for right in rights if right.startswith(("add_", "change_", "delete_"))}


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer another", "Bearer a token ", "Basic a token", "Bearer ä"])
def test_metrics_are_nobody_elses(client, settings, header):
    settings.METRICS_TOKEN = "a token"
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_process_that_lives_says_so_without_its_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "sessionid" not in answer.cookies


def test_a_site_that_is_ready_says_so(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "cache": "ok"}
    assert client.post("/readyz").status_code == 405


def test_a_site_without_its_database_is_not_ready(client, monkeypatch):
    def down() -> None:
        raise DatabaseError

    monkeypatch.setattr(health.connection, "cursor", down)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "failed", "migrations": "failed", "cache": "failed"}


def test_code_that_is_ahead_of_the_database_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'desk'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "failed"
