"""Every word that a person can read can be read in every language of the site."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from django.conf import settings
from django.utils import translation

from config import catalogs

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
PYTHON = [file for file in catalogs.sources() if file.suffix == ".py" and "migrations" not in file.parts]
NAMES = {"PDF", "CSV"}  # the same in every language
WORD = re.compile(r"[^\W\d_]{2,}")
READ = {"alt", "title", "aria-label", "placeholder", "label", "data-confirm"}
# Called with a sentence that somebody reads, in this place or under this name.
SENTENCES = {
    "WrongState": 0, "ValidationError": 0, "PermissionDenied": 0, "BadAmount": 0, "BadPercent": 0,
    "success": 1, "warning": 1, "error": 1, "info": 1,
}  # fmt: skip
NAMED = {"label", "help_text", "description", "verbose_name", "verbose_name_plural", "search_help_text", "empty_label"}


@pytest.mark.parametrize("language", catalogs.languages())
def test_it_has_every_word_in_every_language(language):
    assert catalogs.complaints(language) == []


def test_it_finds_a_word_that_has_no_translation(monkeypatch, tmp_path):
    """The check above can fail: for what is missing, for lost places of words, for an old compiled file."""
    catalog = catalogs.read("pt-br")
    some = [message for message in catalog if message.id and "%(sum)s" in catalogs.first(message.id)]
    some[0].string, some[1].string = "", "sem lugar"
    file = tmp_path / "django.po"
    file.write_bytes(catalogs.as_po(catalog))
    (tmp_path / "django.mo").write_bytes(catalogs.path("pt-br", "mo").read_bytes())
    monkeypatch.setattr(catalogs, "path", lambda language, kind="po": tmp_path / f"django.{kind}")
    told = "\n".join(catalogs.complaints("pt-br"))
    assert "not translated" in told
    assert "other places for words" in told
    assert "compiled file" in told


def test_it_speaks_portuguese():
    with translation.override("pt-br"):
        assert translation.gettext("Finances") == "Finanças"
        # Money is taken out, a request is taken back: one word in English only.
        assert translation.pgettext("money", "Withdraw") == "Sacar"
        assert translation.gettext("Withdraw") == "Retirar"
    with translation.override("en"):
        assert translation.gettext("Finances") == "Finances"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(settings.BASE_DIR / "templates")))
def test_it_marks_the_words_of_every_template(file):
    assert list(unmarked(file.read_text())) == []


def test_it_finds_unmarked_words_in_a_template():
    page = '<p title="Over there">{% translate "Marked" %}</p><b>{{ x }}</b><i>Bare words</i>'
    page += "{% comment %}no{% endcomment %}"
    assert list(unmarked(page)) == ["Over there", "Bare words"]


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: str(file.relative_to(settings.BASE_DIR)))
def test_it_marks_the_sentences_of_the_code(file):
    assert list(bare(file.read_text())) == []


def test_it_finds_bare_sentences_in_the_code():
    code = (
        'raise WrongState("Too late")\nmessages.error(request, f"No {x}")\nCharField(label=_("Fine"), help_text="Not")'
    )
    assert list(bare(code)) == ["1: Too late", "2: f'No {x}'", "3: Not"]


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: str(file.relative_to(settings.BASE_DIR)))
def test_it_hides_no_words_inside_an_f_string(file):
    """What gathers the words reads an f-string as one piece, so nobody would be asked to translate them."""
    assert list(hidden(file.read_text())) == []


def test_it_finds_words_inside_an_f_string():
    assert list(hidden("a = f\"{name} {_('Late')}\"\nb = f'{name}' + _('Fine')")) == [1]


def unmarked(page: str):
    """Yield texts and attributes of *page* that no tag translates."""
    page = re.sub(r"{%-?\s*comment.*?endcomment\s*%}|{#.*?#}", "", page, flags=re.S)
    page = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", page, flags=re.S)
    page = re.sub(r"{%\s*block (page|body)class.*?endblock.*?%}", "", page, flags=re.S)
    page = re.sub(r"{%.*?%}|{{.*?}}", "", page, flags=re.S)
    reader = Reader()
    reader.feed(page)
    yield from (text for text in reader.found if text not in NAMES and WORD.search(re.sub(r"&\w+;", "", text)))


class Reader(HTMLParser):
    """Collects what people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        self.found += [value for name, value in attrs if name in READ and value]

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"style", "script", "code"} & set(self.inside[-1:]) and data.strip():
            self.found.append(" ".join(data.split()))


def bare(code: str):
    """Yield sentences in *code* that stand where somebody reads them, and are not marked."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        asked = [keyword.value for keyword in node.keywords if keyword.arg in NAMED]
        place = SENTENCES.get(called)
        if place is not None and len(node.args) > place and not _logs(node):
            asked.append(node.args[place])
        for value in asked:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and WORD.search(value.value):
                yield f"{value.lineno}: {value.value}"
            if isinstance(value, ast.JoinedStr) and any(
                isinstance(part, ast.Constant) and WORD.search(part.value) for part in value.values
            ):
                yield f"{value.lineno}: {ast.unparse(value)}"


def hidden(code: str):
    """Yield the lines of *code* on which an f-string asks for a translation."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.JoinedStr) and any(
            isinstance(part, ast.Call) and getattr(part.func, "id", "") in catalogs.KEYWORDS for part in ast.walk(node)
        ):
            yield node.lineno


def _logs(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in ("logger", "log", "self")
