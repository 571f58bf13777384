"""The two sides' pages, as a browser without scripts sees them."""

import uuid

import pytest

from disputes.models import Dispute
from milestones.models import Milestone
from tests.situation import hold
from tests.steps import ask, confirm, error_at, page


def key():
    return uuid.uuid4()


def again(thing):
    return type(thing).objects.get(pk=thing.pk)


@pytest.fixture
def second(award) -> Milestone:
    return hold(award, "Footer", 5_000)


def typed(milestone, sum_, **more):
    return {f"choose_{milestone.pk}": "on", f"share_{milestone.pk}": sum_, "claim": "Half is missing.", **more}


def test_opening_is_asked_twice_and_says_what_comes_of_it(milestone, second, erin, wes, signed_in):
    """P40, P41: several milestones at once, each with its offer."""
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/dispute/"
    first = page(client.get(url))
    assert "How a dispute goes" in first
    assert "Footer" in first
    token = ask(client, url, **{**typed(milestone, "100"), **typed(second, "0")})
    assert not Dispute.objects.exists()
    answer = confirm(client, url, token)
    dispute = Dispute.objects.get()
    assert answer["Location"] == dispute.get_absolute_url()
    assert dispute.offers.get().to_freelancer == [10_000, 0]
    assert confirm(client, url, token)["Location"] == dispute.get_absolute_url()
    assert Dispute.objects.count() == 1
    assert "Accept Erin's offer" in page(signed_in(wes).get(dispute.get_absolute_url()))


@pytest.mark.parametrize(
    ("sum_", "words"),
    [("", "Enter an amount"), ("400.01", "Only €400.00 is held"), ("-1", ""), ("1,5,0", ""), ("abc", ""), ("1e3", "")],
)
def test_a_bad_sum_is_refused_at_its_field(milestone, erin, signed_in, sum_, words):
    answer = signed_in(erin).post(f"/milestones/{milestone.pk}/dispute/", typed(milestone, sum_))
    assert answer.status_code == 422
    assert words in error_at(answer, f"share_{milestone.pk}")
    assert again(milestone).state == "held"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.org/", "x", "https://a@example.org/"])
def test_links_are_addresses_of_web_pages(milestone, erin, signed_in, link):
    answer = signed_in(erin).post(f"/milestones/{milestone.pk}/dispute/", typed(milestone, "1", links=link))
    assert answer.status_code == 422
    assert "no address of a web page" in error_at(answer, "links")


def test_nothing_chosen_and_no_claim_are_refused(milestone, erin, signed_in):
    answer = signed_in(erin).post(f"/milestones/{milestone.pk}/dispute/", {"claim": ""})
    assert answer.status_code == 422
    assert "Choose at least one milestone" in page(answer)
    assert error_at(answer, "claim")


def test_what_was_released_meanwhile_is_not_disputed(milestone, erin, signed_in):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/dispute/"
    token = ask(client, url, **typed(milestone, "0"))
    milestone.release(100, by=erin, key=key())
    answer = confirm(client, url, token)
    assert answer.status_code == 409
    assert "€399.00" in page(answer)
    assert not Dispute.objects.exists()


def test_the_way_to_open_one_leads_to_the_one_there_is(disputed, milestone, wes, signed_in):
    answer = signed_in(wes).get(f"/milestones/{milestone.pk}/dispute/")
    assert answer["Location"] == disputed.get_absolute_url()


@pytest.mark.parametrize("step", ["release", "cancel"])
def test_release_and_cancel_of_what_is_disputed_say_so(disputed, milestone, erin, wes, signed_in, step):
    """P40."""
    client = signed_in(erin if step == "release" else wes)
    for answer in (
        client.get(f"/milestones/{milestone.pk}/{step}/"),
        client.post(f"/milestones/{milestone.pk}/{step}/"),
    ):
        assert answer.status_code == 409
        assert "in dispute" in page(answer)


