"""What a dispute costs, how long it takes and how such disputes ended, said before one is opened."""

import datetime
import uuid

import pytest

from django.template.loader import render_to_string
from django.utils import timezone

from config import fees
from config.times import lasting
from disputes import how
from disputes.terms import Terms
from tests.situation import hold


def sums(text: str) -> dict[str, fees.Fee]:
    return fees.read("ARBITRATION_FEES", text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4 * 86_400, "4 days"),
        (86_400, "1 day"),
        (90_000, "1 day and 1 hour"),
        (36 * 3600, "1 day and 12 hours"),
        (3600, "1 hour"),
        (59, "less than an hour"),
    ],
)
def test_times_are_told_in_days_and_hours(seconds, words):
    assert lasting(seconds) == words


@pytest.mark.parametrize(
    ("setting", "words", "example"),
    [
        ("", "Nothing: arbitration is free of charge.", ""),
        ("EUR=5%", "A verdict costs 5% of what is in dispute.", "€1,000.00 that is €50.00"),
        ("EUR=5% min 20.00", "5% of what is in dispute, €20.00 at least, and never more than 10%", "€50.00"),
        ("EUR=0% min 20.00", "A verdict costs €20.00, and never more than 10%", "€20.00"),
        ("EUR=50%", "A verdict costs 10% of what is in dispute.", "€1,000.00 that is €100.00"),
    ],
)
def test_the_fee_is_told_in_words_with_an_example(settings, db, setting, words, example):
    settings.ARBITRATION_FEES = sums(setting)
    facts = how.facts("EUR")
    assert words in facts["fee"]
    assert example in facts["fee_example"]
    assert bool(facts["fee_example"]) == bool(example)


def test_the_fee_of_the_very_sum_is_told_before_opening(settings, db):
    settings.ARBITRATION_FEES = sums("EUR=5% min 20.00")
    assert "€300.00 that is €20.00" in how.facts("EUR", 30_000)["fee_example"]
    assert "¥100,000 that is ¥3,000" in how.fee_example(Terms(1, 1, 1, 1, 1, fee_percent="3"), "JPY")


def ended(dispute_of, award, by, ends, days: int) -> None:
    """Let *by* open a dispute that *ends* after that many days."""
    dispute = dispute_of([hold(award, "Page", 1_000)], [500], by=by)
    with_time = timezone.now() + datetime.timedelta(days=days)
    original, timezone.now = timezone.now, lambda: with_time
    try:
        ends(dispute)
    finally:
        timezone.now = original


def test_how_such_disputes_ended_is_told_once_there_are_enough(dispute_of, award, erin, wes):
    """Counts and half of the times, and no names."""

    def accept(dispute):
        dispute.accept(dispute.offers.get(), by=wes, key=uuid.uuid4())

    def withdraw(dispute):
        dispute.withdraw(by=erin, key=uuid.uuid4())

    for days, ends in ((1, accept), (2, accept), (3, accept), (40, withdraw)):
        ended(dispute_of, award, erin, ends, days)
    assert how.ended() == (4, [], "")
    assert how.ended().words == "Too few have ended to tell."
    dispute_of([hold(award, "Still open", 1_000)], [500], by=erin)
    assert how.ended().total == 4
    ended(dispute_of, award, erin, accept, 4)
    assert how.ended() == (5, [("An offer was accepted", 4), ("Withdrawn by who opened it", 1)], "4 days")
    assert "Half of them took 4 days at most." in how.ended().words


def test_the_short_form_says_times_and_costs(settings, db):
    settings.DISPUTE_ANSWER_HOURS, settings.DISPUTE_NEGOTIATION_HOURS, settings.DISPUTE_VERDICT_HOURS = 24, 60, 240
    settings.SECOND_ARBITRATOR_FROM = {"EUR": 50_000}
    page = render_to_string("disputes/_how_short.html", {"how": how.facts("EUR")})
    for words in ("1 day", "2 days and 12 hours", "10 days", "free of charge", "From €500.00 on", "Too few"):
        assert words in page


def test_the_page_says_it_for_every_currency(settings, signed_in, sam):
    settings.CURRENCIES = ["EUR", "JPY"]
    settings.ARBITRATION_FEES = sums("*=5%,JPY=5% min 700")
    page = signed_in(sam).get("/disputes/how-it-works/").content.decode()
    for words in ("€1,000.00 that is €50.00", "¥700 at least", "4 days", "What if nobody answers?", "Japanese Yen"):
        assert words in page


def test_the_page_is_for_members_alone(client):
    assert client.get("/disputes/how-it-works/").status_code == 302


def test_the_page_asks_the_database_no_more_for_more_disputes(
    signed_in, sam, dispute_of, award, erin, django_assert_max_num_queries
):
    for number in range(3):
        dispute_of([hold(award, f"Page {number}", 1_000)], [500], by=erin)
    browser = signed_in(sam)
    with django_assert_max_num_queries(8):
        browser.get("/disputes/how-it-works/")
