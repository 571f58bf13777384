"""Releasing: the amount, then "Yes, I want to release funds" (P20–P24)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied

from accounts.models import Notification
from config.refusals import KeyConflict, WrongState
from milestones.models import Milestone, MilestoneEvent
from tests.steps import HTMX, ask, confirm, page, token_of


@pytest.fixture
def url(milestone) -> str:
    return f"/milestones/{milestone.pk}/release/"


def test_p20_every_list_and_page_of_the_employer_carries_release(milestone, url, erin, signed_in):
    client = signed_in(erin)
    for address in ("/finances/", milestone.get_absolute_url(), milestone.award.project.get_absolute_url()):
        text = page(client.get(address))
        assert f'href="{url}"' in text
        assert ">Release<" in text


def test_p20_the_freelancer_is_offered_no_release(milestone, url, wes, signed_in):
    client = signed_in(wes)
    for address in ("/finances/incoming/", milestone.get_absolute_url(), milestone.award.project.get_absolute_url()):
        assert url not in page(client.get(address))


def test_p20_nor_is_anybody_when_nothing_is_held(milestone, url, erin, signed_in):
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    client = signed_in(erin)
    for address in ("/finances/", milestone.get_absolute_url(), milestone.award.project.get_absolute_url()):
        assert url not in page(client.get(address))


def test_p21_step_one_is_filled_in(url, erin, signed_in):
    response = signed_in(erin).get(url)
    text = page(response)
    assert response.status_code == 200
    assert 'name="amount" value="400.00"' in text
    assert ">Release</button>" in text


def test_p22_step_one_says_when_to_release_and_not_to_unless_fully_happy(url, erin, signed_in):
    client = signed_in(erin)
    for response in (client.get(url), client.get(url, headers=HTMX), client.post(url, {"amount": "0"})):
        text = page(response)
        assert (
            '<p class="notice">Release when all tasks are done, everything agreed is in your hands and it is up to the'
            " standard you agreed on. Don't release unless you are fully happy with the work.</p>"
        ) in text


def test_p23_step_two_says_everything_and_has_moved_nothing(milestone, url, erin, wes, signed_in, held, available):
    response = signed_in(erin).post(url, {"amount": "150.00"})
    text = page(response)
    assert response.status_code == 200
    for words in (
        "Release €150.00 to Wes?",
        "Photo gallery",
        "<dt>Paid to</dt><dd>Wes Adeyemi</dd>",
        '<dt>Held now</dt><dd><data value="400.00">€400.00</data>',
        '<dt>Fee</dt><dd><data value="0.00">€0.00</data>',
        '<dt>Stays held afterwards</dt><dd><data value="250.00">€250.00</data>',
        '<dt>Released now</dt><dd><data value="150.00">€150.00</data>',
        "Released money can't be recovered: it can't be taken back unless Wes agrees.",
        ">Yes, I want to release funds</button>",
    ):
        assert words in text
    assert (held(milestone), available(wes)) == (40_000, 0)
    assert not MilestoneEvent.objects.filter(action="release").exists()


def test_p23_pays_in_full(milestone, url, erin, wes, signed_in, held, available):
    client = signed_in(erin)
    response = confirm(client, url, token_of(client.post(url, {"amount": "400"})))
    event = MilestoneEvent.objects.get(action="release")
    assert (response.status_code, response["Location"]) == (302, event.get_absolute_url())
    milestone.refresh_from_db()
    assert (milestone.state, held(milestone), available(wes), available(erin)) == ("released", 0, 40_000, 60_000)
    assert Notification.objects.filter(member=wes, kind="milestone-released").count() == 1


def test_p23_pays_from_a_dialog(url, erin, signed_in):
    client = signed_in(erin)
    dialog = client.post(url, {"amount": "400"}, headers=HTMX)
    assert "<html" not in page(dialog)
    response = confirm(client, url, token_of(dialog), headers=HTMX)
    assert response["HX-Redirect"] == MilestoneEvent.objects.get(action="release").get_absolute_url()


def test_p23_pays_once_however_often_it_is_sent(milestone, url, erin, wes, signed_in, available, held):
    client = signed_in(erin)
    token = ask(client, url, amount="150")
    answers = {(a.status_code, a["Location"]) for a in (confirm(client, url, token) for _ in range(5))}
    assert answers == {(302, MilestoneEvent.objects.get(action="release").get_absolute_url())}
    assert (available(wes), held(milestone)) == (15_000, 25_000)
    assert Notification.objects.filter(member=wes, kind="milestone-released").count() == 1


def test_p23_two_windows_pay_once(milestone, url, erin, wes, signed_in, available):
    client = signed_in(erin)
    tokens = [ask(client, url, amount="150") for _ in range(2)]
    assert [confirm(client, url, token).status_code for token in tokens] == [302, 409]
    assert available(wes) == 15_000


def test_p23_a_repeat_after_all_is_released_still_finds_its_own_receipt(milestone, url, erin, signed_in):
    client = signed_in(erin)
    first = ask(client, url, amount="150")
    receipt = confirm(client, url, first)["Location"]
    rest = confirm(client, url, ask(client, url, amount="250"))["Location"]
    assert receipt != rest
    assert confirm(client, url, first)["Location"] == receipt


def test_p24_the_rest_stays_held_and_goes_in_parts(milestone, url, erin, wes, signed_in, available, held):
    client = signed_in(erin)
    for part, left in (("0.01", 39_999), ("99.99", 30_000), ("100", 20_000)):
        confirm(client, url, ask(client, url, amount=part))
        milestone.refresh_from_db()
        assert (milestone.state, held(milestone)) == ("held", left)
        assert f'value="{left / 100:.2f}"' in page(client.get(url))
    confirm(client, url, ask(client, url, amount="200.00"))
    milestone.refresh_from_db()
    assert (milestone.state, held(milestone), available(wes)) == ("released", 0, 40_000)
    assert [e.amount for e in milestone.events.order_by("id")] == [40_000, 1, 9_999, 10_000, 20_000]


def test_p20_not_before_the_award_is_accepted(offered, erin, wes, signed_in, available, held):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/release/"
    for response in (client.get(url), client.post(url, {"amount": "1"}), client.post(url)):
        assert response.status_code == 409
        assert "once the freelancer has accepted the project" in page(response)
    with pytest.raises(WrongState):
        offered.release(1, by=erin, key=uuid.uuid4())
    assert url not in page(client.get(offered.get_absolute_url()))
    assert (held(offered), available(wes)) == (20_000, 0)


def test_p82_only_the_employer_releases(milestone, url, wes, ana, sam, signed_in, held):
    for method in ("get", "post", "head"):
        assert getattr(signed_in(wes), method)(url).status_code == 403
        for person in (ana, sam):
            assert getattr(signed_in(person), method)(url).status_code == 404
    assert "Only the employer can release a milestone." in page(signed_in(wes).get(url))
    for person in (wes, ana, sam):
        with pytest.raises(PermissionDenied):
            milestone.release(1, by=person, key=uuid.uuid4())
    assert held(milestone) == 40_000


def test_p82_a_dialog_that_comes_too_late_says_what_is_true(milestone, url, erin, signed_in):
    """The list was old: step one already tells, with the figures."""
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    client = signed_in(erin)
    for response in (client.get(url), client.post(url, {"amount": "1"}), client.get(url, headers=HTMX)):
        assert response.status_code == 409
        assert '<dt>Held now</dt><dd><data value="0.00">€0.00</data>' in page(response)
        assert '<dt>Released so far</dt><dd><data value="400.00">€400.00</data>' in page(response)


def test_p82_an_empty_form_is_bad_input(url, erin, signed_in):
    response = signed_in(erin).post(url)
    assert response.status_code == 422
    assert "Enter an amount." in page(response)


@pytest.mark.parametrize("amount", [0, -1, 40_001, 2**63 - 1])
def test_the_verb_itself_refuses_what_is_not_held(milestone, erin, held, amount):
    with pytest.raises(WrongState, match=r"€400\.00 is held now"):
        milestone.release(amount, by=erin, key=uuid.uuid4())
    assert held(milestone) == 40_000


def test_a_key_that_did_something_else_is_an_error_and_moves_nothing(milestone, offered, erin, wes, held):
    key = MilestoneEvent.objects.get(milestone=offered).key
    with pytest.raises(KeyConflict):
        milestone.release(1, by=erin, key=key)
    with pytest.raises(KeyConflict):
        milestone.cancel(by=wes, key=key)
    with pytest.raises(KeyConflict):
        Milestone.create(milestone.award, task="Again", amount=1, by=erin, key=key)
    assert held(milestone) == 40_000
