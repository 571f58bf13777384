"""``differences()`` finds every way in which milestones and the ledger can disagree (P73)."""

import uuid

import pytest

from finances.ledger.models import Account
from finances.ledger.posting import Leg, post
from milestones import verification
from tests import factories


@pytest.fixture(autouse=True)
def _books_add_up() -> None:
    """Not here: every test of this file leaves them wrong."""


def test_a_true_story_has_none(milestone, offered, erin, wes):
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    milestone.cancel(by=wes, key=uuid.uuid4())
    offered.award.decline(by=wes, key=uuid.uuid4())
    assert list(verification.differences()) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE milestones_milestone SET state = 'released' WHERE id = %s", "M{} is “released” but 40000 is held"),
        ("UPDATE milestones_milestone SET state = 'cancelled' WHERE id = %s", "M{} is “cancelled” but 40000 is held"),
        ("UPDATE milestones_milestone SET amount = 40001 WHERE id = %s", "M{} was made for 40001 but 40000 was put"),
        ("UPDATE milestones_milestone SET currency = 'USD' WHERE id = %s", "M{} keeps its money in"),
        ("DELETE FROM milestones_milestoneevent WHERE milestone_id = %s", "without an event"),
        ("UPDATE milestones_milestoneevent SET amount = 1 WHERE milestone_id = %s", "of 1 with 40000 held"),
        ("UPDATE milestones_milestoneevent SET held_after = 1 WHERE milestone_id = %s", "with 1 held afterwards"),
        ("UPDATE milestones_milestoneevent SET action = 'release' WHERE milestone_id = %s", "says “release” of 40000"),
        ("UPDATE milestones_heldtotal SET held = held - 1 WHERE %s > 0", "says 39999 in 1 milestones; there is 40000"),
        ("UPDATE milestones_heldtotal SET milestones = 2 WHERE %s > 0", "says 40000 in 2 milestones; there is 40000"),
        ("DELETE FROM milestones_heldtotal WHERE %s > 0", "says 0 in 0 milestones; there is 40000 in 1"),
        ("UPDATE ledger_account SET balance = 0 FROM milestones_milestone m WHERE m.escrow_id = ledger_account.id"
         " AND m.id = %s", "M{} is “held” but 0 is held"),
        ("UPDATE projects_award SET state = 'declined' WHERE id = (SELECT award_id FROM milestones_milestone"
         " WHERE id = %s)", "M{} holds 40000 for an award that has ended (declined)"),
    ],
)  # fmt: skip
def test_every_difference_is_found(milestone, tamper, statement, found):
    tamper(statement, milestone.pk)
    assert any(found.format(milestone.pk) in words for words in verification.differences())


def test_an_event_of_another_milestones_transfer_is_found(milestone, offered, tamper):
    tamper("UPDATE milestones_milestoneevent SET milestone_id = %s WHERE milestone_id = %s", offered.pk, milestone.pk)
    assert any("its transfer" in words for words in verification.differences())


def test_money_taken_out_past_the_verbs_is_found(milestone):
    wallet = Account.wallet(factories.MemberFactory().pk, "EUR")
    post(uuid.uuid4(), Leg(milestone.escrow, wallet, 1, "release"))
    found = list(verification.differences())
    assert any("without an event" in words for words in found)
    assert any("total of member" in words for words in found)


@pytest.mark.parametrize("side", ["employer", "freelancer"])
def test_money_that_went_to_somebody_else_is_found(milestone, erin, tamper, side):
    """Every sum and kind is right, only the person is another one."""
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    transfer = milestone.events.get(action="create" if side == "employer" else "release").transfer
    stranger = Account.wallet(factories.MemberFactory().pk, "EUR")
    column = "debit_account_id" if side == "employer" else "credit_account_id"
    tamper(f"UPDATE ledger_transfer SET {column} = %s WHERE id = %s", stranger.pk, transfer.pk)
    found = list(verification.differences())
    assert any(f"moved money between others than its milestone's employer and freelancer (T{transfer.pk})" in words
               for words in found), found  # fmt: skip


def test_money_held_for_a_completed_award_is_found(milestone, award, tamper):
    """P7: nothing is held once it is completed."""
    change = "UPDATE projects_award SET state = 'completed', completed_at = now(), review_by = now() WHERE id = %s"
    tamper(change, award.pk)
    found = f"M{milestone.pk} holds 40000 for an award that has ended (completed)"
    assert found in list(verification.differences())
