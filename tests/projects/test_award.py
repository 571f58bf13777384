"""Awarding a bid: ask, then act on exactly what was shown (P4)."""

import uuid

import pytest

from accounts.models import Notification
from projects.models import Award, AwardEvent, Bid
from tests import factories
from tests.tokens import token_of


@pytest.fixture
def bid(erin, wes) -> Bid:
    return factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=wes, days=10)


@pytest.fixture
def url(bid) -> str:
    return f"/bids/{bid.pk}/award/"


def test_asks_first_and_awards_nothing(bid, url, erin, signed_in):
    response = signed_in(erin).get(url)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Award the project to Wes?" in page
    assert "€1,000.00" in page
    assert "10 days" in page
    assert "36 hours" in page
    assert not Award.objects.exists()


def test_awards_what_was_shown_and_records_it(bid, url, erin, wes, signed_in):
    """P4, P26"""
    client = signed_in(erin)
    response = client.post(url, {"token": token_of(client.get(url))})
    award = Award.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/awards/{award.pk}/milestones/"
    assert (award.state, award.employer, award.freelancer, award.amount) == ("awaiting", erin, wes, 100_000)
    event = AwardEvent.objects.get(award=award)
    assert (event.action, event.actor, event.address, event.shown["amount"]) == ("award", erin, "127.0.0.1", 100_000)
    assert Notification.objects.filter(member=wes, kind="award-made").count() == 1


def test_p5_sends_a_dialog_to_the_page_that_asks_for_milestones(url, bid, erin, signed_in):
    client = signed_in(erin)
    htmx = {"HX-Request": "true", "HX-Target": "dialog"}
    dialog = client.get(url, headers=htmx)
    assert "<html" not in dialog.content.decode()
    response = client.post(url, {"token": token_of(dialog)}, headers=htmx)
    assert response["HX-Redirect"] == f"/awards/{Award.objects.get().pk}/milestones/"


def test_the_same_confirmation_again_has_one_effect_and_the_same_answer(bid, url, erin, wes, signed_in):
    client = signed_in(erin)
    token = token_of(client.get(url))
    answers = [client.post(url, {"token": token}) for _ in range(3)]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, f"/awards/{Award.objects.get().pk}/milestones/")}
    assert Award.objects.count() == 1
    assert Notification.objects.filter(member=wes, kind="award-made").count() == 1


def test_a_repeat_after_it_expired_still_finds_its_award(bid, url, erin, signed_in, time_machine):
    time_machine.move_to("2026-11-24 10:00:00 +0000")
    client = signed_in(erin)
    token = token_of(client.get(url))
    client.post(url, {"token": token})
    time_machine.shift(601)
    assert client.post(url, {"token": token}).status_code == 302
    assert Award.objects.count() == 1


def test_an_expired_confirmation_awards_nothing(bid, url, erin, signed_in, time_machine):
    time_machine.move_to("2026-11-24 10:00:00 +0000")
    client = signed_in(erin)
    token = token_of(client.get(url))
    time_machine.shift(601)
    response = client.post(url, {"token": token})
    assert response.status_code == 409
    assert "too long ago" in response.content.decode()
    assert not Award.objects.exists()


def test_a_bid_that_was_revised_meanwhile_is_not_awarded(bid, url, erin, wes, signed_in):
    """P25: the page says what is true now."""
    client = signed_in(erin)
    token = token_of(client.get(url))
    bid.revise(by=wes, amount=250_000, days=30, proposal="More, on reflection.")
    response = client.post(url, {"token": token})
    assert response.status_code == 409
    assert "€2,500.00" in response.content.decode()
    assert not Award.objects.exists()


def test_a_dialog_from_before_a_revoked_award_is_stale(bid, url, erin, signed_in):
    client = signed_in(erin)
    token = token_of(client.get(url))
    factories.award(bid).revoke(by=erin, key=uuid.uuid4())
    assert client.post(url, {"token": token}).status_code == 409
    assert Award.objects.count() == 1


def test_a_withdrawn_bid_is_gone_for_the_employer(bid, url, erin, wes, signed_in):
    bid.withdraw(by=wes)
    assert signed_in(erin).get(url).status_code == 404


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c", "\0", "é" * 5000])
def test_an_unreadable_confirmation_is_refused(bid, url, erin, signed_in, token):
    response = signed_in(erin).post(url, {"token": token})
    assert response.status_code == 422
    assert not Award.objects.exists()


def test_another_bids_confirmation_is_refused(bid, url, erin, ana, signed_in):
    other = factories.BidFactory(project=bid.project, freelancer=ana)
    client = signed_in(erin)
    token = token_of(client.get(f"/bids/{other.pk}/award/"))
    assert client.post(url, {"token": token}).status_code == 422
    assert not Award.objects.exists()


def test_a_confirmation_ends_with_the_session(bid, url, erin, signed_in):
    client = signed_in(erin)
    token = token_of(client.get(url))
    client.logout()
    client.force_login(erin)
    assert client.post(url, {"token": token}).status_code == 422
    assert not Award.objects.exists()


def test_only_the_employer_can_award(bid, url, wes, ana, sam, signed_in):
    """P82: a stranger gets 404, the freelancer 403 with words."""
    factories.BidFactory(project=bid.project, freelancer=ana)
    for method in ("get", "post"):
        assert getattr(signed_in(sam), method)(url).status_code == 404
        assert getattr(signed_in(ana), method)(url).status_code == 404
        response = getattr(signed_in(wes), method)(url)
        assert response.status_code == 403
        assert "Only the employer can award a bid." in response.content.decode()
    assert not Award.objects.exists()


def test_several_bids_of_a_project_can_be_awarded(bid, erin, ana):
    factories.award(bid)
    factories.award(factories.BidFactory(project=bid.project, freelancer=ana))
    assert Award.objects.filter(project=bid.project, state="awaiting").count() == 2


def test_a_huge_id_is_nobodys(erin, signed_in):
    assert signed_in(erin).get(f"/bids/{2**63}/award/").status_code == 404
