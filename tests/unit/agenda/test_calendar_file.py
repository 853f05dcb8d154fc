"""What a calendar program makes of the feed is what the timetable says: by hypothesis, over weeks, holidays and zones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from app.agenda.calendar_file import EXAM_TAKES, calendar_file
from app.agenda.entries import ClassEntry, Entries, ExamEntry
from app.catalogue.models import Course, Section
from app.catalogue.timetable import PERIODS, Slot
from app.catalogue.weeks import ALL_WEEKS, parse_weeks, weeks_of
from app.lectures.models import Lecture

SHANGHAI = ZoneInfo("Asia/Shanghai")
# With summer time in either half of the year, a half-hour offset, and none at all.
ZONES = st.sampled_from([SHANGHAI, *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Australia/Adelaide", "UTC"))])
MONDAY = date(2026, 9, 7)
STAMP = datetime(2026, 9, 1, 12, tzinfo=UTC)


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    first, last = sorted(draw(st.tuples(st.integers(1, 13), st.integers(1, 13))))
    mask = draw(st.one_of(st.integers(1, ALL_WEEKS), st.sampled_from(list(map(parse_weeks, EXPRESSIONS)))))
    return Slot(mask, draw(st.integers(1, 7)), first, last)


EXPRESSIONS = ["1-16周", "1-15周(单)", "2-16周(双)", "1-8,10,12-16周", "3周", "1,3,5,8周", "1-30周(双)"]
MONDAYS = st.integers(0, 600).map(lambda weeks: date(2020, 1, 6) + timedelta(weeks=weeks))
HOLIDAYS = st.sets(st.integers(0, 30 * 7 - 1), max_size=60)


def entry(slot: Slot, starts_on: date = MONDAY, free: frozenset[date] = frozenset(), number: int = 1) -> ClassEntry:
    section = Section(id=number, section_no=2, teacher_names="王伟")
    course = Course(code="COMP000001", name="数据结构；A, B", credits=Decimal(3))
    return ClassEntry(number, section, course, slot, "主楼 101", starts_on, free, STAMP)


def read(*classes: ClassEntry, zone: ZoneInfo = SHANGHAI, language: str = "zh") -> Calendar:
    return Calendar.from_ical(calendar_file(Entries(classes, (), ()), zone, language))


def expand(event: Event) -> list[datetime]:
    """As a calendar program does: the rule over the wall clock of the event's zone, less what is left out."""
    left_out = event.get("exdate")
    skipped = {one.dt for one in left_out.dts} if left_out else set()
    if "rrule" not in event:
        return [event.start]
    rule = rrulestr(event["rrule"].to_ical().decode(), dtstart=event.start)
    return [moment for moment in rule if moment not in skipped]


def by_the_timetable(slot: Slot, starts_on: date, free: frozenset[date], zone: ZoneInfo) -> list[datetime]:
    """Straight from the weeks: no rule, no exception."""
    days = (starts_on + timedelta(days=7 * (week - 1) + slot.weekday - 1) for week in weeks_of(slot.week_mask))
    begins = PERIODS[slot.first_period - 1].starts_at
    return [datetime.combine(day, begins, zone) for day in days if day not in free]


@settings(max_examples=300, deadline=None)
@given(slot=slots(), starts_on=MONDAYS, holidays=HOLIDAYS, zone=ZONES)
@example(slot=Slot(parse_weeks("2-16周(双)"), 3, 3, 4), starts_on=MONDAY, holidays={16, 30}, zone=SHANGHAI)
@example(slot=Slot(1, 1, 1, 1), starts_on=MONDAY, holidays={0}, zone=SHANGHAI)
def test_what_a_program_expands_is_what_the_weeks_say(
    slot: Slot, starts_on: date, holidays: set[int], zone: ZoneInfo
) -> None:
    free = frozenset(starts_on + timedelta(days=day) for day in holidays)
    wanted = by_the_timetable(slot, starts_on, free, zone)
    events = read(entry(slot, starts_on, free), zone=zone).events
    assert len(events) == (1 if wanted else 0)
    if not events:
        return
    (event,) = events
    found = expand(event)
    assert [one.astimezone(UTC) for one in found] == [one.astimezone(UTC) for one in wanted]
    # The first repetition takes place, so that a program may show it without looking at what is left out.
    assert event.start == wanted[0]
    begins, ends = PERIODS[slot.first_period - 1].starts_at, PERIODS[slot.last_period - 1].ends_at
    assert (event.start.time(), event.end.time()) == (begins, ends)


