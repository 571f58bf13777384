"""A freelancer places one bid a project, revises it, withdraws it, until it is awarded (P2)."""

import pytest

from accounts import notices
from accounts.models import Notification
from projects.models import Bid, Project
from tests import factories


@pytest.fixture
def project(erin) -> Project:
    return factories.ProjectFactory(employer=erin)


@pytest.fixture
def url(project) -> str:
    return f"/projects/{project.pk}/bid/"


WHOLE = "The plan did not arrive whole. Please check it and send it again."


def offer(*plan: tuple[str, str], **fields: str) -> dict[str, str]:
    typed = {"amount": "1,000.00", "days": "14", "proposal": "I have built <i>five</i> of these.", **fields}
    rows = {"plan-TOTAL_FORMS": str(max(3, len(plan))), "plan-INITIAL_FORMS": "0"}
    for number, (task, amount) in enumerate(plan):
        rows |= {f"plan-{number}-task": task, f"plan-{number}-amount": amount}
    return {**rows, **typed}


def test_places_a_bid_with_a_plan(project, url, erin, wes, signed_in):
    client = signed_in(wes)
    assert client.get(url).status_code == 200
    response = client.post(url, offer(("Design", "300"), ("", ""), ("Booking form", "699.99")))
    bid = Bid.objects.get()
    assert response["Location"] == f"/projects/{project.pk}/"
    assert (bid.freelancer, bid.amount, bid.days, bid.state) == (wes, 100_000, 14, "placed")
    assert bid.plan == [{"task": "Design", "amount": 30_000}, {"task": "Booking form", "amount": 69_999}]
    told = Notification.objects.get()
    assert (told.member, told.kind, told.words["sum"]) == (erin, "bid-placed", notices.amount(100_000, "EUR"))


def test_a_plan_is_not_needed(url, wes, signed_in):
    signed_in(wes).post(url, offer())
    assert Bid.objects.get().plan == []


def test_add_another_brings_empty_rows_and_keeps_what_was_typed(url, wes, signed_in):
    """P81: without JavaScript."""
    typed = offer(("Design", "300"), ("", "7 hundred"), ("Photos", "100"), more="1", amount="")
    page = signed_in(wes).post(url, typed)
    assert page.status_code == 200
    text = page.content.decode()
    assert 'name="plan-TOTAL_FORMS" value="6"' in text
    for value in ("Design", "7 hundred", "Photos", "14"):
        assert f'value="{value}"' in text
    assert "errorlist" not in text
    assert not Bid.objects.exists()


def test_add_another_ends_at_twenty_rows(url, wes, signed_in):
    full = offer(*((f"Task {n}", "1") for n in range(20)), more="1")
    text = signed_in(wes).post(url, full).content.decode()
    assert 'name="plan-TOTAL_FORMS" value="20"' in text
    assert "Add another" not in text


@pytest.mark.parametrize(
    ("typed", "error", "words"),
    [
        (offer(amount=""), "id_amount_error", "Enter an amount."),
        (offer(amount="0"), "id_amount_error", "more than zero"),
        (offer(amount="10.001"), "id_amount_error", "EUR has 2 decimals"),
        (offer(amount=str(2**63)), "id_amount_error", "more than one payment can hold"),
        (offer(days="0"), "id_days_error", "greater than or equal to 1"),
        (offer(days="3651"), "id_days_error", "less than or equal to 3650"),
        (offer(days=str(2**63)), "id_days_error", "less than or equal to 3650"),
        (offer(days="9" * 5000), "id_days_error", "Enter a whole number."),
        (offer(days="1.5"), "id_days_error", "Enter a whole number."),
        (offer(proposal=""), "id_proposal_error", "This field is required."),
        (offer(proposal="a\0b"), "id_proposal_error", "Null characters are not allowed."),
        (offer(proposal="x" * 5001), "id_proposal_error", "at most 5000 characters"),
        (offer(("Design", "")), "id_plan-0-amount_error", "Say how much this task is."),
        (offer(("", "5")), "id_plan-0-task_error", "Say what this sum is for."),
        (offer(("x" * 201, "5")), "id_plan-0-task_error", "at most 200 characters"),
        (offer(("Design", "NaN")), "id_plan-0-amount_error", "Write the amount as a number"),
        (offer(("A", "600"), ("B", "400.01")), "errors", "The plan adds up to €1,000.01, which is more than your bid."),
        ({**offer(), "plan-TOTAL_FORMS": "x"}, "errors", "plan of milestones is not right"),
        ({**offer(), "plan-TOTAL_FORMS": str(2**63)}, "errors", "plan of milestones is not right"),
        ({**offer(), "plan-INITIAL_FORMS": "-1"}, None, None),
        ({**offer(), "plan-TOTAL_FORMS": "x"}, "errors", WHOLE),
        ({**offer(("Design", "5")), "plan-TOTAL_FORMS": "-1"}, "errors", WHOLE),
        ({**offer(("Design", "5")), "plan-TOTAL_FORMS": "0"}, "errors", WHOLE),
        ({**offer(), "plan-TOTAL_FORMS": "21"}, "errors", "A plan has at most 20 milestones."),
        (offer(proposal="a\u2067b"), "id_proposal_error", "Leave out control characters."),
        (offer(("a\u200fb", "5")), "id_plan-0-task_error", "Leave out line breaks and invisible characters."),
        ({}, "id_amount_error", "Enter an amount."),
    ],
)
def test_bad_input_is_told_at_the_field(typed, error, words, url, wes, signed_in):
    """P82"""
    response = signed_in(wes).post(url, typed)
    if error is None:  # what a browser never sends: refused or taken, but no failure
        assert response.status_code in (302, 422)
        return
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert f'id="{error}"' in page or f"notice--negative {error}" in page
    assert not Bid.objects.exists()


