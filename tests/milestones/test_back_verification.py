"""``differences()`` finds every way in which what came back after release can be wrong (P36, P73)."""

import uuid

import pytest

from finances.ledger.models import Account, Transfer
from finances.ledger.posting import Leg, post
from milestones import verification
from milestones.models import CancelRequest, ReturnRequest
from tests import factories
from tests.situation import hold


@pytest.fixture(autouse=True)
def _books_add_up() -> None:
    """Not here: nearly every test of this file leaves them wrong."""


@pytest.fixture
def returned(milestone, erin, wes):
    """€150.00 of €400.00 released, and €40.00 of that returned."""
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    about = {"milestone": milestone, "amount": 4_000, "note": "Why"}
    ask = ReturnRequest.ask(milestone.award, by=erin, key=uuid.uuid4(), **about)
    return ask.agree(by=wes, key=uuid.uuid4())


def found(words: str) -> bool:
    return any(words in difference for difference in verification.differences())


@pytest.mark.parametrize("site_fees", [("", ""), ("EUR=8% min 0.50", "EUR=5%")], ids=["free", "with fees"])
def test_a_true_story_has_none(rates, employer, wes, site_fees):
    """With fees too, which a return leaves where they are; in whatever order it comes."""
    rates(*site_fees)
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    milestone = hold(award, "Photo gallery", 40_000)
    for released, back in ((10_000, 4_000), (5_000, 8_000), (1_000, 1_000)):
        milestone.release(released, by=employer, key=uuid.uuid4())
        about = {"milestone": milestone, "amount": back, "note": "Why"}
        ReturnRequest.ask(award, by=employer, key=uuid.uuid4(), **about).agree(by=wes, key=uuid.uuid4())
    CancelRequest.ask(award, milestone=milestone, note="Why", by=employer, key=uuid.uuid4()).agree(
        by=wes, key=uuid.uuid4()
    )
    about = {"milestone": milestone, "amount": 1, "note": "Why"}
    ReturnRequest.ask(award, by=employer, key=uuid.uuid4(), **about).agree(by=wes, key=uuid.uuid4())
    assert list(verification.differences()) == []


OF_EVENT = "action = 'take-back' AND id = %s"
OF_TRANSFER = "id = (SELECT transfer_id FROM milestones_milestoneevent WHERE id = %s)"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"UPDATE milestones_milestoneevent SET amount = 3999 WHERE {OF_EVENT}",
         "R{} says that 3999 came back with 25000 held, its transfer T{} says “refund” of 4000; 25000 was held"),
        (f"UPDATE milestones_milestoneevent SET held_after = 21000 WHERE {OF_EVENT}",
         "R{} says that 4000 came back with 21000 held, its transfer T{} says “refund” of 4000; 25000 was held"),
        (f"UPDATE ledger_transfer SET kind = 'return' WHERE {OF_TRANSFER}",
         "its transfer T{1} says “return” of 4000"),
        (f"UPDATE ledger_transfer SET amount = 4001 WHERE {OF_TRANSFER}",
         "its transfer T{1} says “refund” of 4001"),
        ("UPDATE ledger_transfer t SET debit_account_id = m.escrow_id FROM milestones_milestone m WHERE t."
         + OF_TRANSFER, "took money back from others"),
        ("UPDATE ledger_transfer t SET credit_account_id = m.escrow_id FROM milestones_milestone m WHERE t."
         + OF_TRANSFER, "took money back from others"),
        (f"DELETE FROM milestones_milestoneevent WHERE {OF_EVENT}", "T{1} took 4000 back that was released, without"),
        (f"UPDATE milestones_milestoneevent SET action = 'cancel' WHERE {OF_EVENT}",
         "T{1} took 4000 back that was released, without an event"),
        (f"UPDATE milestones_milestoneevent SET key = gen_random_uuid() WHERE {OF_EVENT}",
         "R{} took 4000 back without its freelancer's consent"),
        (f"UPDATE milestones_milestoneevent SET actor_id = (SELECT employer_id FROM milestones_milestone LIMIT 1)"
         f" WHERE {OF_EVENT}", "R{} took 4000 back without its freelancer's consent"),
        ("UPDATE milestones_returnrequest SET amount = 3999 WHERE %s > 0", "without its freelancer's consent"),
        ("UPDATE milestones_returnrequest SET state = 'refused' WHERE %s > 0", "without its freelancer's consent"),
        ("DELETE FROM milestones_askevent WHERE action = 'agree' AND %s > 0", "without its freelancer's consent"),
        ("UPDATE milestones_askevent SET actor_id = (SELECT employer_id FROM milestones_milestone LIMIT 1)"
         " WHERE action = 'agree' AND %s > 0", "without its freelancer's consent"),
        ("UPDATE milestones_askevent SET action = 'refuse' WHERE action = 'agree' AND %s > 0",
         "was agreed to, and nothing was done"),
        ("UPDATE milestones_milestoneevent SET employer_fee = 1 WHERE " + OF_EVENT, "of 0 (freelancer) and 1"),
    ],
)  # fmt: skip
def test_every_difference_is_found(returned, tamper, statement, words):
    tamper(statement, returned.pk)
    assert found(words.format(returned.pk, returned.transfer_id)), list(verification.differences())


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_money_that_came_from_or_went_to_somebody_else_is_found(returned, tamper, side):
    """Every sum and kind is right, only the person is another one."""
    stranger = Account.wallet(factories.MemberFactory().pk, "EUR")
    tamper(f"UPDATE ledger_transfer SET {side}_account_id = %s WHERE id = %s", stranger.pk, returned.transfer_id)
    words = "took money back from others than its freelancer, or gave it to others than its employer"
    assert found(f"{words} (T{returned.transfer_id})")


