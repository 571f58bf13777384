"""A freelancer asks for a milestone; nothing is held until the employer makes one of it (P30, P31)."""

import uuid
from functools import partial

import pytest

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from accounts.models import Notification
from accounts.notices import sentence
from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from milestones.lifecycle import MOST_WAITING, REQUEST
from milestones.models import AskEvent, Milestone, MilestoneRequest
from milestones.models.requests import SHOWN_REQUEST, SHOWN_VERSION

pytestmark = pytest.mark.django_db


def asked(award, amount=25_000, task="Map", **more) -> MilestoneRequest:
    """The award's freelancer asks for *amount*."""
    key = more.pop("key", None) or uuid.uuid4()
    return MilestoneRequest.ask(award, by=award.freelancer, key=key, amount=amount, task=task, **more)


def made_of(request, amount=None, **more) -> Milestone:
    """The employer makes a milestone of *request*, of another *amount* if it is named."""
    key = more.pop("key", None) or uuid.uuid4()
    what = {"task": request.task, "amount": amount or request.amount, "by": request.award.employer}
    return Milestone.create(request.award, **what, key=key, request=request.pk, **more)


def told(member) -> list[str]:
    return [sentence(n) for n in Notification.objects.filter(member=member, kind__startswith="milestone-re")]


def state(request) -> str:
    return MilestoneRequest.objects.get(pk=request.pk).state


def test_p30_asking_holds_nothing_and_tells_the_employer(award, employer, wes, available):
    request = asked(award, note="The drafts are done.")
    assert (request.state, request.amount, request.task) == ("waiting", 25_000, "Map")
    assert not Milestone.objects.exists()
    assert available(employer) == 100_000
    assert told(employer) == ["Wes Adeyemi asks you for a milestone of €250.00: Map"]
    event = AskEvent.objects.get()
    assert (event.action, event.actor, event.amount, event.note) == ("ask", wes, 25_000, "The drafts are done.")
    assert (event.kind, event.ask_id) == ("milestone-request", request.pk)


def test_p30_it_can_be_asked_before_the_award_is_accepted(offer):
    assert asked(offer).state == "waiting"


def test_p31_the_employer_is_told_that_it_is_an_advance(award, employer):
    asked(award, advance=True)
    assert told(employer) == ["Wes Adeyemi asks you for an advance of €250.00: Map"]


def test_p30_making_a_milestone_of_it_answers_it(award, employer, wes, held):
    request = asked(award)
    milestone = made_of(request)
    request.refresh_from_db()
    assert (request.state, request.made) == ("agreed", milestone)
    assert held(milestone) == 25_000
    assert told(wes) == ["Erin Vogel put €250.00 on hold for you, as you had asked: Map"]
    assert not wes.notifications.filter(kind="milestone-created").exists()  # told once
    event = AskEvent.objects.get(action="fulfil")
    assert (event.actor, event.amount, event.ask_id) == (employer, 25_000, request.pk)


def test_p30_another_sum_than_was_asked_for_is_said(award, wes):
    request = asked(award)
    milestone = made_of(request, 10_000)
    assert told(wes) == ["Erin Vogel put €100.00 on hold for you, where you had asked for €250.00: Map"]
    request.refresh_from_db()
    assert (request.amount, milestone.amount) == (25_000, 10_000)
    assert AskEvent.objects.get(action="fulfil").amount == 10_000


def test_p30_declining_takes_a_reason_to_the_freelancer(award, employer, wes):
    request = asked(award)
    request.take("decline", by=employer, key=uuid.uuid4(), note="Not before June.")
    request.refresh_from_db()
    assert (request.state, request.answer) == ("refused", "Not before June.")
    assert told(wes) == ["Erin Vogel declined your request for €250.00: Map. “Not before June.”"]


