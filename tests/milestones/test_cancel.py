"""Cancelling: the employer until acceptance, the freelancer whenever something is held (P33, P34)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied

from accounts.models import Notification
from config.refusals import WrongState
from milestones.models import MilestoneEvent
from tests import factories
from tests.situation import hold
from tests.steps import HTMX, ask, confirm, page, token_of


@pytest.fixture
def cancel():
    """``cancel(client, milestone)`` takes both steps."""

    def cancel(client, milestone, **typed):
        url = f"/milestones/{milestone.pk}/cancel/"
        return confirm(client, url, ask(client, url, **typed))

    return cancel


def pages_of(milestone, tab: str) -> list[str]:
    return [milestone.get_absolute_url(), milestone.award.project.get_absolute_url(), f"/finances/{tab}/"]


def test_p33_the_employer_sees_cancel_before_acceptance_and_not_after(offered, erin, wes, signed_in):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/cancel/"
    for address in pages_of(offered, "outgoing"):
        text = page(client.get(address))
        assert f'href="{url}"' in text, address
        assert ">Cancel<" in text
    offered.award.accept(by=wes, key=uuid.uuid4())
    for address in pages_of(offered, "outgoing"):
        assert url not in page(client.get(address)), address


def test_p33_the_employer_is_warned_and_gets_it_all_back(offered, erin, wes, signed_in, available, held):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/cancel/"
    asked = page(client.get(url))
    assert '<p class="notice notice--caution">Cancelling may delay the start of the work: Wes will' in asked
    assert '<button class="btn">Cancel milestone</button>' in asked, "the button says what it does"
    response = client.post(url, {"reason": "Wrong sum."})
    text = page(response)
    assert "Take €200.00 back and cancel the milestone?" in text
    assert "Cancelling may delay the start of the work" in text
    assert ">Yes, cancel the milestone</button>" in text
    assert (held(offered), available(erin)) == (20_000, 80_000)
    answer = confirm(client, url, token_of(response))
    event = MilestoneEvent.objects.get(action="withdraw")
    assert (answer.status_code, answer["Location"]) == (302, event.get_absolute_url())
    offered.refresh_from_db()
    assert (offered.state, held(offered), available(erin)) == ("cancelled", 0, 100_000)
    assert event.note == "Wrong sum."
    assert Notification.objects.filter(member=wes, kind="milestone-cancelled-by-employer").count() == 1


def test_p33_after_acceptance_no_request_made_by_hand_works(award, milestone, erin, signed_in, held):
    others = [hold(award, f"Part {n}", 1_000) for n in range(3)]
    client = signed_in(erin)
    for each in (milestone, *others):
        url = f"/milestones/{each.pk}/cancel/"
        for response in (client.get(url), client.post(url), client.post(url, {"reason": "x"}), client.head(url)):
            assert response.status_code == 403
        assert "From then on only the freelancer can cancel a milestone." in page(client.get(url))
        assert client.post(url, {"token": "made:by:hand"}).status_code == 422
        with pytest.raises(PermissionDenied):
            each.cancel(by=erin, key=uuid.uuid4())
    assert (held(milestone), [held(each) for each in others]) == (40_000, [1_000] * 3)


def test_p33_acceptance_takes_it_away_at_once_for_all_milestones(offer, offered, erin, wes, signed_in, held):
    """P25: dialogs that were open then are refused, and say what is true now."""
    client = signed_in(erin)
    asked = []
    for each in (offered, *(hold(offer, f"Part {n}", 1_000) for n in range(3))):
        url = f"/milestones/{each.pk}/cancel/"
        asked.append((each, url, ask(client, url)))
    offer.accept(by=wes, key=uuid.uuid4())
    for each, url, token in asked:
        response = confirm(client, url, token)
        text = page(response)
        assert response.status_code == 409
        assert "The freelancer has accepted the project." in text
        assert "<dt>Award</dt><dd>In progress</dd>" in text
        assert held(each) == each.amount
    assert not MilestoneEvent.objects.filter(action="withdraw").exists()


@pytest.mark.parametrize("end", ["decline", "revoke"])
def test_p82_of_an_award_that_ended_it_says_that_it_is_cancelled(offer, offered, erin, wes, signed_in, end):
    """Not that the freelancer accepted, which isn't true."""
    getattr(offer, end)(by={"decline": wes, "revoke": erin}[end], key=uuid.uuid4())
    response = signed_in(erin).get(f"/milestones/{offered.pk}/cancel/")
    assert response.status_code == 409
    assert "it is “Cancelled” now" in page(response)
    assert "accepted" not in page(response)


