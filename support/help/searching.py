"""Full-text search over the articles, by PostgreSQL's own, in the reader's language.

The articles are few and don't change while the site runs, so they are handed to the database with the question: there
is no table that could fall behind the files. Accents make no difference.
"""

import re
import unicodedata
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from support.help import library
from support.help.library import Article

CONFIGURATIONS = {"en": "english", "pt_BR": "portuguese"}
LONGEST = 80  # characters of a question

FOUND = """
    WITH asked AS (SELECT websearch_to_tsquery(%(language)s::regconfig, %(words)s)
            || CASE WHEN %(prefix)s = '' THEN ''::tsquery ELSE to_tsquery('simple', %(prefix)s) END AS query),
    texts AS (SELECT slug,
            setweight(to_tsvector(%(language)s::regconfig, title), 'A')
            || setweight(to_tsvector(%(language)s::regconfig, summary), 'B')
            || setweight(to_tsvector(%(language)s::regconfig, body), 'D') AS vector
        FROM unnest(%(slugs)s::text[], %(titles)s::text[], %(summaries)s::text[], %(bodies)s::text[])
            AS article (slug, title, summary, body))
    SELECT slug FROM texts, asked WHERE vector @@ query ORDER BY ts_rank(vector, query) DESC, slug
"""


class Hit(NamedTuple):
    """An article that was found."""

    slug: str
    title: str
    summary: str


def search(text: str) -> list[Hit]:
    """Return the articles about *text*, the best first; nothing for an empty question."""
    words = plain(text)
    if not words:
        return []
    locale = library.spoken()
    last = re.findall(r"\w+", words)[-1:]
    values: dict[str, Any] = {
        "language": CONFIGURATIONS[locale],
        "words": words,
        "prefix": f"{last[0]}:*" if last and len(last[0]) > 2 else "",
        **_texts(locale),
    }
    with connection.cursor() as cursor:
        cursor.execute(FOUND, values)
        slugs = [slug for (slug,) in cursor.fetchall()]
    articles = library.articles(locale)
    return [hit(articles[slug]) for slug in slugs]


def hit(article: Article) -> Hit:
    """Return *article* as lists show it."""
    return Hit(article.slug, library.filled(article.title), library.filled(article.summary))


def plain(text: str) -> str:
    """Return *text* without accents and signs that nobody sees, and no longer than a question is."""
    seen = "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")[:LONGEST]
    parts = unicodedata.normalize("NFKD", seen)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).strip().lower()


@cache
def _texts(locale: str) -> dict[str, list[str]]:
    found = library.articles(locale).values()
    return {
        "slugs": [each.slug for each in found],
        "titles": [_unaccented(each.title) for each in found],
        "summaries": [_unaccented(f"{each.summary} {each.words}") for each in found],
        "bodies": [_unaccented(each.body) for each in found],
    }


def _unaccented(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).lower()
