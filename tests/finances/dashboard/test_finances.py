"""The page called Finances: figures, lists, search, filters, pages (P50, P53)."""

import uuid

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.ledger.models import Account
from milestones.models import Milestone
from tests import factories
from tests.finances.dashboard.conftest import awarded, listed, live_through, walk
from tests.money import JPY
from tests.situation import hold
from tests.steps import page

TABS = ["/finances/", "/finances/incoming/", "/finances/transfers/"]
FILES = ["/finances/outgoing.csv", "/finances/transfers.csv"]


def figures(response) -> list[str]:
    return [str(figure["sum"]) for figure in response.context["figures"]]


def minor(shown: str) -> int:
    """The minor units in the ``<data>`` of an amount."""
    return int(shown.partition('value="')[2].partition('"')[0].replace(".", ""))


def test_p10_p11_balance_menu_and_the_way_to_create(employer, signed_in):
    text = page(signed_in(employer).get("/finances/"))
    assert '<data value="100000.00">€100,000.00</data>' in text
    assert 'href="/finances/"' in text
    assert ">Create Milestone Payment</a>" in text
    assert 'href="/finances/milestones/new/"' in text


@pytest.mark.parametrize("tab", TABS)
def test_a_new_member_sees_zeros_and_words(sam, signed_in, tab):
    response = signed_in(sam).get(tab)
    assert response.status_code == 200
    assert {minor(figure) for figure in figures(response)} == {0}
    assert "rowlist" not in page(response)


def test_p82_signed_out_nobody_sees_anything(client):
    for address in (*TABS, "/finances/outgoing.csv", "/finances/milestones/new/", "/finances/milestones/new/choices/"):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("seed", range(4))
def test_p53_every_figure_equals_what_its_link_shows(erin, wes, ana, signed_in, seed):
    """After any history: the sums on top are the sums of the lists that they open, and of the ledger."""
    people = [erin, wes, ana]
    live_through(seed, people)
    for person in people:
        client = signed_in(person)
        for code in ("EUR", "JPY"):
            response = client.get("/finances/", {"currency": code})
            available, out, coming, _ = response.context["figures"]
            for figure in response.context["figures"]:
                assert f'href="{figure["url"]}"' in page(response)
            # What is available is the last balance of the statement that explains it.
            statement = client.get(available["url"]).context["rows"]
            assert minor(str(available["sum"])) == minor(str(statement[0]["balance"]))
            assert minor(str(available["sum"])) == person.accounts.get(kind="wallet", currency=code).balance
            for figure, side in ((out, "employer"), (coming, "freelancer")):
                mine = Milestone.objects.filter(**{side: person}, currency=code, state="held").select_related("escrow")
                assert minor(str(figure["sum"])) == sum(m.held for m in mine)
                shown = walk(client, figure["url"])
                assert sorted(shown) == sorted(m.get_absolute_url() for m in mine)
                word = "milestone" if len(shown) == 1 else "milestones"
                assert figure["words"] == f"in {len(shown)} {word}"


def test_p50_currencies_stay_apart(employer, wes, fund, signed_in, award):
    fund(employer, JPY("50000"))
    hold(award, "In euros", 30_000)
    hold(awarded(employer, wes, currency="JPY"), "In yen", 30_000)
    client = signed_in(employer)
    euros, yen = client.get("/finances/"), client.get("/finances/?currency=JPY")
    assert listed(euros) == ["In euros"]
    assert listed(yen) == ["In yen"]
    assert [minor(f) for f in figures(euros)] == [9_970_000, 30_000, 0, 0]
    assert [minor(f) for f in figures(yen)] == [20_000, 30_000, 0, 0]
    assert "¥30,000" in page(yen)
    assert "¥300.00" not in page(yen)
    assert [minor(f) for f in figures(signed_in(wes).get("/finances/incoming/?currency=JPY"))] == [0, 0, 30_000, 0]


def test_p50_the_currency_with_money_comes_first(erin, wes, fund, signed_in):
    """A spent euro wallet doesn't hide the yen."""
    fund(erin, JPY("500"))
    Account.wallet(erin.pk, "EUR")
    assert signed_in(erin).get("/finances/").context["currency"] == "JPY"


def test_p50_at_most_ten_queries_whatever_the_length(employer, wes, many, signed_in):
    """30 rows or 300: the same statements, on every tab."""
    tabs = [(signed_in(employer), TABS[0]), (signed_in(wes), TABS[1]), (signed_in(employer), TABS[2])]
    counts = []
    for more in (30, 270):
        many(more)
        for client, tab in tabs:
            client.get(tab)
            with CaptureQueriesContext(connection) as queries:
                response = client.get(tab)
            assert len(response.context["rows"]) == 30
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 10, counts


