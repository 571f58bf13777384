"""The picture of held and released by month, the table behind it, and the steps behind that (P50, P53)."""

import datetime
import re
import uuid

import pytest
import time_machine

from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.dashboard import chart
from finances.ledger.months import later
from milestones.models import Milestone
from milestones.months import Month
from tests.finances.dashboard.conftest import awarded, live_through, walk
from tests.money import JPY
from tests.situation import hold
from tests.steps import page

PART = {"HX-Request": "true", "HX-Target": "chart"}


def at(text: str) -> time_machine.travel:
    return time_machine.travel(datetime.datetime.fromisoformat(text + "+00:00"), tick=True)


@pytest.fixture
def year(employer, wes, award):
    """€400 put on hold in March, €150 of it released in May, the rest returned in June; and €50 held in January."""
    with at("2031-03-10T10:00"):
        gallery = hold(award, "Photo gallery", 40_000)
    with at("2031-05-10T10:00"):
        gallery.release(15_000, by=employer, key=uuid.uuid4())
    with at("2031-06-10T10:00"):
        gallery.cancel(by=wes, key=uuid.uuid4())
    with at("2032-01-10T10:00"):
        hold(award, "Map", 5_000)
    with at("2032-01-20T10:00"):
        yield award


def table(picture) -> list[tuple[str, ...]]:
    return [
        (row["month"], *(re.sub("<[^>]*>", "", str(cell["sum"])) for cell in row["sums"])) for row in picture["rows"]
    ]


def test_p50_held_and_released_by_month(year, employer, wes, signed_in):
    for person, side in ((employer, "Outgoing"), (wes, "Incoming")):
        response = signed_in(person).get("/finances/chart/?currency=EUR")
        (picture,) = response.context["pictures"]
        assert picture["side"] == side
        assert table(picture) == [
            ("January 2032", "€50.00", "€0.00", "€0.00"),
            ("June 2031", "€0.00", "€0.00", "€250.00"),
            ("May 2031", "€0.00", "€150.00", "€0.00"),
            ("March 2031", "€400.00", "€0.00", "€0.00"),
        ]
        text = page(response)
        assert f'aria-label="{side}, February 2031 to January 2032 by month: €450.00 put on hold and' in text
        words = ["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan"]
        assert [bar["word"] for bar in picture["bars"]] == words
        heights = [float(bar["held"]["height"]) for bar in picture["bars"]]
        assert heights == [0, 130, 0, 0, 0, 0, 0, 0, 0, 0, 0, pytest.approx(16.2, abs=0.1)]
        assert [float(bar["released"]["height"]) for bar in picture["bars"]][3] == pytest.approx(48.8, abs=0.1)
        assert [line["words"] for line in picture["lines"]] == ["€400.00", ""]


def test_p50_finances_loads_it_when_it_is_looked_for(year, employer, sam, signed_in):
    """It costs Finances no query; with htmx it is a part, without a link to a page."""
    client = signed_in(employer)
    text = page(client.get("/finances/"))
    assert 'hx-get="/finances/chart/?currency=EUR" hx-trigger="revealed"' in text
    assert 'href="/finances/chart/?currency=EUR"' in text
    part = page(client.get("/finances/chart/?currency=EUR", headers=PART))
    assert "<html" not in part
    assert part.strip().startswith('<section class="panel" id="chart"')
    assert "<html" in page(client.get("/finances/chart/?currency=EUR"))
    assert "/finances/chart/" not in page(signed_in(sam).get("/finances/"))
    assert "Nothing was put on hold" in page(signed_in(sam).get("/finances/chart/"))


@pytest.mark.parametrize("currency", ["XXX1", "", "\0", "eur", "€"])
def test_an_unknown_currency_is_the_sites_first(year, employer, signed_in, currency):
    assert signed_in(employer).get("/finances/chart/", {"currency": currency}).context["currency"] == "EUR"


def test_p50_currencies_stay_apart(year, employer, wes, fund, signed_in):
    fund(employer, JPY("5000"))
    hold(awarded(employer, wes, currency="JPY"), "In yen", 1_200)
    (picture,) = signed_in(employer).get("/finances/chart/?currency=JPY").context["pictures"]
    assert table(picture) == [("January 2032", "¥1,200", "¥0", "¥0")]