def test_p34_the_freelancer_cancels_before_acceptance(offered, erin, wes, signed_in, cancel, available):
    assert cancel(signed_in(wes), offered).status_code == 302
    assert available(erin) == 100_000


def test_p34_the_freelancer_cancels_what_is_left_and_keeps_what_was_released(
    milestone, erin, wes, signed_in, available, held
):
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/cancel/"
    for address in pages_of(milestone, "incoming"):
        text = page(client.get(address))
        assert f'href="{url}"' in text, address
        assert ">Cancel milestone<" in text
    assert "What was released to you stays yours." in page(client.get(url))
    response = client.post(url, {"reason": ""})
    assert "Return €250.00 to Erin?" in page(response)
    assert '<dt>Stays released</dt><dd><data value="150.00">€150.00</data>' in page(response)
    assert held(milestone) == 25_000
    answer = confirm(client, url, token_of(response), headers=HTMX)
    assert answer["HX-Redirect"] == MilestoneEvent.objects.get(action="cancel").get_absolute_url()
    milestone.refresh_from_db()
    assert (milestone.state, held(milestone)) == ("cancelled", 0)
    assert (available(erin), available(wes)) == (85_000, 15_000)
    assert Notification.objects.filter(member=erin, kind="milestone-cancelled-by-freelancer").count() == 1


def test_p34_cancelled_once_however_often_it_is_sent(milestone, wes, signed_in, available, erin):
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/cancel/"
    token = ask(client, url)
    answers = {(a.status_code, a["Location"]) for a in (confirm(client, url, token) for _ in range(4))}
    assert answers == {(302, MilestoneEvent.objects.get(action="cancel").get_absolute_url())}
    assert available(erin) == 100_000


def test_p34_nothing_is_left_to_cancel_after_all_was_released(milestone, erin, wes, signed_in, available):
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/cancel/"
    assert url not in page(client.get(milestone.get_absolute_url()))
    for response in (client.get(url), client.post(url)):
        assert response.status_code == 409
        assert "it is “Released” now" in page(response)
        assert '<dt>Released so far</dt><dd><data value="400.00">€400.00</data>' in page(response)
    with pytest.raises(WrongState):
        milestone.cancel(by=wes, key=uuid.uuid4())
    assert available(wes) == 40_000


def test_p34_no_other_freelancer_can_not_even_on_the_same_project(milestone, erin, ana, sam, signed_in, held):
    bid = factories.BidFactory(project=milestone.award.project, freelancer=ana)
    factories.accepted(factories.award(bid))
    for person in (ana, sam):
        client = signed_in(person)
        assert client.get(milestone.get_absolute_url()).status_code == 404
        for url in (f"/milestones/{milestone.pk}/{step}/" for step in ("cancel", "release")):
            for method in ("get", "post", "head"):
                assert getattr(client, method)(url).status_code == 404
            assert client.post(url, {"token": "x"}).status_code == 404
        with pytest.raises(PermissionDenied):
            milestone.cancel(by=person, key=uuid.uuid4())
        assert "Photo gallery" not in page(client.get(milestone.award.project.get_absolute_url()))
    assert held(milestone) == 40_000


def test_a_reason_has_bounds(milestone, wes, signed_in):
    url = f"/milestones/{milestone.pk}/cancel/"
    for reason in ("x" * 501, "a\0b", "a\u202eb"):
        assert signed_in(wes).post(url, {"reason": reason}).status_code == 422
    assert "Return €400.00" in page(signed_in(wes).post(url))
