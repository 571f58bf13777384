"""The site's words in other languages: found in the code, kept in ``config/locale``, compiled for gettext.

Django's own ``makemessages`` needs GNU gettext on the machine; Babel reads and writes the same files without.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

# Folders whose words nobody reads on a page, and the demo's, whose people write in their own language.
LEFT_OUT = {"tests", "benchmarks", "demo", "docs", "var", "requirements"}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACE = re.compile(r"%\([a-z_0-9]+\)[sd]|%%", re.I)
COMMENT = (
    "# Translations of the site's words. `manage.py messages` adds what is new in the code and drops what is gone."
)


class Words(Catalog):
    """A catalog without dates and the like: it changes when words do, and not with each run."""

    def _get_mime_headers(self) -> list[tuple[str, str]]:
        kept = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
        return [(name, value) for name, value in super()._get_mime_headers() if name in kept]

    mime_headers = property(_get_mime_headers, Catalog._set_mime_headers)


def languages() -> list[str]:
    """Return the site's languages other than that of the code."""
    return [code for code, _name in settings.LANGUAGES if code != settings.CODE_LANGUAGE]


def path(language: str, kind: str = "po") -> Path:
    """Return the file with the words of *language*: ``po`` for people, ``mo`` for gettext."""
    return Path(settings.BASE_DIR, "config", "locale", to_locale(language), "LC_MESSAGES", f"django.{kind}")


def sources() -> Iterator[Path]:
    """Yield every file that can have words in it, in order."""
    for folder in sorted(Path(settings.BASE_DIR).iterdir()):
        if folder.is_dir() and folder.name not in LEFT_OUT and not folder.name.startswith("."):
            yield from sorted(file for file in folder.rglob("*") if file.suffix in (".py", ".html", ".txt"))


def found() -> Catalog:
    """Return the words that the code has now, each with the files in which it stands."""
    catalog = Words(charset="utf-8")
    for file in sources():
        name, text = str(file.relative_to(settings.BASE_DIR)), file.read_text()
        python = text if file.suffix == ".py" else templatize(text, origin=name)
        for _line, words, _comments, context in extract("python", io.BytesIO(python.encode()), keywords=KEYWORDS):
            catalog.add(words, locations=[(name, 0)], context=context)
    return catalog


def read(language: str) -> Catalog:
    """Return the words of *language* as they are kept; an empty catalog where there are none yet."""
    file = path(language)
    if not file.exists():
        return Words(locale=to_locale(language), charset="utf-8", fuzzy=False)
    with file.open("rb") as content:
        return read_po(content, locale=to_locale(language))


def renewed(language: str) -> Catalog:
    """Return the words that the code has now, with those translations that there are."""
    old, new = read(language), Words(locale=to_locale(language), charset="utf-8", fuzzy=False)
    new.header_comment = COMMENT
    for message in sorted((each for each in found() if each.id), key=_order):
        had = old.get(first(message.id), message.context)
        string = had.string if had and had.id == message.id else ("", "") if message.pluralizable else ""
        new.add(message.id, string, sorted(set(message.locations)), message.flags, context=message.context)
    return new


def _order(message: Message) -> tuple[str, str, str]:
    return str(min(message.locations)[0]), first(message.id), message.context or ""


def first(id: str | tuple[str, ...] | list[str]) -> str:
    """Return the id of a message, of one with a plural that of the singular."""
    return id if isinstance(id, str) else id[0]


def as_po(catalog: Catalog) -> bytes:
    """Return *catalog* as a file for people."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """Return *catalog* as a file for gettext."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def complaints(language: str) -> list[str]:
    """Return what is wrong with the words of *language*, a sentence each; nothing where all is well."""
    kept, now = read(language), renewed(language)
    told = [f"not translated: {first(each.id)!r}" for each in now if each.id and not all(strings(each))]
    for message in kept:
        if not message.id:
            continue
        if now.get(first(message.id), message.context) is None:
            told.append(f"no longer in the code: {first(message.id)!r}")
        if message.fuzzy:
            told.append(f"unsure: {first(message.id)!r}")
        ids = [message.id] if isinstance(message.id, str) else message.id
        wanted = {place for each in ids for place in PLACE.findall(each)}
        for string in strings(message):
            has = set(PLACE.findall(string))
            if string and (has - wanted or (wanted - has and not message.pluralizable)):
                told.append(f"other places for words than {sorted(wanted)}: {string!r}")
            if string and string.startswith("\n") != first(message.id).startswith("\n"):
                told.append(f"another beginning: {string!r}")
    if _compiled(language) != {(first(each.id), each.context): strings(each) for each in kept if each.id}:
        told.append("the compiled file is not that of the words")
    return told


def strings(message: Message) -> list[str]:
    """Return the translation of *message*, or those for each number; empty where there is none."""
    string = message.string
    return [string] if isinstance(string, str) else list(string or ())


def _compiled(language: str) -> dict[tuple[str, str | None], list[str]]:
    file = path(language, "mo")
    if not file.exists():
        return {}
    with file.open("rb") as content:
        return {(first(each.id), _context(each)): strings(each) for each in read_mo(content) if each.id}


def _context(message: Message) -> str | None:
    """Return the context of *message*, which Babel leaves as bytes where it comes from a compiled file."""
    context: str | bytes | None = message.context
    return context.decode() if isinstance(context, bytes) else context
