"""The calendar file, read back by the library."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from app.lectures.calendar_file import calendar_file
from app.lectures.models import Lecture

ZONE = ZoneInfo("Asia/Shanghai")


def lecture(**changes: object) -> Lecture:
    values = {
        "id": 77,
        "title": "讲座；逗号, 分号; 反斜杠\\ 🎓",
        "speaker": "张三",
        "summary": "第一行\n第二行",
        "place": "礼堂",
        "starts_at": datetime(2026, 11, 22, 11, tzinfo=UTC),
        "ends_at": datetime(2026, 11, 22, 13, tzinfo=UTC),
        "state": "published",
        "version": 3,
        "update_time": datetime(2026, 11, 20, tzinfo=UTC),
    }
    return Lecture(**{**values, **changes})


def event_of(data: bytes) -> Event:
    return Calendar.from_ical(data).events[0]


def test_what_a_calendar_reads() -> None:
    data = calendar_file(lecture(), ZONE)
    event = event_of(data)
    assert str(event["uid"]) == "lecture-77@seatrush"
    assert event["sequence"] == 3
    assert event["summary"] == lecture().title
    assert event["description"] == "张三\n\n第一行\n第二行"
    assert event.start == datetime(2026, 11, 22, 19, tzinfo=ZONE)
    assert b"DTSTART;TZID=Asia/Shanghai:20261122T190000\r\n" in data
    assert b"BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\n" in data
    assert max(map(len, data.split(b"\r\n"))) <= 75  # octets a line, RFC 5545 3.1


def test_a_new_version_is_the_same_entry() -> None:
    first, second = event_of(calendar_file(lecture(), ZONE)), event_of(calendar_file(lecture(version=4), ZONE))
    assert first["uid"] == second["uid"]
    assert second["sequence"] > first["sequence"]


def test_cancelled() -> None:
    assert event_of(calendar_file(lecture(state="cancelled"), ZONE))["status"] == "CANCELLED"


@pytest.mark.parametrize("year", [1971, 9999])
def test_far_away_years(year: int) -> None:
    start = datetime(year, 6, 1, tzinfo=UTC)
    assert event_of(calendar_file(lecture(starts_at=start, ends_at=start), ZONE)).start == start