def test_revises_the_one_bid(project, url, wes, signed_in):
    bid = factories.BidFactory(project=project, freelancer=wes, plan=[{"task": "All of it", "amount": 100_000}])
    client = signed_in(wes)
    page = client.get(url).content.decode()
    assert "Revise your bid" in page
    assert 'value="1000.00"' in page
    assert 'value="All of it"' in page
    client.post(url, offer(amount="900", days="20"))
    assert Bid.objects.count() == 1
    bid.refresh_from_db()
    assert (bid.amount, bid.days, bid.plan, bid.version) == (90_000, 20, [], 2)


def test_withdraws_after_asking_and_places_it_again(project, url, erin, wes, signed_in):
    bid = factories.BidFactory(project=project, freelancer=wes)
    client = signed_in(wes)
    assert "Withdraw your bid?" in client.get(f"{url}withdraw/").content.decode()
    bid.refresh_from_db()
    assert bid.state == "placed"
    assert client.post(f"{url}withdraw/")["Location"] == f"/projects/{project.pk}/"
    bid.refresh_from_db()
    assert bid.state == "withdrawn"
    assert client.post(f"{url}withdraw/").status_code == 409
    client.post(url, offer(amount="950"))
    bid.refresh_from_db()
    assert (bid.state, bid.amount) == ("placed", 95_000)
    assert Notification.objects.filter(member=erin, kind="bid-placed").count() == 2


@pytest.mark.parametrize("page", ["", "withdraw/"])
def test_an_awarded_bid_stays_as_it_is(page, project, url, wes, signed_in):
    bid = factories.BidFactory(project=project, freelancer=wes)
    factories.award(bid)
    client = signed_in(wes)
    for response in (client.get(url + page), client.post(url + page, offer(amount="1"))):
        assert response.status_code == 409
        text = response.content.decode()
        assert "it is “Awarded” now" in text
        assert "<dt>Your bid</dt><dd>Awarded</dd>" in text
        assert f'href="/projects/{project.pk}/"' in text, "the page leads on"
    bid.refresh_from_db()
    assert (bid.state, bid.amount) == ("awarded", 100_000)


def test_the_employer_cannot_bid_on_their_own_project(url, erin, signed_in):
    for response in (signed_in(erin).get(url), signed_in(erin).post(url, offer())):
        assert response.status_code == 403
        assert "You can&#x27;t bid on your own project." in response.content.decode()
    assert not Bid.objects.exists()


def test_a_closed_project_takes_no_bids(project, url, erin, wes, ana, signed_in):
    bid = factories.BidFactory(project=project, freelancer=wes)
    project.close(by=erin)
    assert signed_in(wes).post(url, offer(amount="1")).status_code == 409
    assert signed_in(ana).post(url, offer()).status_code == 404
    bid.refresh_from_db()
    assert bid.amount == 100_000


def test_withdrawing_needs_a_bid_of_ones_own(project, url, wes, ana, erin, signed_in):
    factories.BidFactory(project=project, freelancer=wes)
    for member in (ana, erin):
        assert signed_in(member).post(f"{url}withdraw/").status_code == 404
    assert Bid.objects.get().state == "placed"


@pytest.mark.parametrize("pk", [0, 2**63 - 1, 2**63, 10**40])
def test_an_id_that_is_nobodys_is_not_found(pk, wes, signed_in):
    client = signed_in(wes)
    for page in ("bid/", "bid/withdraw/", "edit/", "close/", ""):
        assert client.get(f"/projects/{pk}/{page}").status_code == 404
