"""A file as rows of cells, whatever it is: CSV in any of its dialects, or XLSX. Bounded in every direction."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from app.exchange.decoding import decode
from app.exchange.errors import FileBrokenError
from app.exchange.xlsx_reading import is_xlsx, xlsx_rows

MOST_ROWS = 200_000
MOST_COLUMNS = 60
LONGEST_CELL = 4000

# What people take for a table: pictures, PDF, the spreadsheets of before 2007, packed files.
_NO_TABLE = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"%PDF-", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"Rar!\x1a", b"\x1f\x8b",
)  # fmt: skip

# (number as a spreadsheet counts, cells). A cell that XLSX computes begins with FORMULA.
Cells = tuple[int, list[str]]


@dataclass(slots=True)
class Table:
    """The header, and the rows as they are read. `encoding` is None for XLSX."""

    header: list[str]
    rows: Iterator[Cells]
    encoding: str | None


def open_table(data: bytes) -> Table:
    """Raises FileBrokenError, here or while the rows are read."""
    if not data.strip(b"\x00 \t\r\n"):
        raise FileBrokenError("file_empty")
    if data.startswith(_NO_TABLE):
        raise FileBrokenError("not_a_table")
    if is_xlsx(data):
        rows, encoding = xlsx_rows(data, MOST_COLUMNS), None
    else:
        text, encoding = decode(data)
        rows = _csv_rows(text)
    counted = _bounded(rows)
    _, header = next(counted, (0, []))
    if not header:
        raise FileBrokenError("file_empty")
    return Table([heading.strip() for heading in header], counted, encoding)


def _bounded(rows: Iterator[list[str]]) -> Iterator[Cells]:
    """Rows with their numbers, without those that are empty; what is too long is cut, so that it is refused as such."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS + 1:
            raise FileBrokenError("too_many_rows", limit=MOST_ROWS)
        cells = [cell[: LONGEST_CELL + 1] for cell in row[:MOST_COLUMNS]]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield number, cells


def _csv_rows(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise FileBrokenError("csv_malformed", line=reader.line_num) from error


def _delimiter(text: str) -> str:
    """What separates the headings: a spreadsheet writes tabs or semicolons where the locale says so."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max((",", "\t", ";"), key=first.count)
