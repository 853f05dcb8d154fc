"""When a section meets, in one cell: "周三|3-4节|1-16周(单)|主楼101;周五|1-2节|1-16周|主楼102". Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.catalogue.errors import WeeksInvalidError
from app.catalogue.meeting_models import Meeting
from app.catalogue.timetable import MOST_PERIODS, WEEKDAYS, Slot
from app.catalogue.weeks import parse_weeks, print_weeks
from app.exchange.columns import CellError

# The slot and the place.
Meets = tuple[Slot, str]

_DAYS = {
    **{name.lower(): day for names in WEEKDAYS.values() for day, name in enumerate(names, 1)},
    **{str(day): day for day in range(1, 8)},
    "周天": 7,
    "星期日": 7,
}
_PERIODS = re.compile(r"第?(\d{1,2})\s*(?:[-–~至]\s*(\d{1,2}))?\s*(?:节|periods?)?", re.ASCII | re.IGNORECASE)


def read_meetings(cell: str, _zone: ZoneInfo) -> tuple[Meets, ...]:
    """Every meeting of a cell. Raises CellError(not_a_meeting) with the part that cannot be read."""
    parts = (part.strip() for part in re.split(r"[;；\n]", cell))
    return tuple(_meeting(part) for part in parts if part)


def _meeting(part: str) -> Meets:
    fields = [one.strip() for one in re.split(r"[|｜]", part)]
    if len(fields) != 4 or not 1 <= len(fields[3]) <= 100:
        raise CellError("not_a_meeting", value=part)
    day, periods = _DAYS.get(fields[0].lower()), _PERIODS.fullmatch(fields[1])
    if day is None or periods is None:
        raise CellError("not_a_meeting", value=part)
    first, last = int(periods[1]), int(periods[2] or periods[1])
    if not 1 <= first <= last <= MOST_PERIODS:
        raise CellError("not_a_meeting", value=part)
    try:
        return Slot(parse_weeks(fields[2]), day, first, last), fields[3]
    except WeeksInvalidError as error:
        raise CellError("not_a_meeting", value=part) from error


def print_meetings(meetings: Iterable[Meeting]) -> str:
    """As an export writes them; `read_meetings` reads it back."""
    return ";".join(
        f"{WEEKDAYS['zh'][one.weekday - 1]}|{one.first_period}-{one.last_period}节|{print_weeks(one.week_mask)}|{one.place}"
        for one in meetings
    )
