"""The roster as a CSV file that a spreadsheet opens rightly and cannot be made to run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime, tzinfo

from app.extensions.spreadsheets import BOM, defused
from app.seating.roster import RosterEntry

_HEADINGS = {
    "zh": ("学号", "用户名", "姓名", "班级", "状态", "候补名次", "确定时间", "签到时间", "预约编号"),
    "en": (
        *("Student no.", "Username", "Name", "Class", "State", "Position", "Decided at", "Checked in at", "Claim id"),
    ),
}
_CHECKED_IN = 7
_STATES = {"confirmed": "成功", "waitlisted": "候补", "cancelled": "已取消", "expired": "已失效"}


def roster_csv(entries: Iterable[RosterEntry], *, language: str, timezone: tzinfo, check_in: bool = True) -> str:
    """The file's text, byte order mark included. `language`: "zh" or "en"; times are in `timezone`; `check_in`: with
    the column of it.
    """
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    kept = [at for at in range(len(_HEADINGS["zh"])) if check_in or at != _CHECKED_IN]
    headings = _HEADINGS["zh" if language == "zh" else "en"]
    writer.writerow([headings[at] for at in kept])
    for entry in entries:
        cells = _cells(entry, language, timezone)
        writer.writerow([defused(cells[at]) for at in kept])
    return out.getvalue()


def _cells(entry: RosterEntry, language: str, timezone: tzinfo) -> tuple[str, ...]:
    return (
        entry.student_no or "",
        entry.username,
        entry.display_name,
        entry.class_name or "",
        _STATES.get(entry.state, entry.state) if language == "zh" else entry.state,
        "" if entry.position is None else str(entry.position),
        _moment(entry.decided_at, timezone),
        _moment(entry.checked_in_at, timezone),
        entry.claim_id,
    )


def _moment(value: datetime | None, timezone: tzinfo) -> str:
    return "" if value is None else value.astimezone(timezone).strftime("%Y-%m-%d %H:%M:%S")
