"""CSV files that are safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse


def csv_response(rows: Iterable[list[Any]], name: str) -> StreamingHttpResponse:
    """Return *rows* as a file to keep, called *name*, sent as they come."""
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def safe(cell: Any) -> str:
    """Return *cell* as text that no spreadsheet takes for a formula; plain numbers stay numbers."""
    text = str(cell)
    # Some look past leading spaces, and some take the full-width signs of East Asian keyboards for the plain ones.
    if re.match(r"[\t\r\n]|\s*[-=+@\uFF1D\uFF0B\uFF0D\uFF20]", text) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return "'" + text
    return text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterable[list[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])
