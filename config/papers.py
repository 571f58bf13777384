"""Receipts and statements as PDF: what the pages show, set by Typst in a process of its own (config/typesetting.py)."""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("typesetting.py")
# Seconds until a paper is given up; the longest that a web worker can be held by one.
PATIENCE = 20.0
# Lines that a statement's PDF has at most: a second's work and 240 MB; 5,000 take three seconds and 510 MB.
MOST_LINES = 2000

# Characters that turn the direction of what follows, so that a name could make a reference read backwards.
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class PaperFailed(Exception):
    """The PDF could not be made, or not in time; the message says so to the reader. Nothing else is wrong."""


@dataclass(frozen=True)
class Line:
    """One line of a statement, in words: *about* is set small beneath *what*."""

    reference: str
    at: str
    what: str
    about: str
    change: str
    balance: str


def receipt_pdf(
    *, title: str, reference: str, sum_text: str, rows: Sequence[tuple[str, str]], footer: str = ""
) -> bytes:
    """Return the PDF of a receipt: a title, a sum, rows of names and values, and what comes next.

    All of it is plain text in the reader's language, the same words as on the receipt's page. The same words make the
    same bytes. Raises PaperFailed.
    """
    return _typeset(
        "receipt.typ", title=title, reference=reference, sum=sum_text, rows=[list(row) for row in rows], footer=footer
    )


def statement_pdf(
    *,
    title: str,
    reference: str,
    rows: Sequence[tuple[str, str]],
    lines: Sequence[Line],
    sums: Sequence[tuple[str, str, str]],
    total: tuple[str, str, str],
    footer: str = "",
) -> bytes:
    """Return the PDF of a statement of an account: *rows* as on a receipt, *lines* as a table, *sums* by kind.

    A sum is (kind, in, out), *total* is their last line. Raises PaperFailed, also for more than MOST_LINES.
    """
    if len(lines) > MOST_LINES:
        raise PaperFailed(_("This month is too long for a PDF. The CSV file has every line."))
    return _typeset(
        "statement.typ",
        title=title,
        reference=reference,
        rows=[list(row) for row in rows],
        lines_title=_("Transfers"),
        head=[_("Reference"), _("When"), _("What"), _("Change"), _("Balance afterwards")],
        lines=[asdict(line) for line in lines],
        none=_("No money moved."),
        sums_title=_("In and out"),
        sums_head=[_("Kind"), _("In"), _("Out")],
        sums=[list(row) for row in sums],
        total=list(total),
        footer=footer,
    )


@dataclass(frozen=True)
class Item:
    """A thing in a section of a case: its *head*, what is said small *about* it, and the paragraphs of its *body*."""

    head: str
    about: str = ""
    body: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A section of a case: a *title*, names and values, and then things."""

    title: str
    rows: Sequence[tuple[str, str]] = ()
    items: Sequence[Item] = ()


def case_pdf(
    *, title: str, reference: str, rows: Sequence[tuple[str, str]], sections: Sequence[Section], footer: str
) -> bytes:
    """Return the PDF of a case: *rows* as on a receipt, then its sections. Everything is set as plain text.

    Raises PaperFailed, also for more than MOST_LINES things.
    """
    if sum(len(section.items) for section in sections) > MOST_LINES:
        raise PaperFailed(_("This case is too long for a PDF."))
    return _typeset(
        "case.typ",
        title=title,
        reference=reference,
        rows=[list(row) for row in rows],
        sections=[asdict(section) for section in sections],
        footer=footer,
    )


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    """Return *pdf* as a file to keep, called *name*: letters, digits, dots and hyphens, made by us."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _typeset(template: str, **data: Any) -> bytes:
    data |= {"site": settings.SITE_NAME, "language": (translation.get_language() or "en").split("-")[0]}
    words = json.dumps(data, ensure_ascii=False).translate(TURNING)
    job = json.dumps({"template": template, "data": words}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM)], input=job, capture_output=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or b""
        logger.error("%s could not be set (%s): %s", template, error, told.decode("utf-8", "replace")[-2000:])
        raise PaperFailed(_("The PDF could not be made just now. Please try again in a while.")) from error
    return done.stdout
