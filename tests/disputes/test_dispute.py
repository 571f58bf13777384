"""A dispute from its opening to its one end, without an arbitrator (P40 to P45)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from disputes.models import Dispute, DisputeEvent, Offer, Said
from milestones.models import Milestone, MilestoneEvent
from projects.models import Award
from tests import factories
from tests.situation import hold

Refused = (InternalError, IntegrityError)


def again(thing):
    return type(thing).objects.get(pk=thing.pk)


def offers(dispute):
    return dispute.offers.order_by("-id").first()


def test_opening_holds_the_money_fast_and_tells_the_other_side(disputed, milestone, erin, wes):
    """P40: disputed money can be neither released nor cancelled."""
    assert disputed.state == "opened"
    assert again(milestone).state == "disputed"
    assert wes.notifications.filter(kind="dispute-opened").count() == 1
    for verb in (
        lambda: milestone.release(1, by=erin, key=uuid.uuid4()),
        lambda: milestone.cancel(by=wes, key=uuid.uuid4()),
        lambda: milestone.cancel(by=erin, key=uuid.uuid4()),
    ):
        with pytest.raises((WrongState, PermissionDenied)):
            verb()
    assert again(milestone).held == 40_000


def test_several_milestones_of_an_award_are_disputed_at_once(dispute_of, award, wes):
    first, second = hold(award, "Menu", 10_000), hold(award, "Footer", 5_000)
    dispute = dispute_of([second, first], [5_000, 2_500], by=wes)
    assert dispute.held == [10_000, 5_000]
    assert offers(dispute).to_freelancer == [2_500, 5_000]
    assert dispute.disputed == 15_000


def test_the_employer_disputes_only_after_acceptance_the_freelancer_before_too(dispute_of, erin, wes, employer):
    offer = factories.AwardFactory(employer=employer, freelancer=wes)
    milestone = hold(offer, "First draft", 20_000)
    with pytest.raises(WrongState, match="once the freelancer has accepted"):
        dispute_of([milestone], [0], by=erin)
    assert dispute_of([milestone], [20_000], by=wes).state == "opened"


def test_who_let_the_time_to_accept_pass_disputes_nothing(dispute_of, wes, employer):
    """The award is about to lapse, which gives everything back."""
    offer = factories.AwardFactory(employer=employer, freelancer=wes)
    milestone = hold(offer, "First draft", 20_000)
    Award.objects.filter(pk=offer.pk).update(answer_by=timezone.now())
    with pytest.raises(WrongState, match="while there is time to accept"):
        dispute_of([milestone], [20_000], by=wes)


def test_nobody_else_opens_one(dispute_of, milestone, sam):
    with pytest.raises(PermissionDenied):
        dispute_of([milestone], [0], by=sam)


def test_a_milestone_of_another_award_is_refused(dispute_of, milestone, erin, ana):
    other = factories.accepted(factories.AwardFactory(employer=erin, freelancer=ana))
    foreign = hold(other, "Logo", 10_000)
    with pytest.raises(WrongState):
        dispute_of([milestone, foreign], [0, 0], by=erin)
    assert again(milestone).state == "held"


def test_a_milestone_is_in_one_dispute_at_a_time(disputed, dispute_of, milestone, wes):
    with pytest.raises(WrongState, match="can't be disputed"):
        dispute_of([milestone], [40_000], by=wes)
    assert Dispute.objects.count() == 1


@pytest.mark.parametrize("offered", [-1, 40_001])
def test_an_offer_is_between_nothing_and_all_of_it(dispute_of, milestone, erin, offered):
    """P41."""
    with pytest.raises(ValueError, match="can't be split"):
        dispute_of([milestone], [offered], by=erin)
    assert not Dispute.objects.exists()
    assert again(milestone).state == "held"


def test_each_sum_of_an_offer_is_in_bounds(dispute_of, award, erin):
    milestones = [hold(award, "Menu", 10_000), hold(award, "Footer", 5_000)]
    for offered in ([10_000, 5_001], [-1, 5_000], [15_000, 0]):
        with pytest.raises(ValueError, match="can't be split"):
            dispute_of(milestones, offered, by=erin)


def test_opening_twice_with_one_key_opens_one(dispute_of, milestone, erin):
    key = uuid.uuid4()
    first, second = (dispute_of([milestone], [0], by=erin, key=key) for _ in range(2))
    assert first.pk == second.pk
    with pytest.raises(KeyConflict):
        first.withdraw(by=erin, key=key)


def test_what_changed_since_it_was_seen_is_not_disputed(dispute_of, milestone, erin):
    seen = Seen(Dispute.version_to_open([milestone]))
    milestone.release(100, by=erin, key=uuid.uuid4())
    with pytest.raises(WrongState, match="Something changed"):
        dispute_of([milestone], [0], by=erin, seen=seen)


def test_the_other_sides_first_offer_begins_the_negotiation(disputed, wes, erin):
    """P41; who opened has to wait for it with another offer."""
    with pytest.raises(WrongState, match="stands until"):
        disputed.offer([20_000], by=erin, key=uuid.uuid4())
    disputed.offer([30_000], by=wes, key=uuid.uuid4(), words="All but the last page is done.")
    assert again(disputed).state == "negotiation"
    disputed.offer([20_000], by=erin, key=uuid.uuid4())
    assert [offer.to_freelancer for offer in disputed.offers.order_by("id")] == [[10_000], [30_000], [20_000]]


def test_accepting_splits_the_money_once(disputed, milestone, erin, wes, available):
    """P43: to the last cent, in one transaction, once."""
    before = available(erin)
    offer, key = offers(disputed), uuid.uuid4()
    ended = disputed.accept(offer, by=wes, key=key)
    assert (ended.state, ended.outcome) == ("resolved", "accepted")
    assert disputed.accept(offer, by=wes, key=key).state == "resolved"
    assert (available(wes), available(erin) - before) == (10_000, 30_000)
    assert again(milestone).state == "released"
    assert [(event.action, event.amount, event.cause) for event in milestone.events.order_by("id")[1:]] == [
        ("release", 10_000, disputed.reference),
        ("return", 30_000, disputed.reference),
    ]
    with pytest.raises(WrongState):
        disputed.accept(offer, by=wes, key=uuid.uuid4())


@pytest.mark.parametrize(("to_wes", "state"), [(0, "cancelled"), (40_000, "released")])
def test_all_or_nothing_is_a_split_too(dispute_of, milestone, erin, wes, available, to_wes, state):
    before = available(erin)
    dispute = dispute_of([milestone], [to_wes], by=erin)
    dispute.accept(offers(dispute), by=wes, key=uuid.uuid4())
    assert again(milestone).state == state
    assert (available(wes), available(erin) - before) == (to_wes, 40_000 - to_wes)


@pytest.mark.parametrize("split", [[1, 33_333], [0, 0], [9_999, 1], [10_001, 33_334]])
def test_a_split_takes_the_fees_of_what_was_released(rates, fund, erin, wes, dispute_of, available, split):
    """P52 in a dispute: the freelancer's fee on their part, the employer's on it, and the rest of that one back."""
    rates("EUR=7.5% min 0.10", "EUR=3%")
    fund(erin)
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestones = [hold(award, "Menu", 10_001), hold(award, "Footer", 33_334)]
    start = available(erin) + sum(m.held + m.fee_set_aside() for m in milestones)
    costs = [award.terms.between(0, part) for part in split]
    dispute = dispute_of(milestones, split, by=erin)
    dispute.accept(offers(dispute), by=wes, key=uuid.uuid4())
    assert available(wes) == sum(split) - sum(cost.freelancer for cost in costs)
    assert available(erin) == start - sum(split) - sum(cost.employer for cost in costs)


def test_only_the_other_sides_latest_offer_is_accepted(disputed, wes, erin):
    disputed.offer([30_000], by=wes, key=uuid.uuid4())
    stale = offers(disputed)
    disputed.offer([35_000], by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState, match="another offer"):
        disputed.accept(stale, by=erin, key=uuid.uuid4())
    with pytest.raises(WrongState, match="another offer"):
        disputed.accept(offers(disputed), by=wes, key=uuid.uuid4())
    assert disputed.accept(offers(disputed), by=erin, key=uuid.uuid4()).outcome == "accepted"


def test_the_opener_cannot_accept_what_nobody_offered(disputed, erin):
    with pytest.raises(WrongState, match="no offer"):
        disputed.accept(offers(disputed), by=erin, key=uuid.uuid4())


def test_the_opening_offer_is_executed_only_when_nobody_answered_in_time(disputed, erin, wes, moved, available):
    """P42."""
    with pytest.raises(WrongState, match="still has time"):
        disputed.execute(by=erin, key=uuid.uuid4())
    moved(disputed, seconds=disputed.rules.answer)
    with pytest.raises(PermissionDenied):
        disputed.execute(by=wes, key=uuid.uuid4())
    assert disputed.execute(by=erin, key=uuid.uuid4()).outcome == "executed"
    assert available(wes) == 10_000


def test_a_late_answer_counts_until_the_offer_is_executed(disputed, erin, wes, moved):
    moved(disputed, seconds=disputed.rules.answer + 1)
    disputed.offer([40_000], by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState):
        disputed.execute(by=erin, key=uuid.uuid4())


def test_either_side_escalates_after_the_negotiation_and_not_before(disputed, erin, wes, moved):
    """P42."""
    with pytest.raises(WrongState, match="too early"):
        disputed.escalate(by=erin, key=uuid.uuid4())
    disputed.offer([30_000], by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState, match="too early"):
        disputed.escalate(by=wes, key=uuid.uuid4())
    moved(disputed, seconds=disputed.rules.negotiation)
    escalated = disputed.escalate(by=wes, key=uuid.uuid4())
    assert escalated.state == "arbitration"
    assert escalated.verdict_by
    with pytest.raises(WrongState):
        escalated.accept(offers(escalated), by=erin, key=uuid.uuid4())


def test_withdrawing_lets_the_money_be_held_again(disputed, milestone, erin, wes):
    """P45."""
    with pytest.raises(PermissionDenied):
        disputed.withdraw(by=wes, key=uuid.uuid4())
    assert disputed.withdraw(by=erin, key=uuid.uuid4()).state == "withdrawn"
    assert again(milestone).state == "held"
    again(milestone).release(40_000, by=erin, key=uuid.uuid4())


def test_what_was_withdrawn_can_be_disputed_again(disputed, milestone, erin, wes, dispute_of):
    disputed.withdraw(by=erin, key=uuid.uuid4())
    again_ = dispute_of([milestone], [40_000], by=wes)
    again_.accept(offers(again_), by=erin, key=uuid.uuid4())
    assert again(milestone).state == "released"


def test_an_award_with_a_dispute_neither_completes_nor_ends(disputed, award, erin):
    with pytest.raises(WrongState, match=disputed.reference):
        award.complete(by=erin, key=uuid.uuid4())


def test_an_award_that_was_not_answered_does_not_lapse_while_it_is_disputed(dispute_of, wes, employer):
    offer = factories.AwardFactory(employer=employer, freelancer=wes)
    dispute = dispute_of([hold(offer, "First draft", 20_000)], [20_000], by=wes)
    for verb in ("decline", "revoke"):
        with pytest.raises(WrongState):
            getattr(offer, verb)(by=wes if verb == "decline" else employer, key=uuid.uuid4())
    dispute.withdraw(by=wes, key=uuid.uuid4())
    offer.decline(by=wes, key=uuid.uuid4())


def test_evidence_is_numbered_and_vouched_for(disputed, erin, wes):
    """P44."""
    first = disputed.add_evidence(Said("Half of the pictures are missing."), by=erin, key=uuid.uuid4())
    second = disputed.add_evidence(Said(links=["https://example.com/gallery"]), by=wes, key=uuid.uuid4())
    assert [item.reference for item in (first, second)] == ["E1", "E2"]
    assert disputed.events.filter(action="evidence").count() == 2


def test_a_step_s_record_names_the_one_before(disputed, wes):
    disputed.offer([30_000], by=wes, key=uuid.uuid4())
    events = list(disputed.events.order_by("number"))
    assert [event.number for event in events] == [1, 2]
    assert events[1].previous == events[0].digest
    assert all(event.digest == event.expected_digest(event.previous) for event in events)


@pytest.mark.parametrize("table", ["disputeevent", "offer"])
def test_what_was_said_cannot_be_changed(disputed, table):
    """P44: by no SQL either."""
    for statement in (f"UPDATE disputes_{table} SET id = id", f"DELETE FROM disputes_{table}"):
        with pytest.raises(Refused, match="history"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert DisputeEvent.objects.count() == Offer.objects.count() == 1


def test_a_dispute_that_ended_stays_ended(disputed, erin):
    disputed.withdraw(by=erin, key=uuid.uuid4())
    with pytest.raises(Refused, match="history"), transaction.atomic():
        Dispute.objects.update(state="opened", ended_at=None)


def test_the_books_tell_a_milestone_in_dispute_without_one(milestone):
    from disputes.verification import differences

    Milestone.objects.filter(pk=milestone.pk).update(state="disputed")
    assert list(differences()) == [f"M{milestone.pk} is “disputed” but is in 0 open disputes"]
    Milestone.objects.filter(pk=milestone.pk).update(state="held")
    assert MilestoneEvent.objects.filter(cause="").count() == 1