@pytest.mark.parametrize(("tab", "number"), [("/finances/", 95), ("/finances/transfers/", 96)])
def test_p50_pages_walk_the_whole_list_without_a_gap_or_a_repeat(employer, many, signed_in, tab, number):
    made = many(95)
    shown = walk(signed_in(employer), tab)
    assert len(shown) == len(set(shown)) == number
    if tab == "/finances/":
        assert shown == [m.get_absolute_url() for m in reversed(made)]


@pytest.mark.parametrize("number", [29, 30, 31, 60, 61])
def test_p50_a_full_page_offers_older_only_if_there_is_more(employer, many, signed_in, number):
    many(number)
    client = signed_in(employer)
    assert bool(client.get("/finances/").context["older"]) == (number > 30)
    assert len(walk(client, "/finances/")) == number


def test_p50_a_new_row_between_two_pages_shifts_nothing(employer, many, award, signed_in):
    made = many(45)
    client = signed_in(employer)
    first = client.get("/finances/")
    hold(award, "New", 100)
    second = client.get(first.context["older"])
    assert [r["url"] for r in second.context["rows"]] == [m.get_absolute_url() for m in reversed(made[:15])]
    assert second.context["newest"] == "/finances/?currency=EUR"


@pytest.fixture
def searchable(employer, wes, ana, award):
    """Three milestones that differ in everything."""
    return {
        "gallery": hold(award, "Photo gallery", 100),
        "form": hold(awarded(employer, ana, title="Summer brochure"), "Booking form", 100),
        "odd": hold(award, "100% _done_ \\ 'quoted' <i>", 100),
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("photo", {"gallery"}),
        ("GALLERY", {"gallery"}),
        ("  gallery  ", {"gallery"}),
        ("brochure", {"form"}),
        ("guest house", {"gallery", "odd"}),
        ("ana lima", {"form"}),
        ("Adeyemi", {"gallery", "odd"}),
        ("Erin", set()),
        ("100%", {"odd"}),
        ("%", {"odd"}),
        ("_", {"odd"}),
        ("\\", {"odd"}),
        ("'", {"odd"}),
        ("<i>", {"odd"}),
        ("nothing like it", set()),
        ("M0", set()),
        ("M999999999999999999", set()),
        ("9" * 30, set()),
        ("x" * 5_000, set()),
        ("\0", {"gallery", "form", "odd"}),
        ("pho\0to", {"gallery"}),
        ("", {"gallery", "form", "odd"}),
    ],
)
def test_p50_search_finds_task_project_and_person(searchable, employer, signed_in, words, found):
    response = signed_in(employer).get("/finances/", {"q": words})
    assert response.status_code == 200
    assert set(listed(response)) == {searchable[name].task for name in found}
    if not found:
        assert "Nothing fits these filters." in page(response)


@pytest.mark.parametrize("shape", ["M{}", "m{}", "{}", " M{} "])
def test_p50_search_finds_the_number(searchable, employer, signed_in, shape):
    response = signed_in(employer).get("/finances/", {"q": shape.format(searchable["form"].pk)})
    assert "Booking form" in listed(response)


def test_p50_search_from_the_freelancers_side(searchable, wes, ana, signed_in):
    assert len(listed(signed_in(wes).get("/finances/incoming/?q=Erin"))) == 2
    assert listed(signed_in(wes).get("/finances/incoming/?q=Wes")) == []
    assert listed(signed_in(ana).get(f"/finances/incoming/?q=M{searchable['gallery'].pk}")) == []


def test_p50_filters_by_state_and_keeps_them_from_page_to_page(employer, wes, many, signed_in):
    made = many(80)
    for m in made[:5]:
        m.release(100, by=employer, key=uuid.uuid4())
    for m in made[5:9]:
        m.cancel(by=wes, key=uuid.uuid4())
    client = signed_in(employer)
    assert len(walk(client, "/finances/?state=released")) == 5
    assert len(walk(client, "/finances/?state=cancelled")) == 4
    assert len(walk(client, "/finances/?state=held&q=Part")) == 71
    assert len(walk(client, "/finances/transfers/?kind=return")) == 4
    assert len(walk(client, "/finances/transfers/?kind=hold")) == 80
    assert "q=Part" in client.get("/finances/?state=held&q=Part").context["older"]


