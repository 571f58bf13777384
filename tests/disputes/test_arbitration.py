"""Arbitration: who may take, ask, propose and decide; a verdict moves the money once, and costs what was said."""

import uuid

import pytest

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied

from accounts.models import Member
from config import fees
from config.refusals import WrongState
from disputes import arbitration_fee, arbitrators
from disputes.models import Dispute, DisputeEvent, Said
from finances.ledger.models import Transfer
from tests import factories


def key():
    return uuid.uuid4()


def again(thing):
    return type(thing).objects.get(pk=thing.pk)


@pytest.fixture
def evidence(disputed, erin):
    return disputed.add_evidence(Said("Half of the pictures are missing."), by=erin, key=key())


@pytest.fixture
def taken(evidence, escalated, arbitrator) -> Dispute:
    return escalated.take(by=arbitrator, key=key())


@pytest.fixture
def second(db) -> Member:
    member = factories.MemberFactory(name="Ilse Brandt", email="ilse@example.com", is_staff=True)
    member.user_permissions.add(Permission.objects.get(codename="arbitrate"))
    return Member.objects.get(pk=member.pk)


def test_one_arbitrator_takes_a_dispute(taken, arbitrator, second, wes):
    assert taken.arbitrator == arbitrator
    assert wes.notifications.filter(kind="dispute-taken").count() == 1
    with pytest.raises(WrongState, match="taken it already"):
        taken.take(by=second, key=key())


def test_before_arbitration_there_is_nothing_to_take(disputed, arbitrator):
    with pytest.raises(WrongState):
        disputed.take(by=arbitrator, key=key())


@pytest.mark.parametrize("name", ["erin", "wes", "sam", "sue"])
def test_who_is_no_arbitrator_takes_nothing(escalated, request, name):
    with pytest.raises(PermissionDenied):
        escalated.take(by=request.getfixturevalue(name), key=key())


@pytest.mark.parametrize("dealing", ["side", "award", "bid", "own project"])
def test_nobody_arbitrates_who_has_dealings_with_a_side(escalated, second, erin, wes, dealing):
    """P71: neither a party nor who works or bids with one."""
    if dealing == "side":
        erin.user_permissions.add(Permission.objects.get(codename="arbitrate"))
        second = Member.objects.get(pk=erin.pk)
    elif dealing == "award":
        factories.AwardFactory(employer=second, freelancer=wes)
    elif dealing == "bid":
        factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=second)
    else:
        factories.BidFactory(project=factories.ProjectFactory(employer=second), freelancer=wes)
    with pytest.raises(PermissionDenied, match="no dealings"):
        escalated.take(by=second, key=key())


def test_handing_over_gives_it_to_another_or_back_to_the_queue(taken, arbitrator, second, sue):
    with pytest.raises(WrongState, match="can't arbitrate"):
        taken.hand_over(sue, reason="Ask her.", by=arbitrator, key=key())
    with pytest.raises(PermissionDenied):
        taken.hand_over(second, reason="Mine.", by=second, key=key())
    given = taken.hand_over(second, reason="I am away from Monday on.", by=arbitrator, key=key())
    assert given.arbitrator == second
    assert given.hand_over(None, reason="So am I.", by=second, key=key()).arbitrator is None
    assert again(taken).take(by=arbitrator, key=key()).arbitrator == arbitrator


def test_an_answer_is_evidence_of_the_side_that_was_asked(taken, arbitrator, erin, wes):
    taken.ask("Which pictures were agreed?", of=["freelancer"], by=arbitrator, key=key())
    question = taken.questions.get()
    assert (question.reference, question.employer_by) == ("Q1", None)
    assert not erin.notifications.filter(kind="dispute-question").exists()
    with pytest.raises(WrongState, match="other side"):
        taken.answer(question, Said("Twelve."), by=erin, key=key())
    item = taken.answer(question, Said("Twenty-four."), by=wes, key=key())
    assert (item.reference, item.question) == ("E2", question)


def test_a_proposal_settles_once_both_have_accepted_it(taken, arbitrator, erin, wes, available):
    """P41, P43; without a verdict nothing is charged."""
    taken.propose([20_000], words="Half of it is there.", by=arbitrator, key=key())
    proposal, before = taken.latest_proposal(), available(erin)
    taken.accept_proposal(proposal, by=wes, key=key())
    assert again(taken).state == "arbitration"
    with pytest.raises(WrongState, match="You have answered"):
        taken.accept_proposal(proposal, by=wes, key=key())
    ended = taken.accept_proposal(proposal, by=erin, key=key())
    assert (ended.state, ended.outcome) == ("resolved", "proposal")
    assert (available(wes), available(erin) - before) == (20_000, 20_000)
    assert not Transfer.objects.filter(kind="arbitration").exists()