def test_p30_withdrawing_and_editing_tell_the_employer(award, employer, wes):
    request = asked(award)
    change = {"task": "Big map", "amount": 30_000, "advance": True}
    request.edit(by=wes, key=uuid.uuid4(), **change)
    request.take("withdraw", by=wes, key=uuid.uuid4())
    request.refresh_from_db()
    assert (request.task, request.amount, request.advance, request.state) == ("Big map", 30_000, True, "withdrawn")
    assert told(employer)[1:] == [
        "Wes Adeyemi changed a request. It now asks you for €300.00: Big map",
        "Wes Adeyemi no longer asks you for €300.00: Big map",
    ]
    assert list(AskEvent.objects.order_by("id").values_list("action", flat=True)) == ["ask", "edit", "withdraw"]


def test_p30_everybody_does_only_their_own_steps(award, employer, wes, sam):
    request, key = asked(award), uuid.uuid4()
    change = {"task": "x", "amount": 1, "advance": False}
    for by in (employer, sam):
        with pytest.raises(PermissionDenied):
            MilestoneRequest.ask(award, by=by, key=key, amount=1, task="x")
        with pytest.raises(PermissionDenied):
            request.edit(by=by, key=key, **change)
        with pytest.raises(PermissionDenied):
            request.take("withdraw", by=by, key=key)
    for by in (wes, sam):
        with pytest.raises(PermissionDenied):
            request.take("decline", by=by, key=key, note="x")
        with pytest.raises(PermissionDenied):
            Milestone.create(award, task="x", amount=1, by=by, key=key, request=request.pk)
        with pytest.raises(PermissionDenied):
            request.fulfil(Milestone(award=award), by=by, key=key)
    assert (AskEvent.objects.count(), Milestone.objects.count()) == (1, 0)
    assert [row.name for row in request.actions_for(employer)] == ["fulfil", "decline"]
    assert [row.name for row in request.actions_for(wes)] == ["edit", "withdraw"]
    assert request.actions_for(sam) == []


@pytest.mark.parametrize("end", ["decline", "withdraw", "fulfil", "revoke"])
def test_p30_an_answered_request_is_at_its_end(offer, employer, wes, available, end):
    request = asked(offer)
    ends = {
        "decline": partial(request.take, "decline", by=employer, note="No."),
        "withdraw": partial(request.take, "withdraw", by=wes),
        "fulfil": partial(made_of, request),
        "revoke": partial(offer.revoke, by=employer),
    }
    ends[end](key=uuid.uuid4())
    was = {"decline": "refused", "withdraw": "withdrawn", "fulfil": "agreed", "revoke": "overtaken"}[end]
    assert state(request) == was
    number, left = Milestone.objects.count(), available(employer)
    again = {
        **{name: ends[name] for name in ("decline", "withdraw", "fulfil")},
        "edit": partial(request.edit, by=wes, task="x", amount=1, advance=False),
    }
    for verb in again.values():
        with pytest.raises(WrongState):
            verb(key=uuid.uuid4())
    assert (state(request), Milestone.objects.count(), available(employer)) == (was, number, left)


def test_p30_several_wait_at_once_up_to_a_bound(award):
    for _each in range(MOST_WAITING):
        last = asked(award)
    with pytest.raises(WrongState, match=f"not more than {MOST_WAITING} requests"):
        asked(award)
    last.take("withdraw", by=award.freelancer, key=uuid.uuid4())
    asked(award)
    assert str(MOST_WAITING) in str(REQUEST["ask"].when_words)


def test_nothing_can_be_asked_of_an_award_that_has_ended_or_is_about_to_lapse(offer, employer, time_machine):
    time_machine.move_to(offer.answer_by)
    with pytest.raises(WrongState):
        asked(offer)
    offer.revoke(by=employer, key=uuid.uuid4())
    with pytest.raises(WrongState):
        asked(offer)
    assert not MilestoneRequest.objects.exists()


