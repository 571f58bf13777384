"""What "done" means: written before acceptance by the employer, changed by consent from then on (issue 4, point 4)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied

from accounts.models import Notification
from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from milestones.models import AskEvent, CriteriaChange, Milestone
from milestones.models.criteria_changes import edit, rewrite
from tests.situation import hold
from tests.steps import confirm, error_at, page, token_of

pytestmark = pytest.mark.django_db

LINES = ["Twelve pictures", "Works on a phone"]


def lines(milestone) -> list[str]:
    return [line.words for line in Milestone.objects.get(pk=milestone.pk).criteria.all()]


def propose(milestone, *wanted, by) -> CriteriaChange:
    return CriteriaChange.propose(milestone, wanted, by=by, key=uuid.uuid4())


def test_the_employer_writes_it_before_acceptance_and_the_freelancer_sees_it(offered, erin, wes, signed_in):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/criteria/"
    assert "Twelve pictures" not in page(client.get(url))
    seen = Milestone.objects.get(pk=offered.pk).seen_version
    answer = client.post(url, {"criteria": "\n".join(LINES), "own": "1", "seen": seen})
    assert answer.status_code == 302
    assert lines(offered) == LINES
    assert "Works on a phone" in page(signed_in(wes).get(offered.get_absolute_url()))
    assert AskEvent.objects.get(kind="criteria").shown == {"before": [], "after": LINES}
    assert Notification.objects.get(kind="criteria-edited").member == wes


def test_who_is_about_to_accept_looks_again(offer, offered, erin, wes, signed_in):
    client, url = signed_in(wes), f"/awards/{offer.pk}/accept/"
    token = token_of(client.get(url))
    edit(offered, LINES, by=erin, key=uuid.uuid4())
    assert confirm(client, url, token).status_code == 409
    offer.refresh_from_db()
    assert offer.state == "awaiting"


def test_before_acceptance_nobody_else_writes_it(offered, wes, ana, signed_in):
    with pytest.raises(PermissionDenied):
        edit(offered, LINES, by=wes, key=uuid.uuid4())
    assert signed_in(wes).get(f"/milestones/{offered.pk}/criteria/").status_code == 403
    assert signed_in(ana).get(f"/milestones/{offered.pk}/criteria/").status_code == 404
    with pytest.raises(WrongState, match="Until the project is accepted"):
        propose(offered, "Neat", by=wes)


def test_from_acceptance_on_the_employer_alone_cannot(milestone, erin, signed_in):
    with pytest.raises(WrongState, match="both sides have to agree"):
        edit(milestone, LINES, by=erin, key=uuid.uuid4())
    # A form that was opened before the acceptance, and sent after it:
    answer = signed_in(erin).post(
        f"/milestones/{milestone.pk}/criteria/", {"criteria": "Mine", "own": "1", "seen": milestone.seen_version}
    )
    assert answer.status_code == 409
    assert lines(milestone) == []


@pytest.mark.parametrize("proposer", ["erin", "wes"])
def test_it_changes_when_the_other_side_agrees(milestone, proposer, request, erin, wes, signed_in):
    rewrite(milestone, LINES)
    by = request.getfixturevalue(proposer)
    other = wes if by == erin else erin
    change = propose(milestone, "Twelve pictures", "In colour", by=by)
    assert lines(milestone) == LINES
    shown = page(signed_in(other).get(milestone.get_absolute_url()))
    assert 'In colour <span class="chip chip--positive">new</span>' in shown
    assert 'Works on a phone <span class="chip chip--negative">falls away</span>' in shown
    with pytest.raises(PermissionDenied):
        change.agree(by=by, key=uuid.uuid4())
    key = uuid.uuid4()
    for _ in range(2):  # a double click
        change.agree(by=other, key=key)
    assert lines(milestone) == ["Twelve pictures", "In colour"]
    event = AskEvent.objects.get(kind="criteria-change", action="agree")
    assert event.shown == {"before": LINES, "after": ["Twelve pictures", "In colour"]}
    assert [note.member for note in Notification.objects.filter(kind="criteria-agreed")] == [by]


def test_refused_or_taken_back_it_stays_as_it_was(milestone, erin, wes, signed_in):
    rewrite(milestone, LINES)
    change = propose(milestone, "In colour", by=erin)
    url = f"/criteria-changes/{change.pk}/refuse/"
    assert signed_in(erin).post(url, {"reason": "No"}).status_code == 403
    assert signed_in(wes).post(url, {"reason": ""}).status_code == 422
    assert signed_in(wes).post(url, {"reason": "Black and white was agreed."}).status_code == 302
    again = propose(milestone, "In colour", by=erin)
    assert signed_in(wes).post(f"/criteria-changes/{again.pk}/withdraw/").status_code == 403
    assert signed_in(erin).post(f"/criteria-changes/{again.pk}/withdraw/").status_code == 302
    assert signed_in(wes).post(f"/criteria-changes/{again.pk}/agree/").status_code == 409
    assert lines(milestone) == LINES


def test_one_proposal_waits_at_a_time(milestone, erin, wes):
    propose(milestone, "In colour", by=erin)
    with pytest.raises(WrongState, match="proposed already"):
        propose(milestone, "In sepia", by=wes)


def test_strangers_learn_nothing(milestone, erin, ana, signed_in):
    change = propose(milestone, "In colour", by=erin)
    for url in ("agree", "refuse", "withdraw"):
        assert signed_in(ana).get(f"/criteria-changes/{change.pk}/{url}/").status_code == 404
    with pytest.raises(PermissionDenied):
        change.agree(by=ana, key=uuid.uuid4())


def test_nothing_is_proposed_once_nothing_is_held_and_what_waits_is_overtaken(milestone, erin, wes):
    change = propose(milestone, "In colour", by=wes)
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    change.refresh_from_db()
    assert change.state == "overtaken"
    with pytest.raises(WrongState, match="Nothing of this milestone is held"):
        propose(milestone, "In sepia", by=wes)


def test_a_form_that_was_opened_before_another_change_is_stale(milestone, erin, wes, signed_in):
    old = milestone.seen_version
    propose(milestone, "In colour", by=erin).agree(by=wes, key=uuid.uuid4())
    answer = signed_in(wes).post(f"/milestones/{milestone.pk}/criteria/", {"criteria": "In sepia", "seen": old})
    assert answer.status_code == 409
    with pytest.raises(WrongState):
        CriteriaChange.propose(milestone, ["x"], by=wes, key=uuid.uuid4(), seen=Seen(old))


@pytest.mark.parametrize(
    "typed", ["\n".join(f"Line {number}" for number in range(13)), "x" * 201, "turns \u202e around"]
)
def test_ugly_lists_are_refused_at_the_field(offered, erin, signed_in, typed):
    seen = Milestone.objects.get(pk=offered.pk).seen_version
    answer = signed_in(erin).post(f"/milestones/{offered.pk}/criteria/", {"criteria": typed, "own": "1", "seen": seen})
    assert answer.status_code == 422
    assert error_at(answer, "criteria")
    assert lines(offered) == []


def test_a_list_that_is_not_changed_is_no_change(milestone, wes, signed_in):
    rewrite(milestone, LINES)
    seen = milestone.seen_version
    answer = signed_in(wes).post(f"/milestones/{milestone.pk}/criteria/", {"criteria": "\n".join(LINES), "seen": seen})
    assert "reads like this already" in error_at(answer, "criteria")


def test_p25_going_back_and_saving_another_list_is_not_taken_for_the_first(offered, erin, signed_in):
    """The form that the browser still has carries the same key: nothing is said to be saved that isn't."""
    client, url = signed_in(erin), f"/milestones/{offered.pk}/criteria/"
    form = {"own": "1", "key": str(uuid.uuid4()), "seen": Milestone.objects.get(pk=offered.pk).seen_version}
    assert client.post(url, {**form, "criteria": "Neat"}).status_code == 302
    assert client.post(url, {**form, "criteria": "Neater"}).status_code == 409
    assert lines(offered) == ["Neat"]
    seen = Milestone.objects.get(pk=offered.pk).seen_version
    assert client.post(url, {**form, "seen": seen, "criteria": "Neater"}).status_code == 302
    assert lines(offered) == ["Neater"]


def test_a_key_of_another_step_is_refused_and_changes_nothing(milestone, award, erin, wes):
    other, key = hold(award, "Map", 5_000), uuid.uuid4()
    first, second = propose(milestone, "In colour", by=erin), propose(other, "To scale", by=erin)
    first.take("refuse", by=wes, key=key)
    of_first = AskEvent.objects.get(kind="criteria-change", ask_id=first.pk, action="ask").key
    for step in (
        lambda: second.take("refuse", by=wes, key=key),
        lambda: second.agree(by=wes, key=key),
        lambda: edit(other, ["Mine"], by=erin, key=key),
        lambda: CriteriaChange.propose(other, ["Mine"], by=erin, key=of_first),
    ):
        with pytest.raises(KeyConflict):
            step()
    second.refresh_from_db()
    assert (second.state, lines(other)) == ("waiting", [])
