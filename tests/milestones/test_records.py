"""The lasting record of every confirmed step, and what the database itself refuses (P26)."""

import uuid

import pytest

from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.confirmation import SALT
from config.refusals import KeyConflict
from finances.ledger.models import Account, Transfer
from milestones.models import HeldTotal, Milestone, MilestoneEvent
from tests.steps import ask, confirm, token_of

ADDRESS = "2001:db8::7"


def run(statement: str) -> None:
    """Execute *statement* in a transaction of its own within the test's, with nothing left to be checked later."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def test_p26_creating_is_on_record(award, erin, signed_in):
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    token = ask(client, url, amount="250", task="Booking form")
    before = timezone.now()
    confirm(client, url, token, REMOTE_ADDR=ADDRESS)
    event = MilestoneEvent.objects.get()
    assert (event.action, event.actor, event.address) == ("create", erin, ADDRESS)
    assert before <= event.at <= timezone.now()
    assert event.shown == {
        "amount": 25_000,
        "currency": "EUR",
        "task": "Booking form",
        "payee": "Wes Adeyemi",
        "source": "available funds",
        "source_id": None,
        "available": 100_000,
        "fee": 0,
        "taken": 25_000,
        "fees": "0+0/0+0",
        "advance": False,
        "criteria": [],
    }
    transfer = event.transfer
    assert str(event.key) == str(transfer.key) == signing.loads(token, salt=SALT)["key"]
    assert (transfer.kind, transfer.amount, event.amount, event.held_after) == ("hold", 25_000, 25_000, 25_000)
    assert transfer.debit_account.owner == erin
    assert transfer.credit_account == event.milestone.escrow


def test_p26_releasing_is_on_record(milestone, erin, wes, signed_in):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    confirm(client, url, ask(client, url, amount="150"), REMOTE_ADDR=ADDRESS)
    event = milestone.events.get(action="release")
    assert (event.actor, event.address, event.amount, event.held_after) == (erin, ADDRESS, 15_000, 25_000)
    assert event.shown == {
        "amount": 15_000,
        "currency": "EUR",
        "payee": "Wes Adeyemi",
        "task": "Photo gallery",
        "held": 40_000,
        "stays_held": 25_000,
        "fee": 0,
        "arrives": 15_000,
        "employer_fee": 0,
        "unticked": [],
    }
    assert (event.transfer.kind, event.transfer.amount) == ("release", 15_000)
    assert event.transfer.debit_account == milestone.escrow
    assert event.transfer.credit_account.owner == wes


def test_p26_cancelling_is_on_record(milestone, erin, wes, signed_in):
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/cancel/"
    confirm(client, url, token_of(client.post(url, {"reason": "No time."})), REMOTE_ADDR=ADDRESS)
    event = milestone.events.get(action="cancel")
    assert (event.actor, event.address, event.amount, event.held_after) == (wes, ADDRESS, 40_000, 0)
    assert event.shown["reason"] == event.note == "No time."
    assert (event.transfer.kind, event.transfer.credit_account.owner) == ("return", erin)


@pytest.mark.parametrize("address", ["", "unix:", "/run/web.sock", "fe80::1%eth0", "203.0.113.7, 10.0.0.1"])
def test_p26_an_address_that_is_none_stops_nobody(milestone, erin, signed_in, address):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    response = confirm(client, url, ask(client, url, amount="1"), REMOTE_ADDR=address)
    assert response.status_code == 302
    assert milestone.events.get(action="release").address in (None, "fe80::1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE milestones_milestoneevent SET amount = amount + 1",
        "UPDATE milestones_milestoneevent SET actor_id = NULL",
        "UPDATE milestones_milestoneevent SET shown = '{}'",
        "UPDATE milestones_milestoneevent SET note = 'x'",
        "DELETE FROM milestones_milestoneevent",
        "TRUNCATE milestones_milestoneevent",
        "UPDATE milestones_milestone SET amount = amount - 1",
        "UPDATE milestones_milestone SET employer_id = freelancer_id, freelancer_id = employer_id",
        "UPDATE milestones_milestone SET currency = 'USD'",
        "UPDATE milestones_milestone SET escrow_id = (SELECT min(id) FROM ledger_account)",
        "UPDATE milestones_milestone SET id = id + 1000000",
        "UPDATE milestones_milestone SET created_at = now() - interval '1 day'",
        "UPDATE milestones_milestone SET award_id = (SELECT max(id) FROM projects_award WHERE id <> award_id)",
        "DELETE FROM milestones_milestone",
        "TRUNCATE milestones_milestone CASCADE",
    ],
)
def test_p26_history_is_refused_any_change_by_the_database(milestone, offered, statement):
    milestone.release(1, by=milestone.employer, key=uuid.uuid4())
    with pytest.raises(IntegrityError, match="its rows are history"):
        run(statement)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE milestones_milestone SET state = 'lost'", "milestone_state"),
        ("UPDATE milestones_heldtotal SET held = -1", "held_total_not_below_zero"),
        ("UPDATE milestones_heldtotal SET milestones = -1", "held_total_not_below_zero"),
        ("INSERT INTO milestones_heldtotal (member_id, side, currency, held, milestones)"
         " SELECT member_id, side, currency, 0, 0 FROM milestones_heldtotal LIMIT 1", "held_total_once"),
        ("UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'escrow'", "its rows are history"),
    ],
)  # fmt: skip
def test_the_database_refuses_nonsense(milestone, statement, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        run(statement)


@pytest.mark.parametrize("amount", [0, -1, 10**14 + 1])
def test_no_milestone_of_an_impossible_sum(award, erin, amount):
    with pytest.raises(IntegrityError, match="milestone_amount_in_bounds"), transaction.atomic():
        Milestone.create(award, task="x", amount=amount, by=erin, key=uuid.uuid4())


@pytest.mark.parametrize("wrong", ["employer", "freelancer", "currency"])
def test_no_milestone_of_other_people_or_another_currency_than_the_awards(award, ana, wrong):
    parties = {"employer": award.employer, "freelancer": award.freelancer, "currency": "EUR"}
    parties[wrong] = {"currency": "USD"}.get(wrong, ana)
    with pytest.raises(IntegrityError, match="milestone_parties_are_the_awards"), transaction.atomic():
        Milestone.objects.create(
            award=award, task="x", amount=1, escrow=Account.open_escrow(parties["currency"]), **parties
        )


def test_no_two_milestones_share_an_escrow(milestone):
    with pytest.raises(IntegrityError, match="escrow"), transaction.atomic():
        Milestone.objects.create(
            award=milestone.award,
            employer=milestone.employer,
            freelancer=milestone.freelancer,
            currency="EUR",
            task="x",
            amount=1,
            escrow=milestone.escrow,
        )


def test_a_key_and_a_transfer_stand_in_one_event_only(milestone):
    event = milestone.events.get()
    deposit = Transfer.objects.get(kind="deposit")
    for same in ({"key": event.key}, {"transfer": event.transfer}):
        fields = {"key": uuid.uuid4(), "transfer": deposit, **same}
        with pytest.raises(IntegrityError, match=f"milestoneevent_{next(iter(same))}"), transaction.atomic():
            MilestoneEvent.objects.create(milestone=milestone, action="release", amount=1, held_after=1, **fields)


def test_the_totals_follow_every_step(milestone, offered, erin, wes):
    def total(member, side):
        return HeldTotal.objects.values_list("held", "milestones").get(member=member, side=side)

    assert total(erin, "outgoing") == total(wes, "incoming") == (60_000, 2)
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    assert total(erin, "outgoing") == total(wes, "incoming") == (45_000, 2)
    offered.cancel(by=erin, key=uuid.uuid4())
    assert total(erin, "outgoing") == total(wes, "incoming") == (25_000, 1)
    milestone.release(25_000, by=erin, key=uuid.uuid4())
    assert total(erin, "outgoing") == total(wes, "incoming") == (0, 0)
    assert not HeldTotal.objects.filter(member=erin, side="incoming").exists()


def test_the_guards_fire_whatever_a_session_says(milestone):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text || ' ' || t.tgname FROM pg_trigger t"
            " WHERE t.tgfoid = 'refuse_change'::regproc AND t.tgenabled <> 'A'"
        )
        assert cursor.fetchall() == []
        cursor.execute("SET LOCAL session_replication_role = replica")
        with pytest.raises(IntegrityError, match="history"), transaction.atomic():
            cursor.execute("UPDATE milestones_milestone SET amount = 1")


def test_a_key_is_good_for_one_content_only(award, milestone, erin):
    key = uuid.uuid4()
    milestone.release(100, by=erin, key=key)
    assert milestone.release(100, by=erin, key=key).amount == 100
    with pytest.raises(KeyConflict):
        milestone.release(200, by=erin, key=key)
    key = uuid.uuid4()
    made = Milestone.create(award, task="Map", amount=100, by=erin, key=key)
    assert Milestone.create(award, task="Map", amount=100, by=erin, key=key) == made
    for task, amount in (("Map", 101), ("Maps", 100)):
        with pytest.raises(KeyConflict):
            Milestone.create(award, task=task, amount=amount, by=erin, key=key)