@settings(max_examples=50, deadline=None)
@given(slot=slots(), zone=ZONES)
def test_the_zone_in_the_file_says_the_same_as_the_zone_database(slot: Slot, zone: ZoneInfo) -> None:
    """A program that knows no zone by its name has only the VTIMEZONE."""
    calendar = read(entry(slot), zone=zone)
    moments = expand(calendar.events[0])
    if zone.key == "UTC":
        assert calendar.timezones == []
        return
    (described,) = calendar.timezones
    assert described["tzid"] == zone.key
    own = described.to_tz(lookup_tzid=False)
    for moment in moments:
        assert moment.replace(tzinfo=None).replace(tzinfo=own).utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    ("weeks", "interval", "count"),
    [("1-16周", 1, 16), ("1-15周(单)", 2, 8), ("2-16周(双)", 2, 8), ("1-5,7周", 1, 7), ("4周", None, None)],
)
def test_odd_and_even_weeks_are_one_event(weeks: str, interval: int | None, count: int | None) -> None:
    (event,) = read(entry(Slot(parse_weeks(weeks), 2, 3, 4))).events
    rule = event.get("rrule") or {}
    assert (rule.get("interval", [None])[0], rule.get("count", [None])[0]) == (interval, count)


def test_a_week_that_is_forgotten_would_be_seen() -> None:
    """The guard turned off: a file without what is left out is not what the weeks say."""
    slot, free = Slot(parse_weeks("1-5,7周"), 2, 3, 4), frozenset({MONDAY + timedelta(days=8)})
    (event,) = read(entry(slot, free=free)).events
    wanted = by_the_timetable(slot, MONDAY, free, SHANGHAI)
    assert expand(event) == wanted
    del event["exdate"]
    assert expand(event) != wanted


def test_what_a_person_reads() -> None:
    slot = Slot(parse_weeks("1-15周(单)"), 3, 3, 4)
    (event,) = read(entry(slot)).events
    assert str(event["summary"]) == "数据结构；A, B"
    assert str(event["location"]) == "主楼 101"
    assert str(event["description"]) == "COMP000001 2 班 王伟\n1-15周(单) 周三 3–4 节"
    (english,) = read(entry(slot), language="en").events
    assert str(english["description"]) == "COMP000001 section 2 王伟\nweeks 1-15 (odd) Wed periods 3–4"
    assert event.start == datetime(2026, 9, 9, 9, 50, tzinfo=SHANGHAI)


def _uids(events: Sequence[Event]) -> list[str]:
    return [str(event["uid"]) for event in events]


def test_exams_and_lectures_and_the_same_bytes_again() -> None:
    section, course = Section(id=9, section_no=1, teacher_names="王伟"), Course(code="A1", name="物理")
    exam = ExamEntry(section, course, datetime(2027, 1, 8, 1, tzinfo=UTC), STAMP)
    lecture = Lecture(
        id=7, title="讲座", speaker="", summary="", place="礼堂", version=1, state="published", update_time=STAMP,
        starts_at=datetime(2026, 11, 22, 11, tzinfo=UTC), ends_at=datetime(2026, 11, 22, 13, tzinfo=UTC),
    )  # fmt: skip
    entries = Entries((entry(Slot(1, 1, 1, 2)),), (exam,), (lecture,))
    data = calendar_file(entries, SHANGHAI)
    events = Calendar.from_ical(data).events
    assert _uids(events) == ["meeting-1@seatrush", "exam-9@seatrush", "lecture-7@seatrush"]
    assert events[1].start == datetime(2027, 1, 8, 9, tzinfo=SHANGHAI)
    assert events[1].end - events[1].start == EXAM_TAKES
    assert max(map(len, data.split(b"\r\n"))) <= 75  # octets a line, RFC 5545 3.1
    assert calendar_file(entries, SHANGHAI) == data
