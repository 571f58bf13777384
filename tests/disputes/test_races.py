"""Everything that could end a dispute, at the same moment: one outcome, one set of transfers (P43)."""

import random
import uuid
from collections import Counter

import pytest

from django.contrib.auth.models import Permission

from accounts.models import Member
from config import retry
from disputes.models import Dispute, DisputeEvent, Said
from finances.ledger.models import Transfer
from milestones.models import Milestone
from tests import factories
from tests.money import EUR
from tests.projects.test_races import at_once
from tests.situation import hold

ENDS = ("accept", "execute", "withdraw")
REFUSED = ("WrongState", "PermissionDenied")


def refusals(results):
    """Return what was refused, by name; anything else that went wrong is raised."""
    for result in results:
        if isinstance(result, Exception) and type(result).__name__ not in REFUSED:
            raise result
    return Counter(type(result).__name__ for result in results if isinstance(result, Exception))


def require_one_end(dispute, milestones, held):
    """Whatever won, the dispute, the milestones and the ledger tell the same story of it."""
    now = Dispute.objects.get(pk=dispute.pk)
    actions = [event.action for event in now.events.order_by("number")]
    ends = [action for action in actions if action in ENDS]
    moved = Transfer.objects.filter(debit_account__in=[m.escrow_id for m in milestones], kind__in=["release", "return"])
    states = set(Milestone.objects.filter(pk__in=[m.pk for m in milestones]).values_list("state", flat=True))
    if now.state == "resolved":
        assert len(ends) == 1
        assert ends[0] in ("accept", "execute")
        assert sum(transfer.amount for transfer in moved) == held
        assert states <= {"released", "cancelled"}
        assert actions[-1] == "resolve"
    else:
        assert ends == (["withdraw"] if now.state == "withdrawn" else [])
        assert not moved
        assert states == {"held" if now.state == "withdrawn" else "disputed"}
    return now.state, now.outcome


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(6))
def test_when_the_deadline_has_passed_one_step_wins(turn, erin, wes, fund, dispute_of, moved):
    """Accept against execute against escalate against withdraw against a late answer."""
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestones = [hold(award, "Menu", 10_001), hold(award, "Footer", 5_000)]
    dispute = dispute_of(milestones, [2_500, 5_000], by=erin)
    moved(dispute, seconds=dispute.rules.answer)
    offer = dispute.offers.get()
    verbs = [
        lambda: dispute.accept(offer, by=wes, key=uuid.uuid4()),
        lambda: dispute.execute(by=erin, key=uuid.uuid4()),
        lambda: dispute.escalate(by=erin, key=uuid.uuid4()),
        lambda: dispute.escalate(by=wes, key=uuid.uuid4()),
        lambda: dispute.withdraw(by=erin, key=uuid.uuid4()),
        lambda: dispute.offer([10_001, 5_000], by=wes, key=uuid.uuid4()),
        lambda: milestones[0].release(1, by=erin, key=uuid.uuid4()),
        lambda: milestones[1].cancel(by=wes, key=uuid.uuid4()),
    ]
    random.Random(turn).shuffle(verbs)
    refusals(at_once(*verbs))
    # What a withdrawal lets go may be released or cancelled at once: then the milestones' own story is theirs.
    if Dispute.objects.get(pk=dispute.pk).state != "withdrawn":
        require_one_end(dispute, milestones, 15_001)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_two_who_accept_each_other_s_offer_settle_once(turn, erin, wes, fund, dispute_of, moved):
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestones = [hold(award, "Menu", 10_001), hold(award, "Footer", 5_000)]
    dispute = dispute_of(milestones, [2_500, 0], by=erin)
    dispute.offer([10_000, 1], by=wes, key=uuid.uuid4())
    moved(dispute, seconds=dispute.rules.negotiation)
    his, hers = dispute.latest_offer(wes.pk), dispute.latest_offer(erin.pk)
    verbs = [
        lambda: dispute.accept(his, by=erin, key=uuid.uuid4()),
        lambda: dispute.accept(hers, by=wes, key=uuid.uuid4()),
        lambda: dispute.withdraw(by=erin, key=uuid.uuid4()),
        lambda: dispute.escalate(by=wes, key=uuid.uuid4()),
    ]
    random.Random(turn).shuffle(verbs)
    refused = refusals(at_once(*verbs, *verbs))
    assert refused["WrongState"] >= 6
    require_one_end(dispute, milestones, 15_001)


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_many_times_settles_once(erin, wes, fund, dispute_of):
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestones = [hold(award, "Menu", 10_001)]
    dispute = dispute_of(milestones, [2_500], by=erin)
    offer, key = dispute.offers.get(), uuid.uuid4()
    results = at_once(*[lambda: dispute.accept(offer, by=wes, key=key)] * 8)
    assert refusals(results) == Counter()
    assert require_one_end(dispute, milestones, 10_001) == ("resolved", "accepted")
    assert DisputeEvent.objects.filter(dispute=dispute, action="accept").count() == 1


