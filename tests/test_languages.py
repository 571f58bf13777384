"""Every page that somebody gets by the permission table, read in another language: no word of English stays.

A word that is translated when the code is loaded, and not when the page is read, is found here.
"""

from html.parser import HTMLParser
from typing import Any

import pytest

from django.core.cache import cache
from django.test import Client

from config import catalogs
from tests import situation
from tests.test_permissions import PEOPLE, ROWS

# "Out" is October in Portuguese; what a payment is for is kept in the words of its owner, when they made it.
SAME = {"Out", "Deposit"}
ADDRESSES = [
    (row.address, [who for who in PEOPLE[:5] if row.answers[who] == "200"])
    for row in ROWS
    if "GET" in row.methods and not row.address.startswith("/admin/") and "200" in list(row.answers.values())[:5]
]


class Texts(HTMLParser):
    """Collects what people read on a page, and the numbers that its drawings are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self.numbers: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        for name, value in attrs:
            if name in ("aria-label", "title", "placeholder", "alt") and value:
                self.texts.add(value)
            if name in ("x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy", "viewbox") and value:
                self.numbers.append(value)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and self.inside[-1:] not in (["script"], ["style"]):
            self.texts.add(text)


@pytest.fixture
def english() -> set[str]:
    """Sentences and words that read otherwise in Portuguese, without places for others."""
    words = catalogs.read("pt-br")
    translations = {string for each in words if each.id for string in catalogs.strings(each)}
    return {
        id
        for each in words
        if isinstance(id := each.id, str) and id and each.string != id and "%(" not in id and id not in translations
    }


@pytest.mark.django_db
def test_no_page_is_half_translated(settings: Any, english: set[str]) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    cache.clear()
    scene, found, looked = situation.build(), {}, 0
    for address, people in ADDRESSES:
        for who in people:
            client = Client(headers={"accept-language": "pt-BR"})
            if who != "anonymous":
                client.force_login(scene.people[who])
            answer = client.get(scene.address(address))
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                continue
            looked += 1
            page = Texts()
            page.feed(answer.content.decode())
            assert not [number for number in page.numbers if "," in number], (
                f"{address}: numbers for people in a drawing"
            )
            if left := sorted(page.texts & english - SAME):
                found[f"{address} ({who})"] = left
    assert looked > 100
    assert found == {}


def test_it_would_find_english(english: set[str]) -> None:
    page = Texts()
    page.feed('<html lang="pt-br"><h1>Finances</h1><p aria-label="Available funds">x</p><p>Finanças</p></html>')
    assert page.texts & english == {"Finances", "Available funds"}


def test_the_table_has_pages() -> None:
    assert len(ADDRESSES) > 60
