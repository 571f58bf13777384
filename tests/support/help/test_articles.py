"""The articles themselves: in every language, with nothing in them that can become untrue unnoticed (P61, P63)."""

import re
from pathlib import Path

import pytest

from django.conf import settings
from django.test import Client, override_settings
from django.utils import translation

from config import catalogs
from support.help import facts, library, searching

LOCALES = library.languages()
TEMPLATES = Path(settings.BASE_DIR, "templates")
SLUGS = sorted(library.articles("en"))
KNOWN = {each.id for each in catalogs.found() if isinstance(each.id, str)}


def test_p61_every_article_is_there_in_every_language():
    assert len(SLUGS) >= 25
    for locale in LOCALES:
        assert sorted(library.articles(locale)) == SLUGS


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("slug", SLUGS)
def test_an_article_is_whole(slug, locale):
    article = library.articles(locale)[slug]
    english = library.articles("en")[slug]
    assert (article.topic, article.place, article.related) == (english.topic, english.place, english.related)
    assert set(article.related) <= set(SLUGS) - {slug}
    text = f"{article.title} {article.summary} {article.body}"
    assert set(library.LABEL.findall(text)) <= KNOWN
    assert set(library.PLACE.findall(text)) <= set(facts.facts())
    assert library.LABEL.findall(article.body) == library.LABEL.findall(english.body)
    assert sorted(library.PLACE.findall(article.body)) == sorted(library.PLACE.findall(english.body))
    assert settings.SITE_NAME not in text
    assert not re.search(r"https?:|www\.", text)


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("slug", SLUGS)
def test_p63_a_page_has_the_facts_of_this_very_site(slug, code):
    with translation.override(code), override_settings(SITE_NAME="Guild & Sons", AWARD_ANSWER_HOURS=41):
        page = library.page(library.articles(library.spoken())[slug])
    shown = f"{page.title} {page.summary} {page.content}"
    assert "{" not in shown
    assert "[[" not in shown
    if "{site}" in library.articles("en")[slug].body:
        assert "Guild &amp; Sons" in shown
    if "{award_hours}" in library.articles("en")[slug].body:
        assert "41 hor" in shown or "41 hour" in shown


def test_labels_are_read_in_the_readers_language():
    with translation.override("pt-br"):
        page = library.page(library.articles("pt_BR")["releasing"])
    assert ">Sim, quero liberar o dinheiro<" in page.content
    assert "Yes, I want" not in page.content


def test_raw_html_in_an_article_is_text():
    article = library.articles("en")["fees"]._replace(
        body="## <i>x</i>\n\n<script>alert(1)</script> <b hx-get='/'>y</b>"
    )
    content = str(library.page(article).content)
    assert "<script" not in content
    assert "<b " not in content


def test_every_page_that_leads_to_an_article_leads_to_one_that_is_there():
    uses = [
        (file.name, slug)
        for file in TEMPLATES.rglob("*.html")
        for slug in re.findall(r'components/help\.html" with article="([^"]*)"', file.read_text())
    ]
    assert len(uses) > 12
    assert [use for use in uses if use[1] not in SLUGS] == []


@pytest.mark.parametrize("promise", [
    "a milestone payment", "advance", "cancel", "release", "divide", "dispute", "fees", "withdraw", "verify card",
    "money back", "staying safe", "awarding", "receipts", "passkey", "suspended",
])  # fmt: skip
@pytest.mark.django_db
def test_what_people_ask_is_found(promise):
    assert searching.search(promise)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "text", "first"),
    [
        ("en", "releasing", "releasing"),
        ("en", "adv", "advances"),
        ("en", "Can I withdraw?", "withdrawing"),
        ("pt-br", "adiantamento", "advances"),
        ("pt-br", "SACAR", "withdrawing"),
        ("pt-br", "TRANSFERENCIA", "withdrawing"),
    ],
)
def test_the_best_stands_first_whatever_its_accents_and_case(code, text, first):
    with translation.override(code):
        assert first in [hit.slug for hit in searching.search(text)][:2]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "  ", "\0", "<b>", "'; --", "zzzyx", "x" * 5000, "((", '"', "a & | !", ":*"])
def test_nonsense_finds_nothing_or_something_and_breaks_nothing(text):
    assert Client().get("/help/", {"q": text}).status_code == 200
