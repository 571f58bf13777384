"""Every figure on a page opens to what makes it up (P53)."""

import re
import uuid

import pytest

from config.money import plain_minor
from milestones.models import Milestone
from tests.situation import hold

LINKED = re.compile(r'<a [^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*?<data value="[^"]+">', re.S)
FIGURE = re.compile(r'<data value="([^"]+)">')


@pytest.fixture
def worked(award, employer, wes):
    """€400.00 put on hold, 150.00 released; €50.00 put on hold and given back; €20.00 held."""
    gallery = hold(award, "Photo gallery", 40_000)
    gallery.release(15_000, by=employer, key=uuid.uuid4())
    hold(award, "Map", 5_000).cancel(by=wes, key=uuid.uuid4())
    hold(award, "Prices", 2_000)
    return award


def test_p53_figures_of_money_that_moved_are_links(worked, employer, signed_in):
    """All but what was typed and moved nothing: what was agreed, bid or budgeted."""
    client = signed_in(employer)
    milestone = Milestone.objects.filter(task="Photo gallery").get()
    agreed = plain_minor(worked.amount, "EUR")
    budget = [plain_minor(minor, "EUR") for minor in (worked.project.budget_from, worked.project.budget_to)]
    receipt = milestone.events.get(action="release")
    addresses = (
        *(worked.project.get_absolute_url(), "/my-work/", milestone.get_absolute_url(), receipt.get_absolute_url()),
        *("/finances/", "/finances/transfers/", f"/awards/{worked.pk}/milestones/new/"),
    )
    for address in addresses:
        text = client.get(address).content.decode()
        figures, linked = FIGURE.findall(text), [FIGURE.search(m[0])[1] for m in LINKED.finditer(text)]
        assert linked, address
        # The balance in the top bar stands twice: on the button, and in the menu that it opens, as a link.
        left = figures[1:]
        for value in linked:
            left.remove(value)
        assert [v for v in left if v not in (agreed, *budget)] == [], address


def test_p53_a_balance_opens_to_the_statement_that_ends_with_it(worked, employer, wes, signed_in):
    """Each balance in the list, and on a transfer's page, leads to the transfers that made it, newest first."""
    client = signed_in(employer)
    text = client.get("/finances/transfers/").content.decode()
    cells = re.findall(r'balance-cell[^>]*><a class="figure-link" href="([^"]+)"><data value="([^"]+)">', text)
    assert len(cells) == 5
    for address, balance in cells:
        then = client.get(address.replace("&amp;", "&")).content.decode()
        assert re.findall(r'balance-cell[^>]*><a [^>]*><data value="([^"]+)">', then)[0] == balance
    release = Milestone.objects.get(task="Photo gallery").events.get(action="release").transfer
    afterwards = re.compile(r'href="([^"]+)"><data value="([^"]+)">[^<]*<[^>]*>[^<]*afterwards')
    for person, told in (
        (employer, [("/milestones/", "250.00")]),
        (wes, [("/milestones/", "250.00"), ("/finances/", "150.00")]),
    ):
        page = signed_in(person).get(f"/finances/transfers/{release.pk}/").content.decode()
        found = afterwards.findall(page)
        assert [value for _address, value in found] == [value for _start, value in told]
        for (address, value), (start, _value) in zip(found, told, strict=True):
            assert address.startswith(start)
            assert value in signed_in(person).get(address.replace("&amp;", "&")).content.decode()


def test_p53_the_awards_figures_open_to_all_its_transfers(worked, employer, wes, signed_in):
    for person in (employer, wes):
        text = signed_in(person).get(f"/awards/{worked.pk}/money/").content.decode()
        sums = re.findall(r"<dd><data value=\"([^\"]+)\">", text)
        assert sums == ["470.00", "150.00", "50.00", "270.00"]
        changes = re.findall(r'<td class="num change"><a [^>]+><data value="([^"]+)">', text)
        assert changes == ["20.00", "-50.00", "50.00", "-150.00", "400.00"]
        for reference in re.findall(r'href="(/finances/transfers/[0-9]+/)"', text):
            assert signed_in(person).get(reference).status_code == 200


def test_p53_a_long_history_has_pages(award, employer, many, signed_in):
    many(35)
    client, address, seen = signed_in(employer), f"/awards/{award.pk}/money/", []
    url = address
    while url:
        text = client.get(url).content.decode()
        seen += re.findall(r'class="title" href="[^"]+">(Part [0-9]+)<', text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        url = address + older[1] if older else ""
    assert seen == [f"Part {n}" for n in reversed(range(35))]


def test_a_panel_shows_the_newest_and_leads_to_the_rest(award, employer, many, signed_in):
    many(35)
    client = signed_in(employer)
    text = client.get(award.project.get_absolute_url()).content.decode()
    assert re.findall(r">Part ([0-9]+)<", text) == [str(n) for n in range(34, 4, -1)]
    more = re.search(r'href="([^"]+)">All 35 milestones<', text)[1].replace("&amp;", "&")
    assert "Part 34" in client.get(more).content.decode()
    assert '<dd class="figure"><a class="figure-link" href="/awards/' in text
    assert "€35.00" in text


def test_p50_transfers_are_found_by_reference_task_project_and_milestone(worked, employer, wes, sam, signed_in):
    release = Milestone.objects.get(task="Photo gallery").events.get(action="release").transfer
    for person, found in ((employer, ["-400.00"]), (wes, ["150.00"])):
        client = signed_in(person)
        for words in ("gallery", f"M{Milestone.objects.get(task='Photo gallery').pk}"):
            text = client.get("/finances/transfers/", {"q": words}).content.decode()
            assert re.findall(r'<td class="num change"><a [^>]+><data value="([^"]+)">', text) == found, words
            rows = b"".join(client.get("/finances/transfers.csv", {"q": words}).streaming_content).decode()
            assert rows.count("\n") == 2, words
    text = signed_in(wes).get("/finances/transfers/", {"q": release.reference}).content.decode()
    assert re.findall(r'<td class="num change"><a [^>]+><data value="([^"]+)">', text) == ["150.00"]
    text = signed_in(wes).get("/finances/transfers/", {"q": "Guest house"}).content.decode()
    assert re.findall(r'<td class="num change"><a [^>]+><data value="([^"]+)">', text) == ["150.00"]
    for words in ("Map\x00", "T999999999", "nothing like it", "%", release.reference):
        text = signed_in(sam).get("/finances/transfers/", {"q": words}).content.decode()
        assert '<td class="num change">' not in text
