"""The freelancer declines an award: everything held for it goes back at once (P4)."""

import pytest

from accounts.models import Notification
from finances.ledger.models import Account
from tests import factories
from tests.tokens import token_of


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/decline/"


def test_asks_first_and_says_what_goes_back(award, url, wes, hold, signed_in):
    hold(award, 40_000)
    page = signed_in(wes).get(url).content.decode()
    assert "€400.00 goes back to Erin at once" in page
    assert ">Decline</button>" in page


def test_declining_gives_everything_back_and_lets_the_bid_stand_again(award, url, erin, wes, hold, signed_in):
    milestone = hold(award, 40_000)
    assert Account.wallet(erin.pk, "EUR").balance == 60_000
    client = signed_in(wes)
    token = token_of(client.get(url))
    assert [client.post(url, {"token": token}).status_code for _ in range(2)] == [302, 302]
    award.refresh_from_db()
    milestone.refresh_from_db()
    assert (award.state, award.bid.state, milestone.state) == ("declined", "placed", "cancelled")
    assert Account.wallet(erin.pk, "EUR").balance == 100_000
    assert Notification.objects.filter(member=erin, kind="award-declined").count() == 1


def test_an_accepted_award_can_not_be_declined(award, url, wes, hold, signed_in):
    milestone = hold(award, 40_000)
    client = signed_in(wes)
    token = token_of(client.get(url))
    factories.accepted(award)
    assert client.post(url, {"token": token}).status_code == 409
    milestone.refresh_from_db()
    assert (milestone.state, milestone.held) == ("held", 40_000)


def test_only_its_freelancer_can_decline(award, url, erin, sam, signed_in):
    assert signed_in(sam).get(url).status_code == 404
    response = signed_in(erin).post(url)
    assert response.status_code == 403
    assert "Only the freelancer it was made to can decline an award." in response.content.decode()
