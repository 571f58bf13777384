"""Divide: several tasks with sums or percentages, one confirmation, all or none (P14–P16, P31)."""

import re
import uuid

import pytest

from finances.ledger.verification import verify
from finances.payments.gateways import Outcome
from finances.payments.models import Payment, PaymentSource
from milestones.models import Funding, Milestone
from milestones.parts import MOST_PARTS
from tests import factories
from tests.finances.payments.memory import saved
from tests.situation import hold
from tests.steps import HTMX, ask, confirm, error_at, page, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/milestones/divide/"


def rows(*lines, of="sum", whole="", total=None, **more) -> dict[str, str]:
    """What a browser sends of rows with a task, an amount and perhaps "advance"."""
    sent = {"of": of, "whole": whole, "part-TOTAL_FORMS": str(total or max(3, len(lines))), "part-INITIAL_FORMS": "0"}
    lines += (("", ""),) * (3 - len(lines))
    for number, (task, amount, *advance) in enumerate(lines):
        sent |= {f"part-{number}-task": task, f"part-{number}-amount": amount}
        sent |= {f"part-{number}-advance": "on"} if advance else {}
    return sent | more


def said(response) -> str:
    """What the answer says, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page(response)))


def amounts() -> list[int]:
    return list(Milestone.objects.order_by("id").values_list("amount", flat=True))


def test_p14_all_are_created_from_one_confirmation(award, url, erin, signed_in, available):
    client = signed_in(erin)
    response = client.post(url, rows(("Draft", "100"), ("Pages", "250.50", "advance"), ("", "")))
    assert response.status_code == 200
    words = said(response)
    assert "Put €350.50 on hold for Wes?" in words
    assert "2 milestones, all or none of them:" in words
    assert "Draft €100.00" in words
    assert "Pages Advance €250.50" in words
    assert "Total €350.50 35.05% of the agreed sum" in words
    assert "your available funds ( €1,000.00 )" in words
    assert "About advances: you are under no obligation" in words
    assert not Milestone.objects.exists()
    token = token_of(response)
    for _twice in range(2):
        answer = confirm(client, url, token)
        assert (answer.status_code, answer["Location"]) == (302, f"/awards/{award.pk}/money/")
    made = Milestone.objects.order_by("id")
    assert [(m.task, m.amount, m.advance) for m in made] == [("Draft", 10_000, False), ("Pages", 25_050, True)]
    assert "2 milestones: €350.50 is on hold for Wes." in said(client.get(answer["Location"]))
    shown = made[0].events.get().shown
    assert [part["task"] for part in shown["parts"]] == ["Draft", "Pages"]
    assert available(erin) == 100_000 - 35_050


@pytest.mark.parametrize(
    ("of", "whole", "expected"),
    [
        ("agreed", "", [33_330, 33_330, 33_340]),
        ("left", "", [19_998, 19_998, 20_004]),
        ("typed", "10.01", [334, 333, 334]),
    ],
)
def test_p14_percentages_of_a_whole_add_up_to_it(award, url, milestone, erin, signed_in, of, whole, expected):
    """€400.00 of the €1,000.00 are committed already."""
    client = signed_in(erin)
    typed = rows(("A", "33.33"), ("B", "33.33%"), ("C", "33.34"), of=of, whole=whole)
    response = client.post(url, typed)
    if of == "agreed":  # more than is left is allowed, and more than there is available is not
        assert response.status_code == 422
        assert "€400.00 is missing" in said(response)
        return
    assert "33.33% of" in said(response)
    confirm(client, url, token_of(response))
    assert amounts()[1:] == expected


def test_p14_a_percentage_among_sums_is_of_the_agreed_sum(url, erin, signed_in):
    client = signed_in(erin)
    confirm(client, url, ask(client, url, **rows(("A", "100"), ("B", "12.5%"))))
    assert amounts() == [10_000, 12_500]


def test_p14_more_than_was_agreed_is_allowed_with_a_warning(url, erin, fund, signed_in):
    fund(erin)
    client = signed_in(erin)
    response = client.post(url, rows(("A", "60"), ("B", "70"), of="agreed"))
    assert "you commit €300.00 more than the €1,000.00 you agreed on" in said(response).replace("  ", " ")
    confirm(client, url, token_of(response))
    assert amounts() == [60_000, 70_000]


UGLY = ["1e3%", "\u0663\u066a", "-5%", "100000000000%", "33,333%", "0.001%", "-5", "1e3", "abc", "0", "0%", "9" * 39]


@pytest.mark.parametrize("typed", UGLY)
@pytest.mark.parametrize("of", ["sum", "agreed"])
def test_p82_ugly_amounts_are_answered_at_their_row(url, erin, signed_in, typed, of):
    response = signed_in(erin).post(url, rows(("A", "10"), ("B", typed), of=of))
    assert response.status_code == 422
    assert error_at(response, "part-1-amount")
    assert 'name="part-0-amount" value="10"' in page(response)
    assert not Milestone.objects.exists()


def test_p82_a_percentage_that_comes_to_nothing_is_answered_at_its_row(url, erin, signed_in):
    response = signed_in(erin).post(url, rows(("A", "99"), ("B", "0.01"), of="typed", whole="1.00"))
    assert response.status_code == 422
    assert error_at(response, "part-1-amount") == "That percentage comes to less than €0.01."


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (rows(), "part-0-task", "Write down at least one task."),
        (rows(("", "5")), "part-0-task", "Say what this sum is for."),
        (rows(("A", "")), "part-0-amount", "Say how much this task is."),
        (rows(("A", "5"), ("x" * 201, "5")), "part-1-task", "at most 200 characters"),
        (rows(("A", "5"), ("a\u202eb", "5")), "part-1-task", "Leave out"),
        (rows(("A", "5"), of="typed"), "whole", "Type the sum that the percentages are of."),
        (rows(("A", "5"), of="typed", whole="1e9"), "whole", "Write the amount as a number"),
    ],
)
def test_p82_what_is_missing_is_said_at_its_field(url, erin, signed_in, typed, field, words):
    response = signed_in(erin).post(url, typed)
    assert response.status_code == 422
    assert words in error_at(response, field)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"token": "x"},
        rows(("A", "5"), of="nothing"),
        {"of": "sum", "part-TOTAL_FORMS": "0", "part-INITIAL_FORMS": "0"},
        {**rows(("A", "5")), "part-TOTAL_FORMS": "x"},
        {**rows(("A", "5")), "part-TOTAL_FORMS": "-1"},
        {**rows(("A", "5")), "part-TOTAL_FORMS": "9999999"},
        {**rows(("A", "5")), "part-7-task": "beyond", "part-7-amount": "5"},
        rows(*[(f"T{n}", "1") for n in range(MOST_PARTS + 1)]),
    ],
)
def test_p82_what_no_page_sends_is_refused_whole(url, erin, signed_in, typed):
    assert signed_in(erin).post(url, typed).status_code == 422
    assert not Milestone.objects.exists()


def test_p82_a_page_without_rows_is_shown_again(url, erin, signed_in):
    assert signed_in(erin).post(url, {"change": "1"}).status_code == 200


def test_p14_of_nothing_left_nothing_can_be_divided(url, award, fund, erin, signed_in):
    fund(erin)
    hold(award, "All of it", 100_000)
    response = signed_in(erin).post(url, rows(("A", "50"), of="left"))
    assert response.status_code == 422
    assert "Nothing is left of the agreed sum." in page(response)


def test_p14_fifty_rows_are_taken(url, erin, signed_in):
    client = signed_in(erin)
    confirm(client, url, ask(client, url, **rows(*[(f"T{n}", "2") for n in range(MOST_PARTS)], of="agreed")))
    assert amounts() == [2_000] * MOST_PARTS


def test_p14_a_row_more_keeps_what_was_typed(url, erin, signed_in):
    client = signed_in(erin)
    typed = rows(("A", "5%", "advance"), ("B", "nonsense"), of="typed", whole="7.5")
    text = page(client.post(url, {**typed, "more": "1"}))
    assert text.count('name="part-3-task"') == 1
    assert 'name="part-4-task"' not in text
    for there in ('name="part-0-task" value="A"', 'value="5%"', 'value="nonsense"', 'name="whole" value="7.5"'):
        assert there in text
    assert re.search(r'name="part-0-advance"[^>]* checked', text)
    assert re.search(r'value="typed"[^>]* checked', text)
    full = rows(*[(f"T{n}", "1") for n in range(MOST_PARTS)])
    text = page(client.post(url, {**full, "more": "1"}))
    assert f'name="part-{MOST_PARTS - 1}-task"' in text
    assert f'name="part-{MOST_PARTS}-task"' not in text
    assert ">Add a row<" not in text


def test_p14_the_total_is_computed_while_typing(url, erin, signed_in):
    headers = {"HX-Request": "true", "HX-Target": "divide-total"}
    client = signed_in(erin)
    response = client.post(url, rows(("", "33.33"), ("B", "33.33"), ("C", "wrong"), of="agreed"), headers=headers)
    assert response.status_code == 200
    words = said(response)
    assert "<html" not in page(response)
    assert "Milestone 1 €333.30 33.33%" in words
    assert "Total €666.60 66.66% of the agreed sum" in words
    assert "Total €0.00" in said(client.post(url, {}, headers=headers))


def test_p14_a_script_gets_the_dialog_or_the_form_in_its_place(url, erin, signed_in):
    client = signed_in(erin)
    dialog = client.post(url, rows(("A", "5")), headers=HTMX)
    assert "HX-Retarget" not in dialog
    assert 'id="dialog-title"' in page(dialog)
    answer = confirm(client, url, token_of(dialog), headers=HTMX)
    assert answer["HX-Redirect"] == Milestone.objects.get().events.get().get_absolute_url()
    wrong = client.post(url, rows(("A", "x")), headers=HTMX)
    assert (wrong.status_code, wrong["HX-Retarget"], wrong["HX-Reswap"]) == (422, "#divide", "outerHTML")
    assert "<html" not in page(wrong)
    assert re.search(r'name="part-0-amount"[^>]* autofocus', page(wrong))


def test_p16_says_what_is_missing_and_creates_nothing(url, erin, signed_in):
    response = signed_in(erin).post(url, rows(("A", "600"), ("B", "600")))
    assert response.status_code == 422
    assert "You have €1,000.00 available, so €200.00 is missing." in page(response)
    assert "No milestone was created." in page(response)


def test_p16_funds_that_went_between_the_steps_leave_none_of_them(offer, url, erin, signed_in, available):
    client = signed_in(erin)
    token = ask(client, url, **rows(("A", "300"), ("B", "500")))
    hold(offer, "Something else", 30_000)
    response = confirm(client, url, token)
    assert response.status_code == 409
    assert Milestone.objects.count() == 1
    assert available(erin) == 70_000


@pytest.mark.parametrize("end", ["decline", "revoke"])
def test_p25_none_for_an_award_that_ended_meanwhile(offer, erin, wes, signed_in, end):
    client, url = signed_in(erin), f"/awards/{offer.pk}/milestones/divide/"
    token = ask(client, url, **rows(("A", "5"), ("B", "5")))
    getattr(offer, end)(by={"decline": wes, "revoke": erin}[end], key=uuid.uuid4())
    assert confirm(client, url, token).status_code == 409
    assert client.get(url).status_code == 409
    assert not Milestone.objects.exists()


def test_p25_two_windows_divide_once(url, erin, signed_in):
    client = signed_in(erin)
    first, second = (ask(client, url, **rows(("A", "5"), ("B", "5"))) for _ in range(2))
    assert confirm(client, url, first).status_code == 302
    assert confirm(client, url, second).status_code == 409
    assert Milestone.objects.count() == 2


def test_p52_every_fee_is_said(employer, wes, rates, signed_in):
    rates("EUR=8%", "EUR=5% min 6.00")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    client, url = signed_in(employer), f"/awards/{award.pk}/milestones/divide/"
    response = client.post(url, rows(("Draft", "100"), ("Pages", "200")))
    words = said(response)
    for part in ("Draft €100.00 fee: €6.00", "Pages €200.00 fee: €10.00", "All milestones €300.00", "Fee €16.00"):
        assert part in words
    assert "Taken from your available funds €316.00" in words
    confirm(client, url, token_of(response))
    assert [m.fee_escrow.balance for m in Milestone.objects.order_by("id")] == [600, 1_000]
    assert verify() == []


# --- from a payment source ----------------------------------------------------------------------------------


@pytest.fixture
def card(award, employer, provider) -> PaymentSource:
    hold(award, "The rest", 100_000)
    return saved(PaymentSource, employer)


def test_p15_one_source_pays_for_all(url, card, erin, signed_in, provider):
    client = signed_in(erin)
    saved(PaymentSource, erin, brand="Second")
    typed = rows(("Draft", "100", "advance"), ("Pages", "200"))
    response = client.post(url, typed)
    assert "is charged now, once for all of them" in said(response)
    # The other source is chosen with all that was typed.
    again = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode())
    sent = {name: value for name, value in again if name in typed}
    assert sent == typed
    second = client.post(url, {**sent, "source": re.search(r'name="source" value="(\d+)"', page(response))[1]})
    assert "<dt>Comes from</dt><dd>Second" in page(second)
    answer = confirm(client, url, token_of(second))
    assert answer["Location"].endswith("/money/")
    assert provider.calls == ["charge"]
    assert Payment.objects.get().amount == 30_000
    assert amounts() == [100_000, 10_000, 20_000]


def test_p17_a_declined_charge_makes_none_and_can_be_tried_again(award, url, card, erin, sam, signed_in, provider):
    provider.next = Outcome.DECLINED
    client = signed_in(erin)
    answer = confirm(client, url, ask(client, url, **rows(("Draft", "100", "advance"), ("Pages", "200"))))
    funding = Funding.objects.get()
    assert answer["Location"] == funding.get_absolute_url()
    text = page(client.get(funding.get_absolute_url()))
    again = f"{url}?again={funding.pk}"
    assert f'href="{again}"' in text
    assert "<h1>2 milestones</h1>" in text
    text = page(client.get(again))
    assert 'value="Draft"' in text
    assert 'value="100.00"' in text
    assert re.search(r'name="part-0-advance"[^>]* checked', text)
    assert "2 milestones" in page(client.get(award.project.get_absolute_url()))
    assert amounts() == [100_000]


@pytest.mark.parametrize("again", ["x", "0", "9" * 30, "-1", "\u0663"])
def test_p82_another_number_brings_nothing_along(url, erin, signed_in, again):
    response = signed_in(erin).get(url, {"again": again})
    assert response.status_code == 200
    assert 'name="part-2-task"' in page(response)
    assert " value=" not in re.search(r'<input[^>]*name="part-0-task"[^>]*>', page(response))[0]


def test_p82_what_others_tried_is_not_brought_along(offer, card, award, erin, signed_in, provider):
    provider.next = Outcome.DECLINED
    client = signed_in(erin)
    url = f"/awards/{award.pk}/milestones/divide/"
    confirm(client, url, ask(client, url, **rows(("Draft", "100"), ("Pages", "200"))))
    text = page(client.get(f"/awards/{offer.pk}/milestones/divide/", {"again": Funding.objects.get().pk}))
    assert "Draft" not in text


def test_p82_strangers_find_nothing_and_the_freelancer_is_told_why(url, sam, ana, wes, signed_in):
    for method in ("get", "post", "head"):
        for person in (sam, ana):
            assert getattr(signed_in(person), method)(url).status_code == 404
        assert getattr(signed_in(wes), method)(url).status_code == 403
