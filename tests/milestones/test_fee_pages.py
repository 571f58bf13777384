"""Fees are shown before an award, before a hold and before a release, and afterwards wherever money is (P52, P23)."""

import csv
import io
import re
import uuid

import pytest

from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notification
from config.confirmation import SALT
from finances.ledger.models import Transfer
from milestones.models import Milestone, MilestoneEvent
from projects.models import Award
from tests import factories
from tests.situation import hold
from tests.steps import ask, confirm, error_at, page, token_of

KEEPS = "Milepost keeps a fee from what you are paid: 8% of what is released, at least €0.50 for each milestone."
ON_TOP = "Your fee, on top of the amount: 5% of what is released."


def text_of(response) -> str:
    """What the page says, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page(response)))


@pytest.fixture(autouse=True)
def site_fees(rates) -> None:
    rates("EUR=8% min 0.50", "EUR=5%")


@pytest.fixture
def released(milestone, erin) -> MilestoneEvent:
    """€150.00 of the €400.00 released."""
    return milestone.release(15_000, by=erin, key=uuid.uuid4())


@pytest.fixture
def legs(released) -> dict[str, Transfer]:
    """The fees of that release, and what was set aside, by whose they are."""
    fees = Transfer.objects.filter(kind="fee").order_by("leg")
    aside = Transfer.objects.get(kind="hold", amount=2_000)
    return {"freelancer": fees[0], "employer": fees[1], "aside": aside}


def shown_in(token: str) -> dict:
    return signing.loads(token, salt=SALT)["shown"]


# --- before the award ---------------------------------------------------------------------------------------


def test_p52_the_bid_page_says_what_one_would_receive(employer, wes, signed_in):
    project = factories.ProjectFactory(employer=employer)
    client, url = signed_in(wes), f"/projects/{project.pk}/bid/"
    assert f"{KEEPS} Of €2,000.00 you would receive €1,840.00." in text_of(client.get(url))
    factories.BidFactory(project=project, freelancer=wes, amount=500)
    assert "Of €5.00 you would receive €4.50." in text_of(client.get(url))
    assert "you receive €4.50" in text_of(client.get(project.get_absolute_url()))
    assert "you receive" not in text_of(signed_in(employer).get(project.get_absolute_url()))


def test_p52_of_an_awarded_bid_the_award_says_it(milestone, wes, signed_in, rates):
    rates("EUR=50%")
    text = text_of(signed_in(wes).get(milestone.award.project.get_absolute_url()))
    assert KEEPS in text
    assert "you receive" not in text


def test_p52_the_name_of_the_site_is_not_taken_for_markup(employer, wes, signed_in, settings):
    settings.SITE_NAME = "<b>A & B</b>"
    project = factories.ProjectFactory(employer=employer)
    assert "&lt;b&gt;A &amp; B&lt;/b&gt; keeps" in signed_in(wes).get(f"/projects/{project.pk}/bid/").content.decode()


def test_p52_awarding_says_what_the_freelancer_receives_and_what_one_pays(employer, wes, signed_in):
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=employer), freelancer=wes)
    client, url = signed_in(employer), f"/bids/{bid.pk}/award/"
    question = client.get(url)
    for words in (
        "<dt>Fee of Wes</dt><dd>"
        '<data value="80.00">€80.00</data><small>8% of what is released, at least €0.50 for each milestone</small>',
        '<dt>Wes receives</dt><dd><data value="920.00">€920.00</data></dd>',
        '<dt>Your fee</dt><dd><data value="50.00">€50.00</data><small>5% of what is released</small></dd>',
        '<dt>You pay in all</dt><dd><data value="1050.00">€1,050.00</data></dd>',
        "Fees are charged only on what is released",
    ):
        assert words in page(question)
    token = token_of(question)
    assert shown_in(token) | {"fees": "8+50/5+0", "freelancer_fee": 8_000, "employer_fee": 5_000} == shown_in(token)
    assert confirm(client, url, token).status_code == 302
    assert str(Award.objects.get().terms) == "8+50/5+0"


def test_p52_without_fees_the_question_says_so(employer, wes, signed_in, rates):
    rates()
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=employer), freelancer=wes)
    question = page(signed_in(employer).get(f"/bids/{bid.pk}/award/"))
    assert '<dt>Fee</dt><dd><data value="0.00">€0.00</data></dd>' in question
    assert "Fees are charged" not in question


def test_p25_an_award_that_was_asked_about_under_other_fees_is_not_made(employer, wes, signed_in, rates):
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=employer), freelancer=wes)
    client, url = signed_in(employer), f"/bids/{bid.pk}/award/"
    token = token_of(client.get(url))
    rates("EUR=9%", "EUR=5%")
    answer = confirm(client, url, token)
    assert answer.status_code == 409
    assert "Fee of Wes €90.00 9% of what is released" in text_of(answer)
    assert not Award.objects.exists()


def test_p52_accepting_says_what_one_receives(offer, wes, signed_in, rates):
    rates()  # what holds now is not what the award was made with
    question = signed_in(wes).get(f"/awards/{offer.pk}/accept/")
    assert "Your fee €80.00 8% of what is released, at least €0.50 for each milestone" in text_of(question)
    assert '<dt>You receive</dt><dd><data value="920.00">€920.00</data></dd>' in page(question)
    assert shown_in(token_of(question))["fee"] == 8_000
    assert "Your fee, on top" not in page(question)


def test_p52_revoking_says_that_the_fee_comes_back_too(offered, employer, wes, signed_in):
    text = text_of(signed_in(employer).get(f"/awards/{offered.award_id}/revoke/"))
    assert "Set aside for your fee €10.00" in text
    assert "€210.00 comes back to your available funds at once" in text
    text = text_of(signed_in(wes).get(f"/awards/{offered.award_id}/decline/"))
    assert "€200.00 goes back to Erin" in text
    assert "Set aside" not in text


# --- before the hold ----------------------------------------------------------------------------------------


def test_p15_creating_says_the_fee_and_what_is_taken(award, erin, signed_in, available):
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    assert ON_TOP in text_of(client.get(url))
    question = client.post(url, {"amount": "250", "task": "Booking form"})
    for words in (
        "Put €250.00 on hold for Wes?",
        '<dt>Amount</dt><dd><data value="250.00">€250.00</data><small>25% of the agreed sum</small></dd>',
        '<dt>Fee</dt><dd><data value="12.50">€12.50</data></dd>',
        '<dt>Taken from your available funds</dt><dd><data value="262.50">€262.50</data></dd>',
        '<dt>Left available afterwards</dt><dd><data value="737.50">€737.50</data></dd>',
        ">Confirm Payment</button>",
    ):
        assert words in page(question)
    token = token_of(question)
    assert (shown_in(token)["fee"], shown_in(token)["taken"]) == (1_250, 26_250)
    confirm(client, url, token)
    assert available(erin) == 73_750


def test_p16_what_is_missing_counts_the_fee(award, erin, signed_in):
    response = signed_in(erin).post(f"/awards/{award.pk}/milestones/new/", {"amount": "1,000", "task": "All"})
    assert response.status_code == 422
    words = "With the fee it is €1,050.00. You have €1,000.00 available, so €50.00 is missing."
    assert error_at(response, "amount") == words
    assert not Milestone.objects.exists()


def test_p12_finances_offers_the_same_form(award, erin, signed_in):
    assert ON_TOP in text_of(signed_in(erin).get(f"/finances/milestones/new/?award={award.pk}"))


# --- before the release -------------------------------------------------------------------------------------


def test_p23_releasing_says_the_fee_and_what_arrives(milestone, erin, signed_in, available, wes):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    assert "Wes pays a fee: 8% of what is released, at least €0.50 for each milestone." in text_of(client.get(url))
    question = client.post(url, {"amount": "150"})
    text = text_of(question)
    for words in (
        "Fee €12.00 8% of what is released",
        "Wes receives €138.00",
        "Your fee €7.50 from what is set aside for it",
        "Stays held afterwards €250.00",
        "Released now €150.00",
    ):
        assert words in text
    token = token_of(question)
    assert shown_in(token) | {"fee": 1_200, "arrives": 13_800, "employer_fee": 750} == shown_in(token)
    confirm(client, url, token)
    assert available(wes) == 13_800


def test_p25_a_fee_that_is_another_by_now_is_not_taken(milestone, erin, wes, signed_in, available):
    """Of the first cents the minimum takes more than of later ones, so the same release comes to another fee."""
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    token = ask(client, url, amount="1")
    assert shown_in(token)["fee"] == 50
    milestone.release(1_000, by=erin, key=uuid.uuid4())
    assert confirm(client, url, token).status_code == 409
    assert available(wes) == 920
    assert shown_in(ask(client, url, amount="1"))["fee"] == 8


def test_p33_cancelling_says_that_the_fee_comes_back(offered, erin, wes, signed_in, available):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/cancel/"
    assert "Set aside for your fee €10.00" in text_of(client.get(url))
    question = client.post(url, {"reason": ""})
    assert "Take €210.00 back and cancel the milestone?" in page(question)
    assert "Comes back to you €210.00" in text_of(question)
    theirs = signed_in(wes).post(url, {"reason": ""})
    assert "Goes back to Erin €200.00" in text_of(theirs)
    assert "Set aside" not in text_of(theirs)
    confirm(client, url, token_of(question))
    assert available(erin) == 100_000


# --- afterwards ---------------------------------------------------------------------------------------------


def test_p27_the_receipt_says_the_fees_to_each_side_as_it_concerns_them(released, legs, erin, wes, signed_in):
    url = released.get_absolute_url()
    theirs = page(signed_in(wes).get(url))
    link = '<a class="figure-link" href="/finances/transfers/{}/"><data value="{}">'
    assert link.format(legs["freelancer"].pk, "12.00") in theirs
    assert '#history"><data value="138.00">€138.00</data></a></dd>' in theirs
    assert "Your fee" not in theirs
    mine = page(signed_in(erin).get(url))
    assert '<dt>Fee</dt><dd><data value="12.00">€12.00</data></dd>' in mine
    assert link.format(legs["employer"].pk, "7.50") in mine


def test_p27_receipts_of_a_hold_and_of_a_return(milestone, released, erin, wes, signed_in):
    created, ended = milestone.events.get(action="create"), milestone.cancel(by=wes, key=uuid.uuid4())
    client = signed_in(erin)
    assert re.search(r"Fee set aside €20\.00 T\d+", text_of(client.get(created.get_absolute_url())))
    assert re.search(r"Fee given back €12\.50 T\d+", text_of(client.get(ended.get_absolute_url())))
    for event in (created, ended):
        assert "Fee set aside" not in text_of(signed_in(wes).get(event.get_absolute_url()))


def test_p52_the_milestone_says_what_was_paid_and_what_is_set_aside(released, milestone, erin, wes, signed_in):
    mine, theirs = (text_of(signed_in(person).get(milestone.get_absolute_url())) for person in (erin, wes))
    for words in (
        "Your fee so far €7.50",
        "Set aside for your fee €12.50",
        ON_TOP,
        "your fee: €7.50",
        "set aside for your fee: €20.00",
        "fee: €12.00",
    ):
        assert words in mine, words
    for words in ("Your fee so far €12.00", KEEPS, "fee: €12.00"):
        assert words in theirs, words
    for words in ("Set aside", "your fee:", ON_TOP):
        assert words not in theirs, words


def test_p52_the_project_page_says_it_with_the_award(milestone, erin, wes, signed_in):
    address = milestone.award.project.get_absolute_url()
    assert ON_TOP in text_of(signed_in(erin).get(address))
    assert KEEPS in text_of(signed_in(wes).get(address))


def test_p80_the_freelancer_hears_what_arrived(released, wes, signed_in):
    Notification.objects.get(member=wes, kind="milestone-released-less-fee")
    words = "Erin Vogel released €150.00 to you, €138.00 after the fee: Photo gallery"
    assert words in text_of(signed_in(wes).get("/notifications/"))


def test_p53_a_fee_is_a_line_of_its_own_with_its_task(released, wes, erin, signed_in, legs):
    (fee, release) = signed_in(wes).get("/finances/transfers/").context["rows"]
    assert (fee["kind"], fee["what"], fee["project"]) == ("Fee", "Photo gallery", "Guest house website")
    assert (str(fee["change"]), release["kind"]) == ('<data value="-12.00">−€12.00</data>', "Released")
    rows = signed_in(erin).get("/finances/transfers/").context["rows"]
    assert [(row["kind"], row["what"]) for row in rows[:2]] == [
        ("Fee set aside", "Photo gallery"),
        ("Put on hold", "Photo gallery"),
    ]
    assert signed_in(wes).get("/finances/transfers/?kind=fee").context["rows"][0]["url"] == fee["url"]


def test_p50_the_csv_has_it_too(released, wes, erin, milestone, signed_in):
    milestone.cancel(by=wes, key=uuid.uuid4())
    for person, kinds in (
        (wes, ["Fee", "Released"]),
        (erin, ["Fee given back", "Returned", "Fee set aside", "Put on hold", "Deposit"]),
    ):
        response = signed_in(person).get("/finances/transfers.csv")
        _, *rows = csv.reader(io.StringIO(b"".join(response.streaming_content).decode()))
        assert [row[2] for row in rows] == kinds
        assert {row[4] for row in rows if row[2] != "Deposit"} == {"Photo gallery"}


def test_p53_the_transfer_of_a_fee_says_what_it_was_for(legs, released, wes, erin, signed_in):
    text = text_of(signed_in(wes).get(f"/finances/transfers/{legs['freelancer'].pk}/"))
    for words in ("Fee €12.00", "From Wes Adeyemi's available funds €138.00 afterwards", "To Fees", "Photo gallery"):
        assert words in text
    assert released.reference in text
    text = text_of(signed_in(erin).get(f"/finances/transfers/{legs['employer'].pk}/"))
    assert "From Set aside for the fee €12.50 afterwards" in text
    text = text_of(signed_in(erin).get(f"/finances/transfers/{legs['aside'].pk}/"))
    assert "Fee set aside €20.00" in text
    assert "To Set aside for the fee €20.00 afterwards" in text


def test_p53_a_search_finds_the_fees_of_the_milestones_that_fit(employer, wes, signed_in):
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    for task in ("Gallery", "Map"):
        hold(award, task, 10_000).release(1_000, by=employer, key=uuid.uuid4())
    offer = factories.AwardFactory(employer=employer, freelancer=wes)
    for task in ("Gallery, large", "Map, large"):
        hold(offer, task, 20_000)
    offer.decline(by=wes, key=uuid.uuid4())
    for person, kinds in (
        (wes, ["Fee", "Released"]),
        (employer, ["Fee given back", "Fee set aside", "Fee set aside", "Put on hold", "Put on hold", "Returned"]),
    ):
        rows = signed_in(person).get("/finances/transfers/?q=gallery").context["rows"]
        assert {row["what"] for row in rows} <= {"Gallery", "Gallery, large"}
        assert sorted(row["kind"] for row in rows) == kinds


def test_p53_the_awards_money_names_the_readers_own_fee(released, erin, wes, signed_in):
    url = f"/awards/{released.milestone.award_id}/money/"
    text = text_of(signed_in(wes).get(url))
    assert "Your fee so far €12.00" in text
    assert KEEPS in text
    assert "Set aside" not in text
    text = text_of(signed_in(erin).get(url))
    assert "Your fee so far €7.50 Set aside for your fee €12.50" in text
    assert ON_TOP in text


def test_p53_the_awards_money_says_nothing_of_fees_where_there_are_none(rates, employer, wes, signed_in):
    rates()
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    hold(award, "Gallery", 10_000).release(1_000, by=employer, key=uuid.uuid4())
    for person in (employer, wes):
        assert "fee" not in text_of(signed_in(person).get(f"/awards/{award.pk}/money/")).lower()


def test_p82_each_side_sees_the_transfers_of_its_own_fee_alone(legs, wes, erin, ana, sam, sue, signed_in):
    people = {"wes": wes, "erin": erin, "ana": ana, "sam": sam, "sue": sue}
    seen: dict[str, list[str]] = {name: [] for name in legs}
    for who, person in people.items():
        client = signed_in(person)
        for name, leg in legs.items():
            if client.get(f"/finances/transfers/{leg.pk}/").status_code == 200:
                seen[name].append(who)
    assert seen == {"freelancer": ["wes"], "employer": ["erin"], "aside": ["erin"]}


def test_p53_fees_of_many_milestones_given_back_at_once_keep_their_tasks(employer, wes, signed_in):
    """An award that ends gives everything back in one operation; each fee belongs to a milestone of its own."""
    offer = factories.AwardFactory(employer=employer, freelancer=wes)
    for n, amount in enumerate((10_000, 20_000, 30_000)):
        hold(offer, f"Part {n}", amount)
    offer.decline(by=wes, key=uuid.uuid4())
    rows = signed_in(employer).get("/finances/transfers/").context["rows"]
    back = {row["what"]: str(row["change"]) for row in rows if row["kind"] == "Fee given back"}
    assert {task: re.sub(r"<[^>]+>", "", change) for task, change in back.items()} == {
        "Part 0": "€5.00",
        "Part 1": "€10.00",
        "Part 2": "€15.00",
    }
    ended = MilestoneEvent.objects.get(action="return", milestone__task="Part 1")
    assert re.search(r"Fee given back €10\.00", text_of(signed_in(employer).get(ended.get_absolute_url())))


def test_finances_needs_no_more_queries_for_more_fees(employer, wes, signed_in):
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    client, numbers = signed_in(wes), []
    for n in range(2):
        for part in range(1 + 5 * n):
            hold(award, f"Part {part}", 1_000).release(1_000, by=employer, key=uuid.uuid4())
        with CaptureQueriesContext(connection) as queries:
            client.get("/finances/transfers/")
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