def test_only_the_latest_proposal_is_answered(taken, arbitrator, erin, wes):
    taken.propose([20_000], words="Half.", by=arbitrator, key=key())
    first = taken.latest_proposal()
    taken.accept_proposal(first, by=wes, key=key())
    taken.propose([10_000], words="A quarter.", by=arbitrator, key=key())
    with pytest.raises(WrongState, match="another proposal"):
        taken.accept_proposal(first, by=erin, key=key())
    taken.refuse_proposal(taken.latest_proposal(), by=erin, key=key())
    taken.accept_proposal(taken.latest_proposal(), by=wes, key=key())
    assert again(taken).state == "arbitration"


def test_a_verdict_splits_the_money_with_reasons_that_cite(taken, arbitrator, erin, wes, available):
    before = available(erin)
    ended = taken.decide([15_001], words="E1 shows half.", cites=[1], by=arbitrator, key=key())
    assert (ended.state, ended.outcome) == ("resolved", "verdict")
    assert (available(wes), available(erin) - before) == (15_001, 24_999)
    for side in (erin, wes):
        assert side.notifications.filter(kind="dispute-decided").count() == 1


@pytest.mark.parametrize(("words", "cites"), [("", [1]), ("Because.", []), ("Because.", [2])])
def test_a_verdict_without_reasons_or_citing_what_is_not_there_is_refused(taken, arbitrator, words, cites):
    with pytest.raises(ValueError, match="reasons"):
        taken.decide([0], words=words, cites=cites, by=arbitrator, key=key())
    assert again(taken).state == "arbitration"


def test_above_a_sum_a_second_arbitrator_confirms(large, arbitrator, second, wes, erin, available):
    """P71."""
    taken = large
    waiting = taken.decide([15_000], words="E1.", cites=[1], by=arbitrator, key=key())
    assert waiting.verdict_waits
    assert available(wes) == 0
    for verb in (
        lambda: waiting.decide([0], words="E1.", cites=[1], by=arbitrator, key=key()),
        lambda: waiting.withdraw(by=erin, key=key()),
        lambda: waiting.add_evidence(Said("Late."), by=wes, key=key()),
    ):
        with pytest.raises(WrongState, match="second arbitrator"):
            verb()
    with pytest.raises(PermissionDenied):
        waiting.confirm(waiting.awaited, by=arbitrator, key=key())
    back = waiting.send_back(waiting.awaited, reason="E1 says more.", by=second, key=key())
    assert not back.verdict_waits
    waiting = back.decide([20_000], words="E1, all of it.", cites=[1], by=arbitrator, key=key())
    assert waiting.confirm(waiting.awaited, by=second, key=key()).outcome == "verdict"
    assert available(wes) == 20_000


@pytest.fixture
def large(settings, request) -> Dispute:
    """A dispute whose sum needs a second arbitrator."""
    settings.SECOND_ARBITRATOR_FROM = {"EUR": 40_000}
    return request.getfixturevalue("taken")


def test_a_verdict_costs_what_the_rules_said_when_it_was_opened(settings, request, arbitrator, erin, wes, available):
    settings.ARBITRATION_FEES = fees.read("ARBITRATION_FEES", "EUR=5% min 5.00")
    taken = request.getfixturevalue("taken")
    settings.ARBITRATION_FEES = {}
    before = available(erin)
    taken.decide([10_000], words="E1.", cites=[1], by=arbitrator, key=key())
    assert (available(wes), available(erin) - before) == (10_000 - 500, 30_000 - 1_500)
    assert DisputeEvent.objects.get(action="charge").data == {"employer": 1_500, "freelancer": 500}


@pytest.mark.parametrize(
    ("fee", "disputed", "to_freelancer", "gets", "parts"),
    [
        (500, 10_000, 5_000, 5_000, (250, 250)),
        (501, 10_000, 5_000, 5_000, (250, 251)),
        (503, 10_000, 5_000, 5_000, (252, 251)),
        (500, 10_000, 0, 0, (500, 0)),
        (500, 10_000, 10_000, 10_000, (0, 500)),
        (500, 10_000, 1, 0, (500, 0)),
        (5_000, 10_000, 5_000, 100, (2_500, 100)),
        (3, 10, 9, 9, (0, 3)),
    ],
)
def test_neither_pays_more_than_arrives(fee, disputed, to_freelancer, gets, parts):
    assert arbitration_fee.parts(fee, disputed, to_freelancer, gets) == parts


def test_everyone_who_may_arbitrate_is_found(arbitrator, second, sue, erin):
    assert list(arbitrators.everyone()) == [second, arbitrator]


def test_the_group_is_there_after_migrating(db):
    names = set(Group.objects.get(name=arbitrators.GROUP).permissions.values_list("codename", flat=True))
    assert "arbitrate" in names
    assert not {name for name in names if name.startswith(("add_", "change_", "delete_"))}
