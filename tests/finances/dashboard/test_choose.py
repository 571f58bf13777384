""" "Select Project or Freelancer": only what was offered can be chosen (P11, P12)."""

import uuid

import pytest

from milestones.models import Milestone
from tests import factories
from tests.finances.dashboard.conftest import awarded
from tests.steps import HTMX, ask, confirm, page

URL = "/finances/milestones/new/"


@pytest.fixture
def awards(employer, wes, ana, award):
    return {
        "wes": award,
        "wes again": awarded(employer, wes, title="Summer brochure"),
        "ana": awarded(employer, ana, title="Monthly newsletter"),
    }


def offered(response) -> list[int]:
    return [choice["id"] for choice in response.context["choices"]]


def test_p12_the_field_has_its_label_and_offers_all_awards(awards, erin, signed_in):
    response = signed_in(erin).get(URL)
    text = page(response)
    assert '<h1 id="dialog-title">Create Milestone Payment</h1>' in text
    assert '<label for="who">Select Project or Freelancer</label>' in text
    assert set(offered(response)) == {award.pk for award in awards.values()}


@pytest.mark.parametrize("address", [URL, f"{URL}choices/"])
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("guest", ["wes"]),
        ("WES", ["wes", "wes again"]),
        ("wes brochure", ["wes again"]),
        ("Summer brochure · Wes Adeyemi", ["wes again"]),
        ("lima", ["ana"]),
        ("%", []),
        ("nobody", []),
        ("", ["wes", "wes again", "ana"]),
        ("\0", ["wes", "wes again", "ana"]),
    ],
)
def test_p12_searches_projects_and_freelancers(awards, erin, signed_in, address, words, found):
    response = signed_in(erin).get(address, {"who": words})
    assert sorted(offered(response)) == sorted(awards[name].pk for name in found)


def test_p12_with_several_awards_the_employer_chooses_which(awards, erin, signed_in):
    """A freelancer's name alone chooses none."""
    response = signed_in(erin).get(URL, {"who": "Wes Adeyemi"})
    assert len(offered(response)) == 2
    assert 'name="amount"' not in page(response)


def test_p12_a_choice_opens_the_form_and_goes_through_both_steps(awards, erin, signed_in):
    client, award = signed_in(erin), awards["wes again"]
    form = page(client.get(URL, {"award": award.pk}))
    post_to = f"/awards/{award.pk}/milestones/new/"
    assert f'action="{post_to}"' in form
    assert 'value="Summer brochure · Wes Adeyemi"' in form
    assert ">Create Milestone</button>" in form
    assert confirm(client, post_to, ask(client, post_to, amount="5", task="x")).status_code == 302
    assert Milestone.objects.get().award == award


def test_p12_works_in_a_dialog(awards, erin, signed_in):
    text = page(signed_in(erin).get(URL, {"award": awards["ana"].pk}, headers=HTMX))
    assert "<html" not in text
    assert "Monthly newsletter · Ana Lima" in text


def test_p12_what_was_not_offered_can_not_be_chosen(awards, erin, wes, ana, sam, signed_in):
    of_others = awarded(sam, erin)  # Erin works here: she pays nothing
    ended = factories.AwardFactory(employer=erin, freelancer=ana)
    ended.decline(by=ana, key=uuid.uuid4())
    client = signed_in(erin)
    assert {of_others.pk, ended.pk}.isdisjoint(offered(client.get(URL)))
    for choice in (of_others.pk, ended.pk, 0, -1, 2**63, "x", "٤", f"{awards['ana'].pk}x", "1e0", "\0", " "):
        assert client.get(URL, {"award": choice}).status_code == 404
    for person in (wes, sam):
        assert signed_in(person).get(URL, {"award": awards["wes"].pk}).status_code == 404


def test_p12_a_long_number_is_not_cut_to_an_offered_one(awards, erin, signed_in):
    cut = str(awards["ana"].pk).zfill(18)
    assert signed_in(erin).get(URL, {"award": cut + "7"}).status_code == 404


def test_p12_who_has_awarded_nothing_is_told_how(sam, signed_in):
    assert "You have awarded no project yet." in page(signed_in(sam).get(URL))


def test_names_are_shown_as_they_are(employer, ana, signed_in):
    awarded(employer, ana, title="<script>alert(1)</script>")
    for address in (URL, f"{URL}choices/?who=script"):
        assert "<script>alert" not in signed_in(employer).get(address).content.decode()


@pytest.mark.parametrize(("number", "more"), [(12, False), (13, True)])
@pytest.mark.parametrize("address", [URL, f"{URL}choices/"])
def test_p12_says_that_more_would_fit(erin, wes, signed_in, address, number, more):
    for _ in range(number):
        factories.AwardFactory(employer=erin, freelancer=wes)
    response = signed_in(erin).get(address)
    assert len(offered(response)) == 12
    assert ("Type more words to see others." in page(response)) is more