@pytest.mark.django_db(transaction=True)
def test_opening_against_releasing_moves_the_money_once_or_holds_it_fast(erin, wes, fund, dispute_of):
    """P40: the step that comes first wins; the other one is refused."""
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    outcomes = Counter()
    for turn in range(6):
        milestone = hold(award, "Menu", 10_000)
        verbs = [
            lambda m=milestone: dispute_of([m], [0], by=erin),
            lambda m=milestone: dispute_of([m], [10_000], by=wes),
            lambda m=milestone: m.release(10_000, by=erin, key=uuid.uuid4()),
            lambda m=milestone: m.cancel(by=wes, key=uuid.uuid4()),
        ]
        random.Random(turn).shuffle(verbs)
        refused = refusals(at_once(*verbs))
        assert refused == {"WrongState": 3}
        now = Milestone.objects.get(pk=milestone.pk)
        outcomes[now.state] += 1
        assert (now.state == "disputed") == (now.held == 10_000)
    assert sum(outcomes.values()) == 6


@pytest.mark.django_db(transaction=True)
def test_disputes_of_the_same_two_people_settle_at_once_without_a_deadlock(erin, wes, fund, dispute_of, monkeypatch):
    """On awards of their own: some pay her first and others him, at the same time, from and to the same two wallets."""
    fund(erin, EUR("1000.00"))
    disputes = []
    for split in ([0, 1_000], [1_000, 0]) * 5:
        award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
        milestones = [hold(award, "Menu", 1_000), hold(award, "Footer", 1_000)]
        disputes.append((dispute_of(milestones, split, by=erin), milestones))
    waits = []
    monkeypatch.setattr(retry.time, "sleep", waits.append)
    results = at_once(
        *[lambda d=dispute: d.accept(d.offers.get(), by=wes, key=uuid.uuid4()) for dispute, _ in disputes]
    )
    assert refusals(results) == Counter()
    assert waits == []  # nothing had to be tried again
    for dispute, milestones in disputes:
        assert require_one_end(dispute, milestones, 2_000) == ("resolved", "accepted")


@pytest.fixture
def deciding(erin, wes, arbitrator, fund, dispute_of, moved):
    """A dispute that Mia has taken, with a proposal that Wes has accepted, and its two milestones."""
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    milestones = [hold(award, "Menu", 10_001), hold(award, "Footer", 5_000)]
    dispute = dispute_of(milestones, [2_500, 0], by=erin, said=Said("Half is missing."))
    moved(dispute, seconds=dispute.rules.answer)
    dispute.escalate(by=erin, key=uuid.uuid4()).take(by=arbitrator, key=uuid.uuid4())
    dispute.propose([5_000, 2_500], words="Half each.", by=arbitrator, key=uuid.uuid4())
    dispute.accept_proposal(dispute.latest_proposal(), by=wes, key=uuid.uuid4())
    return Dispute.objects.get(pk=dispute.pk), milestones


