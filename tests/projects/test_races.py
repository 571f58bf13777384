"""Accept, decline, revoke and lapse at once: exactly one wins, and the money follows it (P25)."""

import threading
import uuid
from collections.abc import Callable

import pytest

from django.db import connection
from django.utils import timezone

from config.refusals import WrongState
from finances.ledger.models import Account
from milestones.models import Milestone
from projects.models import Award, AwardEvent, Bid
from tests import factories


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """Run *verbs* in threads of their own that start together; return what each returned or raised."""
    start, results = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(index: int, verb: Callable[[], object]) -> None:
        start.wait()
        try:
            results[index] = verb()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(4))
def test_one_answer_wins(round_number, erin, wes, fund):
    """Every one of them is allowed when it starts. (Accepting needs time left, lapsing none: they can't both be.)"""
    award = factories.AwardFactory(employer=erin, freelancer=wes)
    fund(erin)
    Milestone.create(award, task="Booking form", amount=40_000, by=erin, key=uuid.uuid4())
    overdue = round_number % 2 == 1
    if overdue:
        Award.objects.filter(pk=award.pk).update(answer_by=timezone.now())
    third = "lapse" if overdue else "accept"
    verbs = {
        "decline": lambda: award.decline(by=wes, key=uuid.uuid4()),
        "revoke": lambda: award.revoke(by=erin, key=uuid.uuid4()),
        third: lambda: award.lapse(key=uuid.uuid4()) if overdue else award.accept(by=wes, key=uuid.uuid4()),
    }
    at_once(*verbs.values(), *verbs.values())
    (event,) = AwardEvent.objects.filter(award=award).exclude(action="award")
    award.refresh_from_db()
    milestone = Milestone.objects.get(award=award)
    assert award.lifecycle[event.action].target == award.state
    went_on = award.state == "accepted"
    assert milestone.state == ("held" if went_on else "cancelled")
    assert Account.wallet(erin.pk, "EUR").balance == (60_000 if went_on else 100_000)


@pytest.mark.django_db(transaction=True)
def test_the_losers_are_told_what_is_true_now(erin, wes):
    award = factories.AwardFactory(employer=erin, freelancer=wes)
    results = at_once(
        *(lambda: award.accept(by=wes, key=uuid.uuid4()) for _ in range(3)),
        *(lambda: award.revoke(by=erin, key=uuid.uuid4()) for _ in range(3)),
    )
    assert sum(isinstance(result, Award) for result in results) == 1
    refusals = [result for result in results if not isinstance(result, Award)]
    assert all(isinstance(refusal, WrongState) for refusal in refusals), refusals
    award.refresh_from_db()
    assert all(str(award.get_state_display()) in str(refusal) for refusal in refusals)


@pytest.mark.django_db(transaction=True)
def test_one_confirmation_sent_many_times_at_once_accepts_once(erin, wes):
    award = factories.AwardFactory(employer=erin, freelancer=wes)
    key = uuid.uuid4()
    results = at_once(*(lambda: award.accept(by=wes, key=key) for _ in range(8)))
    assert all(isinstance(result, Award) for result in results), results
    assert AwardEvent.objects.filter(award=award, action="accept").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_bid_is_awarded_once(erin, wes):
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=wes)
    results = at_once(*(lambda: bid.award(by=erin, key=uuid.uuid4()) for _ in range(6)))
    assert sum(isinstance(result, Award) for result in results) == 1
    assert sum(isinstance(result, WrongState) for result in results) == 5
    assert Award.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_freelancer_has_one_bid_however_often_they_press(erin, wes):
    project = factories.ProjectFactory(employer=erin)
    results = at_once(*(lambda: factories.BidFactory(project=project, freelancer=wes) for _ in range(5)))
    assert sum(isinstance(result, Bid) for result in results) == 1
    assert sum(isinstance(result, WrongState) for result in results) == 4
    assert Bid.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_awarding_and_revising_at_once_agree_on_one_offer(erin, wes):
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=wes)
    at_once(
        lambda: bid.award(by=erin, key=uuid.uuid4()),
        lambda: bid.revise(by=wes, amount=150_000, days=20, proposal="Slower."),
    )
    award = Award.objects.get()
    bid.refresh_from_db()
    assert (award.amount, award.days) == (bid.amount, bid.days)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(4))
def test_completing_and_making_a_milestone_in_two_windows_are_one_after_the_other(round_number, erin, wes, fund):
    """P7, P25: either the milestone is held and the award goes on, or it is completed and nothing is held."""
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    fund(erin)
    complete = lambda: award.complete(by=erin, key=uuid.uuid4())  # noqa: E731
    create = lambda: Milestone.create(award, task="Map", amount=4_000, by=erin, key=uuid.uuid4())  # noqa: E731
    results = at_once(*((complete, create) if round_number % 2 else (create, complete)))
    assert sum(isinstance(result, WrongState) for result in results) == 1, results
    award.refresh_from_db()
    held = Milestone.held_for(award)
    assert (award.state, held) in (("completed", 0), ("accepted", 4_000))
    assert Account.wallet(erin.pk, "EUR").balance == 100_000 - held


@pytest.mark.django_db(transaction=True)
def test_completing_twice_at_once_completes_once(erin, wes):
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    key = uuid.uuid4()
    results = at_once(*(lambda: award.complete(by=erin, key=key) for _ in range(6)))
    assert all(isinstance(result, Award) for result in results), results
    assert AwardEvent.objects.filter(award=award, action="complete").count() == 1