def test_p30_a_request_of_another_award_is_not_answered(award, offer, employer, available):
    request = asked(offer)
    with pytest.raises(WrongState, match="no such request"):
        Milestone.create(award, task="x", amount=100, by=employer, key=uuid.uuid4(), request=request.pk)
    with pytest.raises(WrongState, match="no such request"):
        Milestone.create(award, task="x", amount=100, by=employer, key=uuid.uuid4(), request=request.pk + 1)
    assert (state(request), Milestone.objects.count(), available(employer)) == ("waiting", 0, 100_000)


def test_every_step_is_done_once_a_key(award, employer, wes, available):
    keys = [uuid.uuid4() for _ in range(4)]
    first, second = asked(award, key=keys[0]), asked(award, key=keys[0])
    assert first == second
    for _twice in range(2):
        first.edit(by=wes, key=keys[1], task="Map", amount=26_000, advance=False)
    first.refresh_from_db()
    assert made_of(first, key=keys[2]) == made_of(first, key=keys[2])
    other = asked(award)
    for _twice in range(2):
        other.take("decline", by=employer, key=keys[3], note="No.")
    with pytest.raises(KeyConflict):
        other.take("withdraw", by=wes, key=keys[3])
    assert AskEvent.objects.count() == 5
    assert available(employer) == 74_000
    assert wes.notifications.filter(kind__startswith="milestone-request").count() == 2


def test_p25_a_changed_request_is_not_what_was_seen(award, employer, wes, available):
    request = asked(award)
    seen = Seen(None, {SHOWN_REQUEST: request.pk, SHOWN_VERSION: request.version})
    request.edit(by=wes, key=uuid.uuid4(), task="Map", amount=90_000, advance=False)
    with pytest.raises(WrongState, match="Wes has changed the request"):
        made_of(request, seen=seen)
    with pytest.raises(WrongState):
        request.take("decline", by=employer, key=uuid.uuid4(), seen=Seen("1..accepted"), note="No.")
    with pytest.raises(WrongState):
        request.edit(by=wes, key=uuid.uuid4(), seen=Seen("1..accepted"), task="x", amount=1, advance=False)
    assert (state(request), Milestone.objects.count(), available(employer)) == ("waiting", 0, 100_000)


def test_p31_what_is_made_of_it_ends_nothing_when_it_is_released(award, employer):
    """The milestone that was made is not what a request is about: its end changes no request."""
    request, other = asked(award, advance=True), asked(award)
    milestone = made_of(request, advance=True)
    assert milestone.advance
    milestone.release(25_000, by=employer, key=uuid.uuid4())
    assert (state(request), state(other)) == ("agreed", "waiting")


def test_an_answered_request_is_history(award, offer, wes):
    request = asked(award)
    request.take("withdraw", by=wes, key=uuid.uuid4())
    waiting = asked(award)
    for change in (
        lambda: MilestoneRequest.objects.filter(pk=request.pk).update(amount=1),
        lambda: MilestoneRequest.objects.filter(pk=request.pk).update(state="waiting"),
        lambda: MilestoneRequest.objects.filter(pk=request.pk).delete(),
        lambda: MilestoneRequest.objects.filter(pk=waiting.pk).update(award=offer),
        lambda: MilestoneRequest.objects.filter(pk=waiting.pk).update(state="agreed"),
        lambda: MilestoneRequest.objects.filter(pk=waiting.pk).update(amount=0),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_only_its_parties_see_a_request(award, employer, wes, ana, sam):
    request = asked(award)
    for person, sees in ((employer, True), (wes, True), (ana, False), (sam, False)):
        assert MilestoneRequest.objects.visible_to(person).filter(pk=request.pk).exists() is sees


def test_requests_of_one_award_leave_those_of_another_alone(award, offer, employer, wes):
    theirs, ours = asked(award), asked(offer)
    offer.revoke(by=employer, key=uuid.uuid4())
    assert (state(theirs), state(ours)) == ("waiting", "overtaken")
