"""Papers: any name, no markup, the same bytes each time, fit for screen readers, never too long a wait (P27, P50)."""

import io
import json
import time

import pypdf
import pytest

from config import papers, typesetting
from config.papers import Line, PaperFailed, receipt_pdf, statement_pdf

NAMES = [
    *("Tomek Zieliński", "谷田 由紀", "Noor حداد", "Ελένη", "Иван", "Nguyễn Thị Ánh", "김민수", "José-María Ñ."),
    *("שרה לוי", "สมชาย ใจดี", "Anan สุขสันต์ (Ltd.)", "ნინო", "Անի"),
]
NOT_IN_ANY_FONT = ["👩‍🚀", "\U0001f3f4\U000e0067", "ꦗꦮ", "\ufffd", "\x01", "\u0301"]
MARKUP = [
    '#panic("x")',
    "$x^2$",
    "*bold* _it_ `raw`",
    "<label> @ref",
    "[[]] {} \\",
    "// gone",
    "/* gone",
    '"; }',
    "{{ x }}",
]


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join("\n".join(page.extract_text() for page in pages).split())


def receipt(**other) -> bytes:
    told = {"title": "Released", "reference": "Receipt R1", "sum_text": "€1.00", "rows": [("A", "b")], "footer": "End"}
    return receipt_pdf(**{**told, **other})


def statement(lines: list[Line], **other) -> bytes:
    told = {"title": "May 2026", "reference": "Statement", "rows": [("Member", "Erin")], "total": ("All", "1", "2")}
    return statement_pdf(**{**told, "lines": lines, "sums": [("Deposit", "€3.00", "")], **other})


def line(n: int, what: str = "Put on hold") -> Line:
    return Line(f"T{n}", "2 Nov 2026, 10:00", what, f"Part {n} · Website", "−€1,000.00", "€99,000.00")


def test_p27_all_that_is_said_is_in_it(settings):
    settings.SITE_NAME = "Ours & Co."
    found = words(receipt(rows=[("Paid to", "Wes Adeyemi"), ("From", "Money on hold")]))
    for said in ("Released", "Receipt R1", "€1.00", "Paid to Wes Adeyemi", "From Money on hold", "End", "Ours & Co."):
        assert said in found
    assert "Milepost" not in found


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_world_have_their_letters(name):
    """PDF/UA refuses a paper with a letter that no font can show: so these are all shown."""
    data = {"title": name, "site": name, "reference": "R1", "sum": "€1", "rows": [[name, name]], "footer": name}
    pdf = typesetting.typeset("receipt.typ", json.dumps({**data, "language": "en"}), standard="ua-1")
    assert pypdf.PdfReader(io.BytesIO(pdf)).metadata.title == name


@pytest.mark.parametrize("text", NOT_IN_ANY_FONT)
def test_what_no_font_has_spoils_nothing_else(text):
    found = words(receipt(title=f"{text} title", rows=[("Name", f"Wes {text} Adeyemi")]))
    assert "Wes" in found
    assert "Adeyemi" in found


@pytest.mark.parametrize("turning", ["\u202e", "\u2067", "\u200f\u202d"])
def test_a_name_turns_nothing_around(turning):
    assert "Wes Adeyemi (R12)" in words(receipt(rows=[("Name", f"Wes{turning} Adeyemi (R12)")]))


@pytest.mark.parametrize("text", MARKUP)
def test_what_people_type_is_never_markup(text):
    found = words(receipt(title=text, reference=text, rows=[(text, text)], footer=text, sum_text=text))
    assert found.count(" ".join(text.split())) >= 6
    found = words(statement([line(1, text)], rows=[(text, text)], title=text, footer=text))
    assert found.count(" ".join(text.split())) >= 5


def test_the_same_words_make_the_same_bytes():
    first = receipt()
    time.sleep(1.1)  # a time of day in it would differ now
    assert receipt() == first
    assert b"CreationDate" not in first


def test_p81_a_screen_reader_finds_title_language_and_tables():
    data = {
        "site": "Milepost", "title": "May 2026", "reference": "Statement", "language": "en", "footer": "", "none": "",
        "rows": [["Member", "Erin"]], "lines_title": "Transfers", "sums_title": "Sums", "sums": [["a", "", "c"]],
        "head": ["a", "b", "c", "d", "e"], "sums_head": ["a", "b", "c"], "total": ["a", "b", "c"],
        "lines": [{"reference": "T1", "at": "now", "what": "x", "about": "", "change": "1", "balance": "2"}],
    }  # fmt: skip
    pdf = typesetting.typeset("statement.typ", json.dumps(data), standard="ua-1")
    root = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert pypdf.PdfReader(io.BytesIO(pdf)).metadata.title == "May 2026"


def test_p50_a_long_statement_has_every_line_and_its_head_on_every_page():
    pdf = statement([line(n) for n in range(120)])
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 3
    found = words(pdf)
    assert all(f"T{n} " in found for n in range(120))
    assert all("Balance afterwards" in page.extract_text() for page in pages[:3])
    assert f"1 / {len(pages)}" in pages[0].extract_text()


def test_p50_more_lines_than_fit_are_refused():
    assert statement([line(1)] * papers.MOST_LINES).startswith(b"%PDF")
    with pytest.raises(PaperFailed, match="CSV"):
        statement([line(1)] * (papers.MOST_LINES + 1))


def test_a_paper_that_takes_too_long_is_given_up(monkeypatch, caplog):
    monkeypatch.setattr(papers, "PATIENCE", 0.001)
    with pytest.raises(PaperFailed, match="just now"):
        receipt()
    assert "could not be set" in caplog.text


def test_a_paper_that_fails_says_why_in_the_log_and_not_to_the_reader(monkeypatch, caplog, tmp_path):
    broken = tmp_path / "typesetting.py"
    broken.write_text("raise SystemExit('no fonts here')")
    monkeypatch.setattr(papers, "PROGRAM", broken)
    with pytest.raises(PaperFailed) as failure:
        receipt()
    assert "no fonts here" in caplog.text
    assert "fonts" not in str(failure.value)
