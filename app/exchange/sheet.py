"""A table read as rows of a kind: the header understood, cells parsed, duplicates within the file found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from app.exchange.columns import Column, read_cell
from app.exchange.errors import FileBrokenError
from app.exchange.kinds.base import Kind, Row
from app.exchange.notes import Note, note
from app.exchange.tables import Cells, Table

# A row that can be asked about, or what is wrong with it.
Reading = tuple[int, Row | None, list[Note]]


class Sheet:
    """Iterate once: every row of the file that is not empty, in order."""

    def __init__(self, kind: Kind, table: Table, zone: ZoneInfo) -> None:
        self._kind = kind
        self._rows = table.rows
        self._zone = zone
        self._columns = _understood(kind.columns, table.header)
        self._met: dict[tuple[object, ...], int] = {}

    def __iter__(self) -> Iterator[Reading]:
        for number, cells in self._rows:
            yield self._read((number, cells))

    def _read(self, cells: Cells) -> Reading:
        number, texts = cells
        row, notes = Row(number, {}), []
        if len(texts) > len(self._columns):
            notes.append(note(number, "", "too_many_columns"))
        padded = texts + [""] * (len(self._columns) - len(texts))
        for column, raw in zip(self._columns, padded, strict=False):
            if column is None:
                continue
            value, wrong = read_cell(column, number, raw, self._zone)
            if wrong is not None:
                notes.append(wrong)
            elif value is not None:
                row.cells[column.name] = value
        if not notes:
            notes = self._twice(row)
        return number, None if notes else row, notes

    def _twice(self, row: Row) -> list[Note]:
        key = tuple(row.cells[name] for name in self._kind.key)
        other = self._met.setdefault(key, row.number)
        return [] if other == row.number else [note(row.number, self._kind.key[0], "twice_in_file", other=other)]


def _understood(columns: Sequence[Column], header: Sequence[str]) -> list[Column | None]:
    """The column of each heading, None for one that is nobody's. Raises FileBrokenError."""
    names = {word.lower(): column for column in columns for word in (column.name, column.zh, column.en)}
    found = [names.get(heading.strip().lower()) for heading in header]
    known = [column for column in found if column is not None]
    for column in known:
        if known.count(column) > 1:
            raise FileBrokenError("header_twice", heading=column.zh)
    missing = [column for column in columns if column.required and column not in known]
    if missing:
        raise FileBrokenError("header_wrong", missing="、".join(f"{one.zh} ({one.name})" for one in missing))
    return found
