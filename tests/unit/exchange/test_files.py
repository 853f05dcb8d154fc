"""Cells, encodings and meetings, by hypothesis where there is a way back."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.timetable import Slot
from app.catalogue.weeks import ALL_WEEKS
from app.exchange.columns import Column, moment, read_cell, tenths, text, whole
from app.exchange.decoding import decode
from app.exchange.files import csv_pieces
from app.exchange.meetings import print_meetings, read_meetings
from app.exchange.notes import TEXTS, words_of
from app.exchange.xlsx_writing import xlsx_pieces
from app.extensions.spreadsheets import FORMULA_SIGNS, defused

ZONE = ZoneInfo("Asia/Shanghai")
NAMES = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=12)
CELLS = st.one_of(NAMES, st.builds(lambda sign, rest: sign + rest, st.sampled_from(["=", "+", "-", "@"]), NAMES))


@given(CELLS)
def test_what_an_export_defuses_an_import_takes_as_it_was(cell: str) -> None:
    written = defused(cell)
    assert not written.startswith(FORMULA_SIGNS)
    if cell.startswith("'") and cell[1:2] in {"=", "+", "-", "@"}:
        return  # looks defused already: nobody's name, and no formula either way
    value, wrong = read_cell(Column("name", "", "", text(100)), 2, written, ZONE)
    assert (value, wrong) == (cell.strip(), None)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_both_formats_say_the_same(rows: list[list[str]]) -> None:
    flat = b"".join(csv_pieces(rows)).decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_pieces(rows))), read_only=True)
    from_book = [[cell.value for cell in row if cell.value is not None] for row in book.worksheets[0].iter_rows()]
    assert (
        from_book == list(csv.reader(io.StringIO(flat, newline=""))) == [[defused(one) for one in row] for row in rows]
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@given(names=st.lists(st.text("王小明学生张伟", min_size=1, max_size=4), min_size=3, max_size=20))
def test_an_encoding_is_told_from_the_others(codec: str, names: list[str]) -> None:
    file = "学号,姓名,班级\r\n" + "".join(f"2026{n:06d},{name},软工2401班\r\n" for n, name in enumerate(names))
    assert decode(file.encode(codec))[0] == file


@pytest.mark.parametrize(
    ("parse", "cell", "code"),
    [
        (whole(1, 8), "9", "not_a_number"),
        (whole(1, 8), "１", "not_a_number"),
        (whole(1, 8), "1e1", "not_a_number"),
        (tenths("99.9"), "NaN", "not_a_number"),
        (tenths("99.9"), "1e9", "not_a_number"),
        (tenths("99.9"), "3.05", "not_a_number"),
        (moment, "昨天", "not_a_time"),
        (moment, "0001-01-01", "not_a_time"),
        (text(3), "abcd", "too_long"),
        (read_meetings, "周三|3-4节|主楼", "not_a_meeting"),
        (read_meetings, "周八|3-4节|1-16周|主楼", "not_a_meeting"),
        (read_meetings, "周三|4-3节|1-16周|主楼", "not_a_meeting"),
        (read_meetings, "周三|3-14节|1-16周|主楼", "not_a_meeting"),
        (read_meetings, "周三|3-4节|0-16周|主楼", "not_a_meeting"),
    ],
)
def test_what_a_cell_may_not_say(parse: Any, cell: str, code: str) -> None:
    value, wrong = read_cell(Column("x", "", "", parse), 2, cell, ZONE)
    assert value is None
    assert wrong is not None
    assert (wrong.row, wrong.column, wrong.code) == (2, "x", code)
    for language in ("zh", "en"):
        assert "{" not in words_of(wrong.code, dict(wrong.data), language)


@given(
    st.lists(
        st.builds(
            lambda mask, day, periods: Slot(mask, day, *sorted(periods)),
            st.integers(1, ALL_WEEKS),
            st.integers(1, 7),
            st.tuples(st.integers(1, 13), st.integers(1, 13)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_meetings_there_and_back(slots: list[Slot]) -> None:
    meetings: Any = [
        SimpleNamespace(
            week_mask=s.week_mask,
            weekday=s.weekday,
            first_period=s.first_period,
            last_period=s.last_period,
            place="主楼 1",
        )
        for s in slots
    ]
    assert read_meetings(print_meetings(meetings), ZONE) == tuple((slot, "主楼 1") for slot in slots)


def test_meetings_in_english() -> None:
    assert read_meetings("Wed | 3-4 | 1-16 (odd) | Room 101", ZONE) == ((Slot(0x5555, 3, 3, 4), "Room 101"),)


def test_every_note_has_both_languages() -> None:
    for code, (zh, en) in TEXTS.items():
        assert zh.endswith("。"), code
        assert en.endswith("."), code
