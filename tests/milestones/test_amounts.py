"""Amounts as people type them, at creating and releasing (P13, P21, P82)."""

import uuid

import pytest

from milestones.models import Milestone, MilestoneEvent
from tests import factories
from tests.money import JPY, TND
from tests.situation import hold
from tests.steps import ask, confirm, error_at

NUMBER = "Write the amount as a number, like 1234.56."
ZERO = "The amount must be more than zero."
PLACES = "EUR has 2 decimals: write the amount like 1234.56."
REQUIRED = "Enter an amount."
TOO_MUCH = "That is more than one payment can hold."

BAD = [
    ("", REQUIRED),
    ("   ", REQUIRED),
    ("\u00a0\u3000", REQUIRED),
    ("0", ZERO),
    ("0.00", ZERO),
    ("-1", ZERO),
    ("\u22121", ZERO),
    ("-0", ZERO),
    ("1e400", NUMBER),
    ("1e2", NUMBER),
    ("NaN", NUMBER),
    ("nan", NUMBER),
    ("Infinity", NUMBER),
    ("-inf", NUMBER),
    ("\uff11\uff10", NUMBER),
    ("٤٠", NUMBER),
    ("४०", NUMBER),
    ("²", NUMBER),
    ("1_000", NUMBER),
    ("+5", NUMBER),
    ("5 0", NUMBER),
    ("1 000", NUMBER),
    ("1,5", NUMBER),
    ("1,00", NUMBER),
    ("1,0000", NUMBER),
    (",100", NUMBER),
    ("1,,000", NUMBER),
    ("1.000,00", NUMBER),
    ("1.", NUMBER),
    (".5", NUMBER),
    ("1.2.3", NUMBER),
    ("0x10", NUMBER),
    ("€5", NUMBER),
    ("5 EUR", NUMBER),
    ("five", NUMBER),
    ("1\u200b", NUMBER),
    ("<b>1</b>", NUMBER),
    ("1;DROP TABLE", NUMBER),
    ("%s", NUMBER),
    ("0.001", PLACES),
    ("1.000", PLACES),
    (str(2**63), TOO_MUCH),
    (str(2**64), TOO_MUCH),
    ("1000000000000.01", TOO_MUCH),
    ("9" * 20, TOO_MUCH),
    ("9" * 21, NUMBER),
    ("9" * 41, NUMBER),
    ("1" * 100_000, NUMBER),
    ("1\x00", "Null characters are not allowed."),
]


@pytest.fixture
def moved(erin, wes, available):
    """Whether anything moved since: funds, milestones, events."""
    return lambda: (available(erin), available(wes), Milestone.objects.count(), MilestoneEvent.objects.count())


def test_p21_creating_says_at_the_field_what_is_wrong(award, erin, signed_in, moved):
    before, client = moved(), signed_in(erin)
    for typed, words in BAD:
        response = client.post(f"/awards/{award.pk}/milestones/new/", {"amount": typed, "task": "x"})
        assert (response.status_code, error_at(response, "amount")) == (422, words), ascii(typed)[:40]
    assert moved() == before


def test_p21_releasing_says_at_the_field_what_is_wrong(milestone, erin, signed_in, moved):
    before, client = moved(), signed_in(erin)
    for typed, words in BAD:
        response = client.post(f"/milestones/{milestone.pk}/release/", {"amount": typed})
        assert (response.status_code, error_at(response, "amount")) == (422, words), ascii(typed)[:40]
    assert moved() == before


@pytest.mark.parametrize("typed", ["400.01", "401", "1,000.00", "1000000000000"])
def test_p21_more_than_held_is_refused_at_the_field(milestone, erin, signed_in, moved, typed):
    before = moved()
    response = signed_in(erin).post(f"/milestones/{milestone.pk}/release/", {"amount": typed})
    assert response.status_code == 422
    assert error_at(response, "amount") == "Only €400.00 is held."
    assert moved() == before


def test_p21_more_than_is_left_after_a_partial_release(milestone, erin, signed_in):
    milestone.release(39_999, by=erin, key=uuid.uuid4())
    response = signed_in(erin).post(f"/milestones/{milestone.pk}/release/", {"amount": "0.02"})
    assert error_at(response, "amount") == "Only €0.01 is held."


@pytest.mark.parametrize("typed", ["1000.01", "1,000.01", "999999999999.99"])
def test_p16_more_than_available_is_refused_at_the_field(award, erin, signed_in, moved, typed):
    before = moved()
    response = signed_in(erin).post(f"/awards/{award.pk}/milestones/new/", {"amount": typed, "task": "x"})
    assert response.status_code == 422
    assert error_at(response, "amount").startswith("You have €1,000.00 available, so €")
    assert moved() == before


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("0.01", 1),
        ("5", 500),
        ("5.5", 550),
        ("  5.50  ", 550),
        ("005", 500),
        ("0.10", 10),
        ("1,000.00", 100_000),
        ("1,000", 100_000),
        ("1000.00", 100_000),
    ],
)
def test_p13_what_can_be_meant_in_one_way_only_is_taken(award, erin, signed_in, typed, cents):
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    assert confirm(client, url, ask(client, url, amount=typed, task="x")).status_code == 302
    assert Milestone.objects.get().amount == cents


@pytest.mark.parametrize(
    ("funds", "good", "minor", "bad", "words"),
    [
        (JPY("500"), "500", 500, "0.5", "JPY has no decimals: write a whole number."),
        (JPY("5000"), "5,000", 5_000, "5000.00", "JPY has no decimals: write a whole number."),
        (TND("5.000"), "4.999", 4_999, "4.9999", "TND has 3 decimals: write the amount like 123.456."),
        (TND("5.000"), "5", 5_000, "0.0001", "TND has 3 decimals: write the amount like 123.456."),
    ],
)
def test_p21_other_currencies_have_other_decimals(erin, wes, fund, signed_in, funds, good, minor, bad, words):
    code = funds.currency.code
    fund(erin, funds)
    project = factories.ProjectFactory(employer=erin, currency=code)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    assert error_at(client.post(url, {"amount": bad, "task": "x"}), "amount") == words
    confirm(client, url, ask(client, url, amount=good, task="x"))
    milestone = Milestone.objects.get()
    assert (milestone.amount, milestone.currency) == (minor, code)
    release = f"/milestones/{milestone.pk}/release/"
    assert error_at(client.post(release, {"amount": bad}), "amount") == words
    assert confirm(client, release, ask(client, release, amount=good)).status_code == 302
    milestone.refresh_from_db()
    assert milestone.state == "released"


def test_a_huge_but_lawful_sum_goes_through(erin, wes, fund, signed_in):
    """A million millions: the largest of one operation."""
    fund(erin, TND("100000000000.000"))
    project = factories.ProjectFactory(employer=erin, currency="TND")
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    milestone = hold(award, "Everything", 10**14)
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    assert confirm(client, url, ask(client, url, amount="100,000,000,000.000")).status_code == 302
    assert client.get("/finances/?currency=TND").status_code == 200
