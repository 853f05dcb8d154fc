"""The roster file: a spreadsheet reads it rightly and runs nothing of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.extensions.spreadsheets import BOM, defused
from app.seating.roster import RosterEntry
from app.seating.roster_csv import roster_csv

MOMENT = datetime(2026, 11, 20, 4, 30, 15, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def entry(**changes: object) -> RosterEntry:
    values = {
        "booking_id": 1,
        "claim_id": "c",
        "username": "s00001",
        "display_name": "王芳",
        "student_no": "2024000001",
        "class_name": "软工2401班",
        "state": "waitlisted",
        "position": 2,
        "decided_at": MOMENT,
        "checked_in_at": None,
    }
    return RosterEntry(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_formulas_are_defused(cell: str) -> None:
    assert defused(cell) == "'" + cell
    text = roster_csv([entry(display_name=cell)], language="en", timezone=ZONE)
    # newline="" leaves a carriage return inside quotes as it is
    row = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))[1]
    assert row[2] == "'" + cell


def test_plain_cells_stay() -> None:
    assert defused("王芳") == "王芳"
    assert defused("") == ""


def test_chinese_and_english() -> None:
    zh = roster_csv([entry()], language="zh", timezone=ZONE)
    assert zh.startswith("\ufeff学号,")
    assert "候补,2,2026-11-20 12:30:15" in zh
    assert "waitlisted,2,2026-11-20 12:30:15" in roster_csv([entry()], language="en", timezone=ZONE)
