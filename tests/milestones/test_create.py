"""Creating a milestone: what and how much, where from, then "Confirm Payment" (P11, P13, P15, P16, P18)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied

from accounts.models import Notification
from finances.ledger.models import Transfer
from finances.ledger.posting import InsufficientFunds
from finances.payments.models import PaymentSource
from milestones.models import Milestone, MilestoneEvent
from tests import factories
from tests.finances.payments.memory import saved
from tests.money import JPY
from tests.situation import hold
from tests.steps import HTMX, ask, confirm, error_at, page, token_of


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/milestones/new/"


def test_p11_the_project_page_offers_it(award, url, erin, signed_in):
    text = page(signed_in(erin).get(award.project.get_absolute_url()))
    assert f'href="{url}"' in text
    assert ">Create Milestone</a>" in text


def test_p13_the_form_says_what_is_agreed_committed_left_and_available(award, url, milestone, erin, signed_in):
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    response = signed_in(erin).get(url)
    assert response.status_code == 200
    text = page(response)
    assert [f"€{sum}" in text for sum in ("1,000.00", "400.00", "600.00")] == [True] * 3
    context = response.context
    assert (context["left_minor"], context["available_minor"]) == (60_000, 60_000)
    assert ">Create Milestone</button>" in text


def test_p13_what_was_given_back_is_left_again(award, url, milestone, erin, wes, signed_in):
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    milestone.cancel(by=wes, key=uuid.uuid4())
    assert signed_in(erin).get(url).context["left_minor"] == 90_000


def test_p15_step_one_moves_nothing_and_says_everything(award, url, erin, signed_in, available):
    response = signed_in(erin).post(url, {"amount": "250.00", "task": "Booking form"})
    text = page(response)
    assert response.status_code == 200
    for words in (
        "Put €250.00 on hold for Wes?",
        "Booking form",
        "Wes Adeyemi",
        "Guest house website",
        "your available funds (",
        ">€1,000.00</data>)",
        '<dt>Left available afterwards</dt><dd><data value="750.00">€750.00</data>',
        '<dt>Fee</dt><dd><data value="0.00">€0.00</data>',
        ">Confirm Payment</button>",
    ):
        assert words in text
    assert not Milestone.objects.exists()
    assert available(erin) == 100_000


def test_p15_confirm_payment_holds_the_money(award, url, erin, wes, signed_in, available, held):
    client = signed_in(erin)
    response = confirm(client, url, ask(client, url, amount="250.00", task="Booking form"))
    milestone = Milestone.objects.get()
    event = milestone.events.get()
    assert response.status_code == 302
    assert response["Location"] == event.get_absolute_url()
    assert (milestone.task, milestone.amount, milestone.state, held(milestone)) == (
        "Booking form",
        25_000,
        "held",
        25_000,
    )
    assert (milestone.employer, milestone.freelancer, milestone.currency) == (erin, wes, "EUR")
    assert available(erin) == 75_000
    assert "€250.00" in page(client.get(response["Location"]))


def test_p15_works_as_a_dialog_too(award, url, erin, signed_in):
    client = signed_in(erin)
    dialog = client.post(url, {"amount": "250", "task": "Booking form"}, headers=HTMX)
    assert "<html" not in page(dialog)
    response = confirm(client, url, token_of(dialog), headers=HTMX)
    assert response["HX-Redirect"] == MilestoneEvent.objects.get().get_absolute_url()


def test_p13_more_than_is_left_is_allowed_with_a_warning(award, url, erin, fund, signed_in):
    fund(erin)
    client = signed_in(erin)
    response = client.post(url, {"amount": "1,250.00", "task": "All of it and more"})
    assert "you commit €250.00 more than the €1,000.00 you agreed on" in page(response).replace(
        '<data value="250.00">', ""
    ).replace('<data value="1000.00">', "").replace("</data>", "")
    assert confirm(client, url, token_of(response)).status_code == 302
    assert Milestone.objects.get().amount == 125_000


def test_p13_within_the_agreed_sum_there_is_no_warning(url, erin, signed_in):
    response = signed_in(erin).post(url, {"amount": "1000.00", "task": "All of it"})
    assert "more than the" not in page(response)


def test_p16_says_what_is_missing_and_creates_nothing(url, erin, fund, signed_in):
    fund(erin, JPY("5000"))
    response = signed_in(erin).post(url, {"amount": "1,000.01", "task": "A cent too much"})
    assert response.status_code == 422
    assert error_at(response, "amount") == "You have €1,000.00 available, so €0.01 is missing."
    assert "No milestone was created." in page(response)
    assert "¥5,000" in page(response)
    assert not Milestone.objects.exists()


def test_p16_a_member_without_a_wallet_is_told_the_same(ana, sam, signed_in):
    award = factories.AwardFactory(employer=sam, freelancer=ana)
    response = signed_in(sam).post(f"/awards/{award.pk}/milestones/new/", {"amount": "1", "task": "x"})
    assert response.status_code == 422
    assert error_at(response, "amount") == "You have €0.00 available, so €1.00 is missing."


def test_p16_funds_that_went_between_the_steps_leave_no_milestone(award, offer, url, erin, signed_in, available):
    client = signed_in(erin)
    token = ask(client, url, amount="800.00", task="Booking form")
    hold(offer, "Something else", 30_000)
    response = confirm(client, url, token)
    assert response.status_code == 409
    assert "There is not enough money for this." in page(response)
    assert '<dt>Your available funds</dt><dd><data value="700.00">€700.00</data>' in page(response)
    assert Milestone.objects.count() == 1
    assert available(erin) == 70_000


def test_p16_the_verb_itself_creates_nothing_without_funds(award, erin):
    with pytest.raises(InsufficientFunds):
        Milestone.create(award, task="Too much", amount=100_001, by=erin, key=uuid.uuid4())
    assert not Milestone.objects.exists()
    assert not Transfer.objects.exclude(kind="deposit").exists()


def test_p18_the_freelancer_is_told_once_and_sees_it_held(award, url, erin, wes, signed_in, available):
    client = signed_in(erin)
    token = ask(client, url, amount="250.00", task="Booking form")
    for _ in range(3):
        confirm(client, url, token)
    milestone = Milestone.objects.get()
    assert Notification.objects.filter(member=wes, kind="milestone-created").count() == 1
    assert available(wes) == 0
    text = page(signed_in(wes).get(milestone.get_absolute_url()))
    assert "The money is held for you." in text
    assert "€250.00" in text


def test_p06_before_acceptance_too(offer, erin, wes, signed_in):
    client, url = signed_in(erin), f"/awards/{offer.pk}/milestones/new/"
    assert confirm(client, url, ask(client, url, amount="50", task="Draft")).status_code == 302
    assert "Accept the project to start." in page(signed_in(wes).get(Milestone.objects.get().get_absolute_url()))


@pytest.mark.parametrize("end", ["decline", "revoke"])
def test_p25_no_milestone_for_an_award_that_ended_meanwhile(offer, erin, wes, signed_in, available, end):
    client, url = signed_in(erin), f"/awards/{offer.pk}/milestones/new/"
    token = ask(client, url, amount="50", task="Draft")
    getattr(offer, end)(by={"decline": wes, "revoke": erin}[end], key=uuid.uuid4())
    response = confirm(client, url, token)
    assert response.status_code == 409
    assert f"<dt>Award</dt><dd>{end.capitalize().removesuffix('e')}" in page(response)
    assert not Milestone.objects.exists()
    for again in (client.get(url), client.post(url, {"amount": "50", "task": "Draft"})):
        assert again.status_code == 409
    assert available(erin) == 100_000


def test_p25_no_milestone_from_a_dialog_from_before_another_one(award, url, erin, signed_in):
    client = signed_in(erin)
    first, second = (ask(client, url, amount="50", task="Draft") for _ in range(2))
    assert confirm(client, url, first).status_code == 302
    response = confirm(client, url, second)
    assert response.status_code == 409
    assert '<dt>Held now</dt><dd><data value="50.00">€50.00</data>' in page(response)
    assert Milestone.objects.count() == 1


@pytest.mark.parametrize("task", ["", "   ", "x" * 201, "a\0b", "\u200b", "a\nb", "a\u202eb"])
def test_a_task_is_required_and_has_bounds(url, erin, signed_in, task):
    response = signed_in(erin).post(url, {"amount": "50", "task": task})
    assert response.status_code == 422
    assert error_at(response, "task")
    assert not Milestone.objects.exists()


def test_a_task_is_shown_as_it_was_typed(url, erin, signed_in):
    client = signed_in(erin)
    typed = "<script>alert(1)</script> {{ 7*7 }} 100% \U0001f3a8 é"
    response = confirm(client, url, ask(client, url, amount="50", task=typed))
    milestone = Milestone.objects.get()
    assert milestone.task == typed
    for address in (
        response["Location"],
        milestone.get_absolute_url(),
        "/finances/",
        f"/awards/{milestone.award_id}/milestones/new/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("body", [b"", b"amount=&task=", b"\xff\xfe=%ff&amount=%ff&task=%ff%fe", b"amount[]=5&&&=="])
def test_p82_an_unfilled_form_is_bad_input(url, erin, signed_in, body):
    response = signed_in(erin).post(url, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422
    assert error_at(response, "amount")
    assert not Milestone.objects.exists()


def test_p82_files_in_the_place_of_fields_are_bad_input(url, erin, signed_in, tmp_path):
    (tmp_path / "x").write_text("50")
    with (tmp_path / "x").open() as amount, (tmp_path / "x").open() as token:
        assert signed_in(erin).post(url, {"amount": amount, "token": token}).status_code == 422


def test_p82_strangers_find_nothing_and_the_freelancer_is_told_why(url, sam, ana, wes, signed_in):
    for method in ("get", "post", "head"):
        for person in (sam, ana):
            assert getattr(signed_in(person), method)(url).status_code == 404
        assert getattr(signed_in(wes), method)(url).status_code == 403
    assert "Only the employer can create milestones." in page(signed_in(wes).get(url))


def test_p82_the_verb_refuses_the_freelancer(award, wes):
    with pytest.raises(PermissionDenied):
        Milestone.create(award, task="For me", amount=1, by=wes, key=uuid.uuid4())


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_p82_other_methods_are_refused(url, milestone, erin, signed_in, method):
    client = signed_in(erin)
    own = milestone.get_absolute_url()
    for address in (
        url,
        own,
        f"{own}release/",
        f"{own}cancel/",
        "/finances/",
        f"/receipts/{milestone.pk}/",
    ):
        assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("number", [0, 2**31, 2**63 - 1, 2**63, 10**40, "9" * 5000])
def test_p82_any_number_that_is_nobodys_is_not_found(erin, signed_in, number):
    client = signed_in(erin)
    for pattern in (
        "/awards/{}/milestones/new/",
        "/milestones/{}/",
        "/milestones/{}/release/",
        "/milestones/{}/cancel/",
        "/receipts/{}/",
        "/finances/transfers/{}/",
        "/finances/milestones/new/?award={}",
    ):
        assert client.get(pattern.format(number)).status_code == 404


# --- percentages, advances, criteria, requests --------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ({"amount": "25%"}, 25_000),
        ({"amount": " 12.5 % "}, 12_500),
        ({"amount": "0.01", "unit": "percent"}, 10),
        ({"amount": "33.33%", "unit": "percent"}, 33_330),
        ({"amount": "25", "unit": "sum"}, 2_500),
        ({"amount": "100%"}, 100_000),
    ],
)
def test_p13_a_percentage_of_the_agreed_sum(url, erin, signed_in, typed, amount):
    client = signed_in(erin)
    confirm(client, url, ask(client, url, task="Draft", **typed))
    assert Milestone.objects.get().amount == amount


@pytest.mark.parametrize(("typed", "minor"), [("12.5%", 125), ("50%", 500), ("0.05%", 0), ("0.15%", 2), ("0.25%", 2)])
def test_p13_a_share_is_rounded_half_even_and_never_nothing(employer, wes, signed_in, typed, minor):
    award = factories.AwardFactory(employer=employer, freelancer=wes, amount=1_000)
    url = f"/awards/{award.pk}/milestones/new/"
    client = signed_in(employer)
    response = client.post(url, {"amount": typed, "task": "Draft"})
    if not minor:
        assert response.status_code == 422
        assert error_at(response, "amount") == "That percentage comes to less than €0.01."
        return
    confirm(client, url, token_of(response))
    assert Milestone.objects.get().amount == minor


@pytest.mark.parametrize("unit", ["", "sum", "percent"])
@pytest.mark.parametrize("typed", ["1e3%", "\u0663\u066a", "-5%", "100000000000%", "33,333%", "0%", "%", "5%5", "1%%"])
def test_p13_ugly_percentages_are_answered_at_the_field(url, erin, signed_in, typed, unit):
    response = signed_in(erin).post(url, {"amount": typed, "unit": unit, "task": "Draft"})
    assert response.status_code == 422
    assert error_at(response, "amount").endswith(".")
    assert not Milestone.objects.exists()


def test_p13_the_dialog_says_sum_and_percentage(url, erin, signed_in):
    for typed, words in (("25%", "25% of the agreed sum"), ("250", "25% of the agreed sum")):
        response = signed_in(erin).post(url, {"amount": typed, "task": "Draft"})
        assert words in page(response)
    response = signed_in(erin).post(url, {"amount": "123.45", "task": "Draft"})
    assert "about 12.34% of the agreed sum" in page(response)


def test_p13_the_sum_is_computed_while_typing(url, erin, wes, signed_in):
    headers = {"HX-Request": "true", "HX-Target": "comes-to"}
    said = {
        "25%": "€250.00, 25% of the agreed sum",
        "100": "€100.00, 10% of the agreed sum",
        "": "",
        "x": "",
        "-1%": "",
        "0.0001%": "",
    }
    for typed, words in said.items():
        response = signed_in(erin).get(url, {"amount": typed}, headers=headers)
        assert response.status_code == 200
        assert page(response).strip() == words
    response = signed_in(erin).get(url, {"amount": "25", "unit": "percent"}, headers=headers)
    assert page(response).strip() == said["25%"]
    assert signed_in(wes).get(url, {"amount": "25%"}, headers=headers).status_code == 403


def test_p31_an_advance_says_what_it_is_before_and_stays_marked(award, url, erin, wes, signed_in):
    client = signed_in(erin)
    advice = "you are under no obligation to give one."
    assert advice in page(client.get(url))
    assert advice not in page(client.post(url, {"amount": "50", "task": "Draft"}))
    response = client.post(url, {"amount": "50", "task": "Draft", "advance": "on"})
    assert advice in page(response)
    confirm(client, url, token_of(response))
    milestone = Milestone.objects.get()
    assert milestone.advance
    assert milestone.events.get().shown["advance"] is True
    for person in (erin, wes):
        for address in (milestone.get_absolute_url(), award.project.get_absolute_url()):
            assert '<span class="chip chip--caution">Advance</span>' in page(signed_in(person).get(address))


def test_criteria_are_said_before_and_written_with_it(url, erin, signed_in):
    client = signed_in(erin)
    response = client.post(url, {"amount": "50", "task": "Draft", "criteria": "Printed\r\n\r\n <b>Folded</b> "})
    assert "<li>Printed</li>" in page(response)
    assert "<li>&lt;b&gt;Folded&lt;/b&gt;</li>" in response.content.decode()
    confirm(client, url, token_of(response))
    assert [c.words for c in Milestone.objects.get().criteria.all()] == ["Printed", "<b>Folded</b>"]
    for wrong in ("\n".join("x" * 13), "x" * 201):
        response = client.post(url, {"amount": "50", "task": "Draft", "criteria": wrong})
        assert response.status_code == 422
        assert error_at(response, "criteria")


def test_another_source_is_chosen_with_all_that_was_typed(award, url, erin, provider, signed_in):
    _first, second = (saved(PaymentSource, erin, brand=brand) for brand in ("First", "Second"))
    typed = {"amount": "5%", "unit": "sum", "task": "Draft", "criteria": "Printed\nFolded", "advance": "on"}
    client = signed_in(erin)
    text = page(client.post(url, typed))
    for name, value in typed.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in text
    confirm(client, url, ask(client, url, **typed, source=str(second.pk)))
    milestone = Milestone.objects.get()
    assert (milestone.amount, milestone.advance, milestone.criteria.count()) == (5_000, True, 2)
    assert milestone.funding_part.funding.payment.source_id == second.pk


@pytest.mark.parametrize("number", ["x", "-1", "0", "9" * 30, "1.5", "7"])
def test_p82_a_request_that_there_is_not_is_not_found(url, erin, signed_in, number):
    assert signed_in(erin).post(url, {"amount": "50", "task": "Draft", "request": number}).status_code == 404
    assert signed_in(erin).get(url, {"request": number}).status_code == 404