@pytest.mark.parametrize("seed", range(2))
def test_p53_every_sum_opens_to_the_steps_that_it_is_made_of(erin, wes, ana, signed_in, seed):
    people = [erin, wes, ana]
    live_through(seed, people)
    for person in people:
        client = signed_in(person)
        for code in ("EUR", "JPY"):
            response = client.get("/finances/chart/", {"currency": code})
            for picture in response.context["pictures"]:
                for row in picture["rows"]:
                    month = client.get(row["url"])
                    assert [str(f["sum"]) for f in month.context["figures"]] == [str(c["sum"]) for c in row["sums"]]
                    for figure, cell in zip(month.context["figures"], row["sums"], strict=True):
                        assert f'href="{figure["url"]}"' in page(month)
                        if cell["url"]:
                            assert f'href="{cell["url"]}"' in page(response)
                            assert cell["url"] == figure["url"]
                        shown = client.get(figure["url"]).context["rows"]
                        assert bool(shown) == bool(cell["url"])
                        for step in shown[:1]:
                            assert client.get(step["url"]).status_code == 200


def test_p50_a_months_steps_have_pages(employer, many, signed_in):
    many(65)
    month = f"{datetime.datetime.now(datetime.UTC):%Y-%m}"
    shown = walk(signed_in(employer), f"/finances/months/outgoing/EUR/{month}/?kind=held")
    assert len(shown) == len(set(shown)) == 65
    assert walk(signed_in(employer), f"/finances/months/outgoing/EUR/{month}/?kind=released") == []


def test_p50_a_step_says_what_for_whom_and_when(year, employer, signed_in):
    response = signed_in(employer).get("/finances/months/outgoing/EUR/2031-05/")
    (row,) = response.context["rows"]
    assert (row["task"], row["project"], row["other"]) == ("Photo gallery", "Guest house website", "Wes Adeyemi")
    event = Milestone.objects.get(task="Photo gallery").events.get(action="release")
    assert row["url"] == event.get_absolute_url()
    text = page(response)
    assert "10 May 2031, 10:00" in text
    assert '<td class="num"><data value="150.00">€150.00</data></td>' in text


@pytest.mark.parametrize(
    "which",
    ["outgoing/EUR/2031-13", "outgoing/EUR/2031-04", "outgoing/USD/2031-05", "incoming/EUR/2031-05", "x/EUR/2031-05"],
)
def test_p82_a_month_without_a_step_is_not_found(year, employer, signed_in, which):
    assert signed_in(employer).get(f"/finances/months/{which}/").status_code == 404


def test_p82_nobody_sees_anothers_month(year, sam, ana, sue, signed_in, client):
    for side in ("outgoing", "incoming"):
        for person in (sam, ana, sue):
            assert signed_in(person).get(f"/finances/months/{side}/EUR/2031-05/").status_code == 404
        assert client.get(f"/finances/months/{side}/EUR/2031-05/").status_code == 302


def test_p50_the_same_few_queries_however_much_there_is(employer, many, signed_in):
    client, counts = signed_in(employer), []
    month = f"{datetime.datetime.now(datetime.UTC):%Y-%m}"
    for more in (5, 60):
        many(more)
        for address in ("/finances/chart/", f"/finances/months/outgoing/EUR/{month}/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 10


@pytest.mark.parametrize(
    ("most", "level"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (11, 20), (40_000, 40_000), (40_001, 60_000), (99_999, 100_000), (10**14, 10**14)],
)
def test_the_scale_is_round_and_has_a_middle(most, level):
    first = datetime.date(2031, 1, 1)
    picture = chart.picture("outgoing", "JPY", first, {("outgoing", later(first, 3)): Month(most, 0, 0)})
    assert [line["words"] for line in picture["lines"]] == [f"¥{level:,}", ""]
    bar = picture["bars"][3]["held"]
    assert float(bar["y"]) + float(bar["height"]) == pytest.approx(chart.FOOT, abs=0.11)
    assert (float(bar["height"]) > 0) == bool(most)
    assert float(bar["height"]) <= chart.FOOT - chart.TOP
