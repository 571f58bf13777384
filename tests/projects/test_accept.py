"""The freelancer accepts an award (P4, P6, P33)."""

import datetime

import pytest

from accounts.models import Notification
from projects.models import AwardEvent
from tests import factories
from tests.tokens import token_of


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/accept/"


def test_asks_first_and_says_what_is_held(award, url, wes, hold, signed_in):
    """P6: the freelancer sees the held milestones before deciding; P33 is said in words."""
    hold(award, 40_000)
    response = signed_in(wes).get(url)
    page = response.content.decode()
    assert "€400.00 is held for you. Once you accept, Erin can&#x27;t cancel it any more; only you can." in page
    assert ">Accept project</button>" in page
    award.refresh_from_db()
    assert award.state == "awaiting"


def test_says_so_where_nothing_is_held(award, url, wes, signed_in):
    assert "Nothing is held for you yet." in signed_in(wes).get(url).content.decode()


def test_accepts_once_however_often_it_is_sent(award, url, erin, wes, hold, signed_in):
    hold(award, 40_000)
    client = signed_in(wes)
    token = token_of(client.get(url))
    answers = [client.post(url, {"token": token}) for _ in range(3)]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, f"/projects/{award.project_id}/")}
    award.refresh_from_db()
    assert award.state == "accepted"
    event = AwardEvent.objects.get(award=award, action="accept")
    assert (event.actor, event.address, event.shown["held"]) == (wes, "127.0.0.1", 40_000)
    assert Notification.objects.filter(member=erin, kind="award-accepted").count() == 1
    assert award.milestones.get().held == 40_000


def test_a_milestone_made_meanwhile_makes_the_dialog_stale(award, url, wes, hold, signed_in):
    """P25: nothing happens, and the page says what is held now."""
    client = signed_in(wes)
    token = token_of(client.get(url))
    hold(award, 40_000)
    response = client.post(url, {"token": token})
    assert response.status_code == 409
    assert "€400.00" in response.content.decode()
    award.refresh_from_db()
    assert award.state == "awaiting"


def test_a_revoked_award_is_told_to_be_so(award, url, erin, wes, signed_in):
    client = signed_in(wes)
    token = token_of(client.get(url))
    factories.revoked(award)
    for response in (client.post(url, {"token": token}), client.get(url)):
        assert response.status_code == 409
        assert "it is “Revoked” now" in response.content.decode()


def test_after_the_deadline_it_can_not_be_accepted(award, url, wes, signed_in):
    award.answer_by -= datetime.timedelta(hours=37)
    award.save(update_fields=["answer_by"])
    response = signed_in(wes).get(url)
    assert response.status_code == 409
    assert "The time to accept this award has run out." in response.content.decode()


def test_only_its_freelancer_can_accept(award, url, erin, ana, sam, signed_in):
    """P34, P82: not even another freelancer on the same project learns of it."""
    factories.award(factories.BidFactory(project=award.project, freelancer=ana))
    for method in ("get", "post"):
        assert getattr(signed_in(sam), method)(url).status_code == 404
        assert getattr(signed_in(ana), method)(url).status_code == 404
        response = getattr(signed_in(erin), method)(url)
        assert response.status_code == 403
        assert "Only the freelancer it was made to can accept an award." in response.content.decode()
    award.refresh_from_db()
    assert award.state == "awaiting"


def test_the_confirmation_to_decline_does_not_accept(award, url, wes, signed_in):
    client = signed_in(wes)
    token = token_of(client.get(f"/awards/{award.pk}/decline/"))
    assert client.post(url, {"token": token}).status_code == 422
    award.refresh_from_db()
    assert award.state == "awaiting"


def test_an_anonymous_visitor_signs_in_first(award, url, client):
    assert client.get(url)["Location"].startswith("/accounts/login/")
    assert client.post(url)["Location"].startswith("/accounts/login/")
