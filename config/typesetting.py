"""A program of its own that sets one paper: JSON in, a PDF out. ``config/papers.py`` runs it.

Typst and its fonts need 60 MB for one line and 400 MB for a long table, which a web worker would keep for ever; and
what a worker has begun to set it can't give up. A process can be ended, and takes its memory with it. This one knows
neither Django nor the database, and begins in a few hundredths of a second.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

import typst

PAPERS = Path(__file__).resolve().parent.parent / "templates" / "papers"
# Latin, Greek, Cyrillic and Devanagari; Arabic; Thai; Chinese, Japanese and Korean. Hebrew, Armenian and Georgian are
# in the fonts that Typst brings. No font of the machine is looked at, so a paper looks the same wherever it is set.
# Letters that none of these has are shown as boxes.
FONTS = [
    str(files("fontpkg_noto_sans") / "files"),
    str(files("fontpkg_noto_sans_arabic") / "files"),
    str(files("fontpkg_noto_sans_thai") / "files"),
    str(files("noto_cjk_sans_jp_regular")),
]


def typeset(template: str, data: str, standard: str | None = None) -> bytes:
    """Return the PDF of *template* (a file in templates/papers) filled with *data*, JSON.

    The data reaches the template as a string and is parsed there: nothing in it is read as markup or code. It has no
    date but those in the data, so that the same data makes the same bytes. *standard* names a PDF standard to hold
    to; TypstError where that can't be done.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=FONTS)
    pdf = typst.compile(
        str(PAPERS / template),
        root=str(PAPERS),
        font_paths=fonts,
        sys_inputs={"data": data},
        pdf_standards=[standard] if standard else [],  # type: ignore[list-item]  # a word from a list
    )
    assert isinstance(pdf, bytes)  # one file, for PDF
    return pdf


if __name__ == "__main__":
    job = json.load(sys.stdin)
    sys.stdout.buffer.write(typeset(job["template"], job["data"]))