# fmt: off
SENSELESS = [
    "before=0", "before=-1", "before=x", "before=1e9", "before=99999999999999999999", "before=" + "9" * 5000,
    "before=%D9%A4", "before=9223372036854775807", "before=9223372036854775808", "before=%00", "before=",
    "currency=XXX", "currency=%00", "currency=eur&currency=JPY", "state=lost", "state=%00", "kind=x",
    "q=%ff%fe", "q=%00", "q=%F0%9F%92%B6", "who=%ff%00", "who=" + "a%20" * 200, "who=%C2%B7", "award=", "=&&==&",
]
# fmt: on


@pytest.mark.parametrize("tab", [*TABS, *FILES, "/finances/milestones/new/"])
def test_p82_no_query_breaks_it(employer, award, signed_in, tab):
    hold(award, "x", 100)
    client = signed_in(employer)
    for number, query in enumerate(SENSELESS):
        headers = ({}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Target": "dialog"})[number % 3]
        response = client.get(f"{tab}?{query}", headers=headers)
        assert response.status_code == 200, query
        if response.streaming:
            assert b"".join(response.streaming_content)


@pytest.mark.parametrize("before", ["before=x", "before=-1", "before=99999999999999999999", "before=%D9%A4"])
def test_p82_a_senseless_place_is_the_first_page(employer, many, signed_in, before):
    many(2)
    assert len(signed_in(employer).get(f"/finances/?{before}").context["rows"]) == 2


@pytest.mark.parametrize(
    "tab", ["/finances/lost/", "/finances/lost.csv", "/finances/outgoing/x/", "/finances/Incoming/"]
)
def test_p82_other_tabs_are_not_there(employer, signed_in, tab):
    assert signed_in(employer).get(tab).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_p82_nothing_is_changed_here(employer, signed_in, method):
    for address in (*TABS, "/finances/outgoing.csv", "/finances/milestones/new/", "/finances/milestones/new/choices/"):
        assert getattr(signed_in(employer), method)(address).status_code == 405
        assert signed_in(employer).head(address).status_code == 200


def test_p82_a_stranger_sees_nothing_of_others(searchable, sam, signed_in):
    client = signed_in(sam)
    for address in (*TABS, "/finances/?q=Photo", "/finances/incoming/?q=Erin", "/finances/milestones/new/"):
        text = page(client.get(address))
        for secret in ("Photo gallery", "Booking form", "Erin Vogel", "Adeyemi", "Ana Lima"):
            assert secret not in text


def test_p20_the_outgoing_list_carries_release_and_cancel_where_they_are_due(employer, wes, award, signed_in):
    held = hold(award, "Held", 100)
    done = hold(award, "Done", 100)
    done.release(100, by=employer, key=uuid.uuid4())
    early = hold(factories.AwardFactory(employer=employer, freelancer=wes), "Early", 100)
    rows = {row["task"]: row for row in signed_in(employer).get("/finances/").context["rows"]}
    assert [(a["label"], a["url"]) for a in rows["Held"]["actions"]] == [("Release", f"/milestones/{held.pk}/release/")]
    assert [(a["label"], a["url"]) for a in rows["Early"]["actions"]] == [("Cancel", f"/milestones/{early.pk}/cancel/")]
    assert rows["Done"]["actions"] == []
    theirs = {row["task"]: row for row in signed_in(wes).get("/finances/incoming/").context["rows"]}
    assert [a["label"] for a in theirs["Held"]["actions"]] == ["Cancel milestone"]
    assert theirs["Done"]["actions"] == []


def test_p50_awards_that_wait_for_me_come_first(employer, wes, ana, fund, signed_in):
    """Even where more than ten of others' are due sooner."""
    for _ in range(11):
        factories.AwardFactory(employer=employer, freelancer=wes)
    mine = factories.AwardFactory(employer=ana, freelancer=employer)
    rows = signed_in(employer).get("/finances/").context["waiting"]
    assert len(rows) == 10
    assert (rows[0]["mine"], rows[0]["url"]) == (True, mine.project.get_absolute_url())
    assert [row["mine"] for row in rows].count(True) == 1


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/finances/", '<a class="btn" href="/projects/new/">Post a project</a>'),
        ("/finances/incoming/", '<a class="btn" href="/projects/">Browse projects</a>'),
        ("/finances/transfers/", '<a class="btn" href="/projects/">Browse projects</a>'),
        ("/finances/?q=x", '<a class="btn" href="/finances/?currency=EUR">Show all</a>'),
        ("/finances/transfers/?q=x", '<a class="btn" href="/finances/transfers/?currency=EUR">Show all</a>'),
    ],
)
def test_an_empty_list_says_what_to_do_next(sam, signed_in, address, action):
    text = page(signed_in(sam).get(address))
    assert text.count('<div class="empty">') == 1
    assert action in text
