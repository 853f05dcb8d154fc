"""Files that go out, piece by piece as they are made: exports, templates, notes. CSV and XLSX, safe to open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import gevent

from app.auth.actor import Actor
from app.exchange.columns import Column
from app.exchange.kinds.base import Exported
from app.exchange.kinds.registry import export_of, kind_of
from app.exchange.models import ImportNote
from app.exchange.notes import words_of
from app.extensions.services import Services
from app.extensions.spreadsheets import BOM, defused

PAGE = 500
_NOTE_HEADINGS = {"zh": ("行", "列", "代码", "说明"), "en": ("Row", "Column", "Code", "Message")}


def export_rows(
    services: Services, actor: Actor, name: str, wanted: dict[str, int | None], language: str
) -> Iterator[Sequence[str]]:
    """The header and every row of a kind, read page by page. Raises KindUnknownError, ForbiddenError at once."""
    return _rows(services, export_of(actor, name), wanted, language)


def _rows(services: Services, kind: Exported, wanted: dict[str, int | None], language: str) -> Iterator[Sequence[str]]:
    yield headings(kind.columns, language)
    zone, after = services.settings.campus_timezone, 0
    while True:
        with services.breakers.guard("database"), services.db.reading() as session:
            page = kind.page(session, after=after, limit=PAGE, zone=zone, wanted=wanted)
        yield from (cells for _, cells in page)
        if len(page) < PAGE:
            return
        after = page[-1][0]
        gevent.sleep(0)  # a long file must not keep short answers waiting


def template_rows(actor: Actor, name: str, language: str) -> list[Sequence[str]]:
    """The header and one example. Raises KindUnknownError, ForbiddenError."""
    columns = kind_of(actor, name).columns
    return [headings(columns, language), [column.example for column in columns]]


def note_rows(notes: Iterable[ImportNote], language: str) -> Iterator[Sequence[str]]:
    """The notes on an import, a row each."""
    yield _NOTE_HEADINGS[language]
    for one in notes:
        yield (str(one.row), one.column, one.code, words_of(one.code, one.data, language))


def headings(columns: Sequence[Column], language: str) -> list[str]:
    """The first row of a file in a language."""
    return [column.en if language == "en" else column.zh for column in columns]


def csv_pieces(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The bytes of a CSV file, some rows at a time; the first piece has the mark."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    for number, row in enumerate(rows, 1):
        writer.writerow([defused(cell) for cell in row])
        if number % PAGE == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode("utf-8", "replace")
