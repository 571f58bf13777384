"""The employer revokes an award that is not accepted yet: everything held for it comes back (P4)."""

import pytest

from accounts.models import Notification
from finances.ledger.models import Account
from tests import factories
from tests.tokens import token_of


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/revoke/"


def test_asks_first_and_says_what_comes_back(award, url, erin, hold, signed_in):
    hold(award, 40_000)
    page = signed_in(erin).get(url).content.decode()
    assert "€400.00 comes back to your available funds at once" in page
    assert ">Revoke award</button>" in page


def test_revoking_brings_everything_back(award, url, erin, wes, hold, signed_in):
    milestone = hold(award, 40_000)
    client = signed_in(erin)
    token = token_of(client.get(url))
    assert [client.post(url, {"token": token}).status_code for _ in range(2)] == [302, 302]
    award.refresh_from_db()
    milestone.refresh_from_db()
    assert (award.state, award.bid.state, milestone.state) == ("revoked", "placed", "cancelled")
    assert Account.wallet(erin.pk, "EUR").balance == 100_000
    assert Notification.objects.filter(member=wes, kind="award-revoked").count() == 1


def test_the_bid_can_be_awarded_anew(award, erin):
    factories.revoked(award)
    again = factories.award(award.bid)
    assert (again.state, again.pk != award.pk) == ("awaiting", True)


def test_an_accepted_award_can_not_be_revoked(award, url, erin, hold, signed_in):
    """P33: a page from before acceptance is stale, and the form is gone."""
    milestone = hold(award, 40_000)
    client = signed_in(erin)
    token = token_of(client.get(url))
    factories.accepted(award)
    for response in (client.post(url, {"token": token}), client.get(url)):
        assert response.status_code == 409
        assert "it is “In progress” now" in response.content.decode()
    milestone.refresh_from_db()
    assert milestone.held == 40_000


def test_only_the_employer_can_revoke(award, url, wes, sam, signed_in):
    assert signed_in(sam).get(url).status_code == 404
    response = signed_in(wes).post(url)
    assert response.status_code == 403
    assert "Only the employer can revoke an award." in response.content.decode()