@pytest.mark.django_db(transaction=True)
def test_two_arbitrators_who_take_it_at_once_are_not_both_its_arbitrator(
    erin, wes, arbitrator, fund, dispute_of, moved
):
    fund(erin, EUR("1000.00"))
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    second = factories.MemberFactory(name="Ilse Brandt", is_staff=True)
    second.user_permissions.add(Permission.objects.get(codename="arbitrate"))
    dispute = dispute_of([hold(award, "Menu", 10_001)], [0], by=erin)
    moved(dispute, seconds=dispute.rules.answer)
    dispute.escalate(by=erin, key=uuid.uuid4())
    both = [Member.objects.get(pk=each.pk) for each in (arbitrator, second)]
    refused = refusals(at_once(*[lambda by=by: dispute.take(by=by, key=uuid.uuid4()) for by in both * 3]))
    assert refused == {"WrongState": 5}
    assert dispute.events.filter(action="take").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(6))
def test_verdict_against_settlement_against_withdrawal_has_one_outcome(turn, deciding, erin, wes, arbitrator):
    """Two windows of the arbitrator, the last acceptance of a proposal, and the opener who withdraws."""
    dispute, milestones = deciding
    proposal = dispute.latest_proposal()
    verbs = [
        lambda: dispute.decide([1, 1], words="E1.", cites=[1], by=arbitrator, key=uuid.uuid4()),
        lambda: dispute.decide([2, 2], words="E1.", cites=[1], by=arbitrator, key=uuid.uuid4()),
        lambda: dispute.accept_proposal(proposal, by=erin, key=uuid.uuid4()),
        lambda: dispute.withdraw(by=erin, key=uuid.uuid4()),
        lambda: dispute.add_evidence(Said("Late."), by=wes, key=uuid.uuid4()),
    ]
    random.Random(turn).shuffle(verbs)
    refusals(at_once(*verbs))
    now = Dispute.objects.get(pk=dispute.pk)
    actions = [event.action for event in now.events.order_by("number")]
    assert [event.number for event in now.events.order_by("number")] == list(range(1, len(actions) + 1))
    assert now.state in ("resolved", "withdrawn")
    assert actions.count("resolve") + actions.count("withdraw") == 1
    moved = Transfer.objects.filter(debit_account__in=[m.escrow_id for m in milestones], kind__in=["release", "return"])
    assert sum(transfer.amount for transfer in moved) == (15_001 if now.state == "resolved" else 0)


@pytest.mark.django_db(transaction=True)
def test_a_verdict_is_confirmed_once_and_not_sent_back_too(settings, request, arbitrator, erin):
    settings.SECOND_ARBITRATOR_FROM = {"EUR": 15_001}
    dispute, milestones = request.getfixturevalue("deciding")
    dispute.decide([1, 1], words="E1.", cites=[1], by=arbitrator, key=uuid.uuid4())
    others = []
    for name in ("Ilse Brandt", "Otto Kern"):
        member = factories.MemberFactory(name=name, is_staff=True)
        member.user_permissions.add(Permission.objects.get(codename="arbitrate"))
        others.append(Member.objects.get(pk=member.pk))
    verdict = dispute.verdicts.get()
    verbs = [lambda by=by: dispute.confirm(verdict, by=by, key=uuid.uuid4()) for by in others * 2]
    verbs.append(lambda: dispute.send_back(verdict, reason="No.", by=others[0], key=uuid.uuid4()))
    verbs.append(lambda: dispute.withdraw(by=erin, key=uuid.uuid4()))
    refused = refusals(at_once(*verbs))
    now = Dispute.objects.get(pk=dispute.pk)
    ended = now.events.filter(action__in=["confirm", "send_back"]).values_list("action", flat=True)
    assert "confirm" not in ended or list(ended) == ["confirm"]
    assert refused["WrongState"] >= 4
    moved = Transfer.objects.filter(debit_account__in=[m.escrow_id for m in milestones], kind__in=["release", "return"])
    assert sum(transfer.amount for transfer in moved) == (15_001 if "confirm" in ended else 0)
