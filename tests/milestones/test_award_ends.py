"""An award that is declined, revoked or lapses gives everything back, in the same transaction (P4)."""

import datetime
import uuid

import pytest

from django.utils import timezone

from finances.ledger.models import Transfer
from milestones import escrow
from milestones.models import HeldTotal, Milestone, MilestoneEvent
from projects import ports
from projects.models import Award, AwardEvent
from tests import factories
from tests.situation import hold
from tests.steps import books, page, token_of


@pytest.fixture
def three(offer) -> list[Milestone]:
    """Three milestones held for Wes before he answers: €100.00, €150.00, €0.01."""
    return [hold(offer, f"Part {n}", amount) for n, amount in enumerate((10_000, 15_000, 1))]


def decline(award: Award) -> None:
    award.decline(by=award.freelancer, key=uuid.uuid4())


def revoke(award: Award) -> None:
    award.revoke(by=award.employer, key=uuid.uuid4())


def lapse(award: Award) -> None:
    Award.objects.filter(pk=award.pk).update(answer_by=timezone.now() - datetime.timedelta(seconds=1))
    award.lapse(key=uuid.uuid4())


ENDS = [decline, revoke, lapse]


@pytest.mark.parametrize("end", ENDS)
def test_p04_everything_held_comes_back(offer, three, erin, wes, available, end):
    end(offer)
    assert (available(erin), available(wes)) == (100_000, 0)
    assert {m.state for m in Milestone.objects.all()} == {"cancelled"}
    events = MilestoneEvent.objects.filter(action="return").order_by("milestone")
    assert [(e.milestone_id, e.amount, e.held_after) for e in events] == [(m.pk, m.amount, 0) for m in three]
    actor = {decline: wes, revoke: erin, lapse: None}[end]
    assert {e.actor for e in events} == {actor}
    ended = AwardEvent.objects.get(award=offer, action=end.__name__)
    assert {e.transfer.key for e in events} == {ended.key}  # one operation, and the award's own record names it
    assert not HeldTotal.objects.exclude(held=0, milestones=0).exists()


@pytest.mark.parametrize("end", ENDS)
def test_p04_other_awards_keep_what_is_held_for_them(offer, three, milestone, erin, held, available, end):
    end(offer)
    assert (held(milestone), available(erin)) == (40_000, 60_000)


@pytest.mark.parametrize("end", ENDS)
def test_p04_what_was_cancelled_before_comes_back_once(offer, three, erin, wes, available, end):
    three[0].cancel(by=wes, key=uuid.uuid4())
    end(offer)
    assert available(erin) == 100_000
    assert three[0].events.count() == 2


@pytest.mark.parametrize("end", ENDS)
def test_p04_an_award_with_nothing_held_just_ends(offer, erin, available, end):
    end(offer)
    offer.refresh_from_db()
    assert offer.state not in Award.STANDING
    assert available(erin) == 100_000


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("broken", ["settle", "record", "last record", "totals", "award"])
def test_p04_a_failure_in_the_middle_leaves_nothing_half_done(offer, three, erin, available, monkeypatch, end, broken):
    """Not one milestone is returned unless all are and the award has ended."""

    def fail(*args, **kwargs):
        raise OSError("the power went")

    real, calls = Milestone.record, []

    def fail_the_last_time(self, *args, **kwargs):
        calls.append(self)
        return fail() if len(calls) == 3 else real(self, *args, **kwargs)

    target, name, function = {
        "settle": (Milestone, "_settle", fail),
        "record": (Milestone, "record", fail),
        "last record": (Milestone, "record", fail_the_last_time),
        "totals": (escrow, "_take_from_totals", fail),
        "award": (Award, "record", fail),
    }[broken]
    monkeypatch.setattr(target, name, function)
    transfers = Transfer.objects.count()
    with pytest.raises(OSError, match="power"):
        end(offer)
    monkeypatch.undo()
    offer.refresh_from_db()
    assert offer.state == "awaiting"
    assert {m.state for m in Milestone.objects.all()} == {"held"}
    assert available(erin) == 100_000 - 25_001
    assert Transfer.objects.count() == transfers
    assert not MilestoneEvent.objects.filter(action="return").exists()
    assert not AwardEvent.objects.exclude(action="award").exists()
    assert books() == []
    end(offer)  # and it can be done afterwards
    assert available(erin) == 100_000


@pytest.mark.parametrize("end", ENDS)
def test_p04_no_award_ends_while_nobody_keeps_the_money(offer, three, erin, monkeypatch, available, end):
    monkeypatch.setattr(ports, "_plugged", [])
    with pytest.raises(RuntimeError, match="no escrow is plugged in"):
        end(offer)
    offer.refresh_from_db()
    assert offer.state == "awaiting"
    assert available(erin) == 100_000 - 25_001


def test_p04_the_question_says_how_much_comes_back_and_the_answer_moves_it(
    offer, three, erin, wes, signed_in, available
):
    client, url = signed_in(wes), f"/awards/{offer.pk}/decline/"
    question = client.get(url)
    assert "€250.01" in page(question)
    assert available(erin) == 100_000 - 25_001
    assert client.post(url, {"token": token_of(question)}).status_code == 302
    assert available(erin) == 100_000


def test_p04_a_milestone_made_after_the_question_makes_it_stale(offer, three, erin, wes, signed_in, available):
    """P25: the sum that would go back is another one now."""
    client, url = signed_in(wes), f"/awards/{offer.pk}/decline/"
    token = token_of(client.get(url))
    hold(offer, "One more", 5_000)
    response = client.post(url, {"token": token})
    assert response.status_code == 409
    assert "€300.01" in page(response)
    assert available(erin) == 100_000 - 30_001


def test_p33_p34_after_the_end_nobody_can_release_or_cancel(offer, three, erin, wes, signed_in):
    decline(offer)
    for person in (erin, wes):
        client = signed_in(person)
        assert client.get(f"/milestones/{three[0].pk}/cancel/").status_code == 409
    assert signed_in(erin).get(f"/milestones/{three[0].pk}/release/").status_code == 409
    assert factories.award(offer.bid).state == "awaiting"  # and the bid can be awarded anew
