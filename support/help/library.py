"""The help centre's articles: Markdown files in ``articles/<language>/``, read once a process.

A file begins with lines ``name: value`` up to an empty one: ``title``, ``summary``, ``topic``, ``place`` (its number in
the topic), ``related`` (slugs) and ``words`` (what else people call it, for the search). In the text ``{name}`` is a
fact of ``facts.py``, ``[[Label]]`` the label of a button or page as the reader sees it; a fence ``steps`` draws steps.
"""

import html
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from django.conf import settings
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from support.help import facts

ARTICLES = Path(__file__).parent / "articles"
LABEL = re.compile(r"\[\[([^\]]+)\]\]")
PLACE = re.compile(r"\{([a-z_]+)\}")
HEADING = re.compile(r"<h2>(.*?)</h2>")

TOPICS: dict[str, str | Promise] = {
    "basics": _("The basics"),
    "hiring": _("Hiring and paying"),
    "working": _("Working and being paid"),
    "money": _("Money in and out"),
    "trouble": _("When something goes wrong"),
    "account": _("Your account"),
}
LINES = ("title", "summary", "topic", "place", "related", "words")


class Article(NamedTuple):
    """One article in one language, as it was written."""

    slug: str
    title: str
    summary: str
    topic: str
    place: int
    related: tuple[str, ...]
    words: str
    body: str


class Page(NamedTuple):
    """An article as it is shown: HTML made of its Markdown, and its headings with their anchors."""

    article: Article
    title: str
    summary: str
    content: SafeString
    headings: list[tuple[str, str]]


def languages() -> list[str]:
    """Return the folders of the site's languages."""
    return [to_locale(code) for code, _name in settings.LANGUAGES]


def spoken() -> str:
    """Return the folder of the active language."""
    locale = to_locale(get_language() or settings.CODE_LANGUAGE)
    return locale if locale in languages() else to_locale(settings.CODE_LANGUAGE)


@cache
def articles(locale: str) -> dict[str, Article]:
    """Return the articles of the folder *locale* by slug, in the order of topics and places."""
    found = [_read(file) for file in (ARTICLES / locale).glob("*.md")]
    topics = list(TOPICS)
    found.sort(key=lambda each: (topics.index(each.topic), each.place, each.slug))
    return {each.slug: each for each in found}


def _read(file: Path) -> Article:
    """Return the article in *file*. ValueError, with its name, for one that lacks a line or has another topic."""
    head, _gap, body = file.read_text().partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    if missing := set(LINES) ^ set(said):
        raise ValueError(f"{file}: {', '.join(sorted(missing))} missing or too much")
    if said["topic"] not in TOPICS:
        raise ValueError(f"{file}: there is no topic {said['topic']!r}")
    related = tuple(said["related"].split(", "))
    return Article(
        file.stem, said["title"], said["summary"], said["topic"], int(said["place"]), related, said["words"], body
    )


def page(article: Article) -> Page:
    """Return *article* as it is shown, with the facts of this site. KeyError for a fact that there is not."""
    known = facts.facts()
    content = _markdown().render(_filled(article.body, known))
    headings: list[tuple[str, str]] = []

    def anchored(match: re.Match[str]) -> str:
        headings.append((f"part-{len(headings) + 1}", html.unescape(re.sub("<[^>]+>", "", match[1]))))
        return f'<h2 id="{headings[-1][0]}">{match[1]}</h2>'

    content = LABEL.sub(_labelled, HEADING.sub(anchored, content))
    # Safe: it is made of our own files, with raw HTML switched off.
    return Page(article, filled(article.title), filled(article.summary), SafeString(content), headings)


def filled(text: str) -> str:
    """Return *text*, a title or a summary, with the facts of this site."""
    return LABEL.sub(_quoted, _filled(text, facts.facts()))


def _filled(text: str, known: dict[str, str]) -> str:
    return PLACE.sub(lambda match: known[match[1]], text)


def _labelled(match: re.Match[str]) -> str:
    label = gettext(html.unescape(match[1]))
    return f'<strong class="label">{html.escape(label)}</strong>'


def _quoted(match: re.Match[str]) -> str:
    label = gettext(match[1])
    return f"“{label}”"


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("fence", _drawn)  # type: ignore[arg-type]
    return reader


def _drawn(self: Any, tokens: Any, number: int, options: Any, env: Any) -> str:
    """Draw a fence of steps: a line each, what is done and, behind a bar, what that means."""
    lines = [line.partition("|") for line in tokens[number].content.strip().splitlines()]
    steps = "".join(
        f"<li><b>{html.escape(done.strip())}</b>{f'<span>{html.escape(means.strip())}</span>' if means else ''}</li>"
        for done, _bar, means in lines
    )
    return f'<ol class="drawn-steps">{steps}</ol>'
