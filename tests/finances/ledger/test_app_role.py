"""The app's production role does everything the app does, and can't switch a guard off."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from psycopg import errors

from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Member
from accounts.tasks import mail_notifications
from config import fees
from disputes import arbitrators
from disputes.models import Dispute, Said
from disputes.tasks import remind_of_disputes
from finances.ledger.folding import fold
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds, Leg, post
from finances.ledger.verification import verify_and_record
from finances.payments.deposits import record_deposit
from finances.payments.models import Correction
from finances.payments.tasks import expire_corrections
from milestones.models import Milestone
from projects.tasks import lapse_awards
from tests import factories, situation
from tests.money import EUR

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = 'it\'s a %s "password"'


@pytest.fixture
def role() -> Iterator[str]:
    name = f"app_{connection.settings_dict['NAME']}"
    call_command("create_app_role", name=name, password=PASSWORD, stdout=StringIO())
    yield name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        database = cursor.fetchone()[0]
        cursor.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
        cursor.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO PUBLIC')


@pytest.fixture
def app(role) -> Iterator[psycopg.Connection]:
    """A connection signed in as the role itself, as an attacker on the app's machine would have."""
    parameters = connection.get_connection_params()
    with psycopg.connect(
        host=parameters.get("host"), port=parameters.get("port"), dbname=parameters["dbname"], user=role,
        password=PASSWORD, autocommit=True,
    ) as app:  # fmt: skip
        yield app


