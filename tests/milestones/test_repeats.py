"""A form that is sent once more: a double click does nothing anew, and nothing that was written is lost (P23, P82)."""

import uuid
from typing import Any

import pytest

from milestones.models import CancelRequest, CriteriaChange, Milestone, MilestoneRequest, ReleaseRequest, ReturnRequest
from milestones.models.criteria_changes import edit
from tests.situation import hold
from tests.steps import page

pytestmark = pytest.mark.django_db


def words_of(milestone) -> list[str]:
    return [line.words for line in Milestone.objects.get(pk=milestone.pk).criteria.all()]


def test_a_list_that_was_changed_after_going_back_is_not_taken_for_saved(offered, erin, signed_in):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/criteria/"
    form = {"key": str(uuid.uuid4()), "own": "1", "seen": offered.seen_version}
    assert client.post(url, {**form, "criteria": "Neat"}).status_code == 302
    assert client.post(url, {**form, "criteria": "Neat"}).status_code == 422  # it reads like this already
    assert client.post(url, {**form, "criteria": "Neat\nQuick"}).status_code == 409
    assert words_of(offered) == ["Neat"]


def test_a_list_that_was_changed_again_since_is_not_taken_for_saved(offered, erin, signed_in):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/criteria/"
    form = {"key": str(uuid.uuid4()), "own": "1", "seen": offered.seen_version, "criteria": "Neat"}
    assert client.post(url, form).status_code == 302
    edit(offered, ["Quick"], by=erin, key=uuid.uuid4())
    assert client.post(url, form).status_code == 409
    assert words_of(offered) == ["Quick"]


def test_a_form_that_is_shown_again_keeps_what_was_seen_first(offered, erin, signed_in):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/criteria/"
    form = {"key": str(uuid.uuid4()), "own": "1", "seen": offered.seen_version}
    edit(offered, ["Quick"], by=erin, key=uuid.uuid4())
    again = client.post(url, {**form, "criteria": "x" * 500})
    assert again.status_code == 422
    assert f'name="seen" value="{form["seen"]}"' in page(again)


def test_one_form_sent_for_two_milestones_asks_for_both(award, milestone, erin, signed_in):
    other, client = hold(award, "Frames", 5000), signed_in(erin)
    form = {"key": str(uuid.uuid4()), "reason": "The house is sold."}
    for each in (milestone, milestone, other):
        assert client.post(f"/milestones/{each.pk}/cancel-request/", form).status_code == 302
    assert set(CancelRequest.objects.values_list("milestone", flat=True)) == {milestone.pk, other.pk}


def test_one_key_for_asking_and_taking_back_is_answered(milestone, erin, signed_in):
    client, key = signed_in(erin), str(uuid.uuid4())
    asking = f"/milestones/{milestone.pk}/cancel-request/"
    client.post(asking, {"key": key, "reason": "The house is sold."})
    asked = CancelRequest.objects.get()
    assert client.post(f"/cancel-requests/{asked.pk}/withdraw/", {"key": key}).status_code == 302
    # Going back to the form, and sending it as it was: it is not said to be asked when it is not.
    assert client.post(asking, {"key": key, "reason": "The house is sold."}).status_code == 409
    assert client.post(asking, {"key": key, "reason": "It is sold after all."}).status_code == 302
    assert list(CancelRequest.objects.order_by("id").values_list("state", flat=True)) == ["withdrawn", "waiting"]


def test_a_request_for_a_milestone_that_was_withdrawn_is_not_said_to_be_told(award, wes, signed_in):
    client, url = signed_in(wes), f"/awards/{award.pk}/milestone-requests/new/"
    form = {"key": str(uuid.uuid4()), "amount": "50", "task": "Map"}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    asked = MilestoneRequest.objects.get()
    asked.take("withdraw", by=wes, key=uuid.uuid4())
    assert client.post(url, form).status_code == 409
    assert MilestoneRequest.objects.count() == 1


def test_an_edit_that_was_edited_again_is_not_said_to_stand(award, wes, signed_in):
    about: dict[str, Any] = {"task": "Map", "amount": 5000, "advance": False}
    asked = MilestoneRequest.ask(award, by=wes, key=uuid.uuid4(), **about)
    client, url = signed_in(wes), f"/milestone-requests/{asked.pk}/edit/"
    form = {"key": str(uuid.uuid4()), "version": asked.seen_version, "amount": "60", "task": "Map"}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    asked.edit(by=wes, key=uuid.uuid4(), **{**about, "amount": 7000})
    assert client.post(url, form).status_code == 409
    asked.refresh_from_db()
    assert asked.amount == 7000


def test_another_sum_after_going_back_is_not_taken_for_asked(milestone, erin, wes, signed_in):
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/ask-release/"
    form = {"key": str(uuid.uuid4()), "amount": "100", "note": ""}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert client.post(url, {**form, "amount": "200"}).status_code == 409
    assert ReleaseRequest.objects.get().amount == 10000
    milestone.release(10000, by=erin, key=uuid.uuid4())
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/return-request/"
    form = {"key": str(uuid.uuid4()), "amount": "20", "reason": "A frame is missing."}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert client.post(url, {**form, "amount": "30"}).status_code == 409
    assert ReturnRequest.objects.get().amount == 2000


def test_another_change_after_going_back_is_not_taken_for_proposed(milestone, wes, signed_in):
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/criteria/"
    form = {"key": str(uuid.uuid4()), "seen": milestone.seen_version, "criteria": "Neat", "note": ""}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert client.post(url, {**form, "criteria": "Quick"}).status_code == 409
    assert CriteriaChange.objects.get().lines == ["Neat"]