def test_an_offer_says_what_it_means_to_the_reader(disputed, erin, wes, signed_in):
    """P42: "you pay / you get" only from one's own side."""
    answer = signed_in(wes).post(
        f"/disputes/{disputed.pk}/offer/",
        {f"share_{disputed.milestones[0].milestone_id}": "300", "words": "Nearly all."},
    )
    assert answer["Location"] == disputed.get_absolute_url()
    hers, his = (page(signed_in(member).get(disputed.get_absolute_url())) for member in (erin, wes))
    assert "You pay" in hers
    assert "You get back" in hers
    assert "You pay" not in his
    assert "Nearly all." in hers
    assert again(disputed).state == "negotiation"


def test_a_double_click_makes_one_offer(disputed, wes, signed_in):
    said = {f"share_{disputed.milestones[0].milestone_id}": "300", "key": str(key())}
    client = signed_in(wes)
    for _ in range(2):
        assert client.post(f"/disputes/{disputed.pk}/offer/", said).status_code == 302
    assert disputed.offers.count() == 2


def test_accepting_is_asked_twice_and_shows_the_split(disputed, milestone, wes, signed_in, rates, available):
    client, url = signed_in(wes), f"/disputes/{disputed.pk}/accept/"
    first = page(client.get(url))
    assert "€100.00" in first
    assert "€300.00" in first
    token = ask(client, url)
    assert again(disputed).state == "opened"
    assert confirm(client, url, token).status_code == 302
    assert again(disputed).outcome == "accepted"
    assert confirm(client, url, token).status_code == 302
    assert available(wes) == 10_000
    text = page(client.get(disputed.get_absolute_url()))
    assert "How the money was split" in text
    assert "Receipt R" in text


def test_an_offer_that_was_overtaken_is_not_accepted(disputed, erin, wes, signed_in):
    disputed.offer([30_000], by=wes, key=key())
    client, url = signed_in(erin), f"/disputes/{disputed.pk}/accept/"
    token = ask(client, url)
    disputed.offer([35_000], by=wes, key=key())
    answer = confirm(client, url, token)
    assert answer.status_code == 409
    assert again(disputed).state == "negotiation"


@pytest.mark.parametrize("step", ["execute", "escalate"])
def test_before_its_time_a_step_says_why_not(disputed, erin, signed_in, step):
    answer = signed_in(erin).get(f"/disputes/{disputed.pk}/{step}/")
    assert answer.status_code == 409
    assert "time" in page(answer)


def test_escalating_shows_the_fee_before(settings, disputed, erin, wes, moved, signed_in):
    moved(disputed, seconds=disputed.rules.answer)
    client, url = signed_in(wes), f"/disputes/{disputed.pk}/escalate/"
    assert "What a verdict costs" in page(client.get(url))
    assert confirm(client, url, ask(client, url)).status_code == 302
    assert again(disputed).state == "arbitration"


def test_only_who_opened_it_withdraws_it(disputed, milestone, erin, wes, signed_in):
    """P45."""
    url = f"/disputes/{disputed.pk}/withdraw/"
    assert signed_in(wes).get(url).status_code == 403
    client = signed_in(erin)
    assert confirm(client, url, ask(client, url)).status_code == 302
    assert again(milestone).state == "held"


def test_another_one_s_dispute_is_not_there(disputed, sam, ana, mia, signed_in):
    """P82; staff read it in the admin."""
    for member in (sam, ana, mia):
        for address in ("", "offer/", "accept/", "withdraw/", "escalate/", "execute/"):
            assert signed_in(member).get(f"/disputes/{disputed.pk}/{address}").status_code == 404


def test_the_list_has_mine_and_nobody_else_s(disputed, erin, sam, signed_in):
    assert disputed.reference in page(signed_in(erin).get("/disputes/"))
    assert "You have no disputes" in page(signed_in(sam).get("/disputes/"))