@pytest.fixture
def as_app(role) -> Iterator[None]:
    """Let Django's own connection act as the role."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{role}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")


def test_it_deposits_holds_repeats_refuses_and_folds(erin, as_app):
    key = uuid.uuid4()
    deposit = record_deposit(erin, EUR("100.00"), key=key)
    assert record_deposit(erin, EUR("100.00"), key=key).pk == deposit.pk
    wallet, escrow = Account.wallet(erin.pk, "EUR"), Account.open_escrow("EUR")
    fees = Account.platform(Account.Kind.FEES, "EUR")
    post(uuid.uuid4(), Leg(wallet, escrow, 4000, Transfer.Kind.HOLD), Leg(wallet, fees, 100, Transfer.Kind.FEE))
    with pytest.raises(InsufficientFunds):
        post(uuid.uuid4(), Leg(wallet, escrow, 10**9, Transfer.Kind.HOLD))
    assert fold() == 2
    post(uuid.uuid4(), Leg(fees, wallet, 100, Transfer.Kind.CORRECTION))
    assert {a.kind: a.true_balance() for a in Account.objects.all()} == {
        "clearing": -10000, "wallet": 6000, "escrow": 4000, "fees": 0,
    }  # fmt: skip


def test_it_lives_through_everything_that_members_and_jobs_do(erin, wes, as_app):
    record_deposit(erin, EUR("1000.00"), key=uuid.uuid4())
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestone = situation.hold(award, "Photo gallery", 40_000)
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    Milestone.objects.get(pk=milestone.pk).cancel(by=wes, key=uuid.uuid4())
    for end in ("decline", "revoke", "lapse"):
        offer = factories.AwardFactory(employer=erin, freelancer=wes)
        situation.hold(offer, end, 10_000)
        if end == "decline":
            offer.decline(by=wes, key=uuid.uuid4())
        elif end == "revoke":
            offer.revoke(by=erin, key=uuid.uuid4())
        else:
            type(offer).objects.filter(pk=offer.pk).update(answer_by=timezone.now())
            assert lapse_awards() == 1
    bid = factories.BidFactory(freelancer=wes)
    bid.revise(by=wes, amount=5, days=1, proposal="Less.")
    bid.withdraw(by=wes)
    bid.project.close(by=bid.project.employer)
    assert mail_notifications(timestamp=0) > 0
    assert fold() == 1
    assert verify_and_record().differences == []
    wallets = {a.owner_id: a.balance for a in Account.objects.filter(kind="wallet")}
    assert wallets == {erin.pk: 85_000, wes.pk: 15_000}


def test_it_corrects(settings, erin, wes, mia, sue, role):
    settings.CORRECTION_ALONE_LIMIT = {"EUR": 1_000}
    for member in (mia, sue):
        member.groups.add(Group.objects.get(name="finance"))
    mia, sue = Member.objects.get(pk=mia.pk), Member.objects.get(pk=sue.pk)
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{role}"')
    try:
        wrong = record_deposit(erin, EUR("100.00"), key=uuid.uuid4())
        wallets = Account.wallet(erin.pk, "EUR"), Account.wallet(wes.pk, "EUR")
        about = {"reason": "The wrong person.", "corrects": wrong, "by": mia}
        Correction.propose(*wallets, 1_000, key=uuid.uuid4(), **about)
        waiting, refused = (Correction.propose(*wallets, 2_000, key=uuid.uuid4(), **about) for _ in range(2))
        waiting.confirm(by=sue, key=uuid.uuid4())
        refused.refuse(note="No.", by=sue, key=uuid.uuid4())
        assert expire_corrections() == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")
    assert Account.wallet(wes.pk, "EUR").balance == 3_000
    assert verify_and_record().differences == []


def test_it_disputes_settles_and_decides(settings, erin, wes, mia, role):
    settings.ARBITRATION_FEES = fees.read("ARBITRATION_FEES", "EUR=5%")
    mia.groups.add(Group.objects.get(name=arbitrators.GROUP))
    mia = Member.objects.get(pk=mia.pk)
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{role}"')
    try:
        record_deposit(erin, EUR("1000.00"), key=uuid.uuid4())
        award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
        about = {"claim": "Half is missing.", "by": erin}
        settled, decided = (
            Dispute.open(award, {situation.hold(award, task, 10_000).pk: 5_000}, key=uuid.uuid4(), **about)
            for task in ("Menu", "Footer")
        )
        settled.offer([7_000], by=wes, key=uuid.uuid4())
        settled.accept(settled.latest_offer(wes.pk), by=erin, key=uuid.uuid4())
        decided.add_evidence(Said("Half of it."), by=erin, key=uuid.uuid4())
        Dispute.objects.filter(pk=decided.pk).update(answer_by=timezone.now(), escalate_from=timezone.now())
        decided.escalate(by=wes, key=uuid.uuid4()).take(by=mia, key=uuid.uuid4())
        decided.ask("Which half?", of=["freelancer"], by=mia, key=uuid.uuid4())
        decided.absence(timezone.now() + timedelta(days=1), by=wes, key=uuid.uuid4())
        assert decided.decide([4_000], words="E1.", cites=[1], by=mia, key=uuid.uuid4()).outcome == "verdict"
        assert remind_of_disputes() == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")
    assert Account.wallet(wes.pk, "EUR").balance == 7_000 + 4_000 - 200
    assert verify_and_record().differences == []


def test_it_is_nobody_in_the_server(app, role):
    row = app.execute(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = %s",
        [role],
    ).fetchone()
    assert row == (False,) * 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_account SET balance = balance + 1",
        "UPDATE ledger_account SET sequence = 0 WHERE false",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "INSERT INTO ledger_account (id, kind, currency) VALUES (99, 'escrow', 'EUR')",
        "UPDATE ledger_transfer SET amount = 1",
        "UPDATE ledger_transfer SET credit_balance = 1 WHERE credit_balance IS NULL",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "INSERT INTO ledger_pending VALUES (1, 1, 1)",
        "UPDATE ledger_pending SET amount = 1",
        "DELETE FROM ledger_pending",
        "TRUNCATE ledger_pending",
        "SELECT setval('ledger_transfer_id_seq', 1)",
        "SELECT nextval('ledger_transfer_id_seq')",
        "SELECT ledger_defer(1, 1, 'EUR', 100)",
        "ALTER TABLE ledger_transfer DISABLE TRIGGER ALL",
        "ALTER TABLE ledger_account DROP CONSTRAINT account_never_below_zero",
        "DROP TRIGGER ledger_account_no_update ON ledger_account",
        "DROP TABLE ledger_pending",
        "DROP FUNCTION ledger_fold() CASCADE",
        "ALTER FUNCTION refuse_change() RENAME TO refuse_nothing",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE FUNCTION mine() RETURNS void LANGUAGE sql AS 'SELECT'",
        "CREATE TABLE mine (transfer_id bigint, account_id bigint, amount bigint)",
        "CREATE TEMPORARY TABLE mine (transfer_id bigint, account_id bigint, amount bigint)",
        "CREATE SCHEMA mine",
        "CREATE TRIGGER mine AFTER INSERT ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE RULE mine AS ON INSERT TO ledger_transfer DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "SELECT pg_read_file('/etc/hostname')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "DO LANGUAGE plpgsql $$ BEGIN UPDATE ledger_account SET balance = 1; END $$",
    ],
)
def test_it_may_not(app, fund, erin, statement):
    fund(erin)
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement)


def test_it_can_grant_nothing(app):
    app.execute("GRANT SELECT, UPDATE ON ledger_account TO PUBLIC")  # a warning, and no effect
    public = "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = 'PUBLIC' AND table_name = %s"
    assert app.execute(public, ["ledger_account"]).fetchone() == (0,)


def test_it_may_not_change_the_history_of_any_app(app):
    tables = app.execute(
        "SELECT tgrelid::regclass::text, bool_or(tgname LIKE '%\\_no\\_update') FROM pg_trigger"
        " GROUP BY 1 HAVING bool_or(tgname LIKE '%\\_no\\_delete')"
    ).fetchall()
    once = {("ledger_account", True), ("ledger_transfer", True), ("milestones_milestoneevent", True)}
    assert {*once, ("milestones_milestone", False)} <= set(tables)
    for table, written_once in tables:
        statements = [f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]
        for statement in [*statements, f"UPDATE {table} SET id = id"] if written_once else statements:
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement)


def test_it_is_made_again_without_harm(role):
    call_command("create_app_role", name=role, password="another", stdout=StringIO())


def test_it_is_refused_for_an_owner(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    with pytest.raises(CommandError, match="signed in as"):
        call_command("create_app_role", name=owner, password="x")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ('ALTER ROLE "{0}" CREATEDB', "rights over the server"),
        ('ALTER ROLE "{0}" SUPERUSER', "rights over the server"),
        ('GRANT pg_write_all_data TO "{0}"', "member of another role"),
        ('CREATE SCHEMA spoilt AUTHORIZATION "{0}"', "owns something"),
    ],
)
def test_it_is_refused_for_a_role_that_could_do_more(role, spoil, words):
    with connection.cursor() as cursor:
        cursor.execute(spoil.format(role))
    with pytest.raises(CommandError, match=words):
        call_command("create_app_role", name=role, password="x")


def test_an_owner_who_is_no_superuser_can_make_it():
    """As docs/operations.md has it: an owner with CREATEROLE, twice, as after every new version."""
    owner, name = f"owner_{uuid.uuid4().hex[:8]}", f"app_{uuid.uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        superuser, database = cursor.fetchone()
        try:
            cursor.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE")
            cursor.execute(
                f"""ALTER DATABASE "{database}" OWNER TO {owner};
                DO $$ DECLARE name text; BEGIN
                    FOR name IN SELECT format('TABLE %s', c.oid::regclass) FROM pg_class c
                            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                        UNION ALL SELECT format('FUNCTION %s', p.oid::regprocedure) FROM pg_proc p
                            WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
                    LOOP EXECUTE format('ALTER %s OWNER TO {owner}', name); END LOOP;
                END $$"""
            )
            cursor.execute(f"SET SESSION AUTHORIZATION {owner}")
            for _ in range(2):
                call_command("create_app_role", name=name, password="x", stdout=StringIO())
            cursor.execute("SELECT has_table_privilege(%s, 'ledger_transfer', 'INSERT')", [name])
            assert cursor.fetchone() == (True,)
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION")
            cursor.execute(f'REASSIGN OWNED BY {owner} TO "{superuser}"')
            cursor.execute(f"SELECT count(*) FROM pg_roles WHERE rolname = '{name}'")
            for role in [name, owner] if cursor.fetchone()[0] else [owner]:
                cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
            cursor.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO PUBLIC')


def test_it_wants_a_password(monkeypatch, db):
    monkeypatch.delenv("APP_ROLE_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="APP_ROLE_PASSWORD"):
        call_command("create_app_role")