def test_more_than_was_released_is_found(returned, tamper):
    """Every row agrees with every other: only the release came later than what was returned of it."""
    for table in ("milestones_milestoneevent", "milestones_returnrequest"):
        where = " WHERE action = 'take-back'" if table.endswith("event") else ""
        tamper(f"UPDATE {table} SET amount = 15001{where}")
    tamper("UPDATE ledger_transfer SET amount = 15001 WHERE kind = 'refund'")
    assert found(f"with R{returned.pk} 15001 had come back, of 15000 that was released until then")


def test_what_came_back_before_its_release_is_found(returned, milestone, tamper):
    tamper(
        "UPDATE milestones_milestoneevent SET id = (SELECT max(id) + 1 FROM milestones_milestoneevent)"
        " WHERE action = 'release'"
    )
    assert found(f"with R{returned.pk} 4000 had come back, of 0 that was released until then")


def test_money_sent_past_the_verbs_is_found(milestone, erin, wes):
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    wallets = [Account.wallet(member.pk, "EUR") for member in (wes, erin)]
    (transfer,) = post(uuid.uuid4(), Leg(*wallets, 100, Transfer.Kind.REFUND))
    assert found(f"T{transfer.pk} took 100 back that was released, without an event")


def test_money_taken_out_of_escrow_under_its_name_is_found(milestone, erin):
    (transfer,) = post(uuid.uuid4(), Leg(milestone.escrow, Account.wallet(erin.pk, "EUR"), 100, Transfer.Kind.REFUND))
    assert found(f"T{transfer.pk} took 100 back that was released, without an event")
    assert found(f"T{transfer.pk} moved a milestone's money without an event")


def test_an_agreed_cancel_that_cancelled_nothing_is_found(milestone, erin, wes, tamper):
    ask = CancelRequest.ask(milestone.award, milestone=milestone, note="Why", by=erin, key=uuid.uuid4())
    tamper("UPDATE milestones_cancelrequest SET state = 'agreed' WHERE id = %s", ask.pk)
    assert found(f"the cancel-request {ask.pk} of M{milestone.pk} was agreed to, and nothing was done")


def test_a_request_about_another_awards_milestone_is_found(milestone, offered, erin, tamper):
    ask = CancelRequest.ask(milestone.award, milestone=milestone, note="Why", by=erin, key=uuid.uuid4())
    tamper("UPDATE milestones_cancelrequest SET award_id = %s WHERE id = %s", offered.award_id, ask.pk)
    assert found(f"the cancel-request {ask.pk} is about M{milestone.pk}, which is not of its award")
