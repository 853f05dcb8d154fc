"""A person's calendar as an iCalendar file (RFC 5545), with the campus's time zone in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from app.agenda.entries import ClassEntry, Entries, ExamEntry
from app.agenda.recurrence import recurrence_of
from app.catalogue.models import Course, Section
from app.catalogue.timetable import PERIODS, print_slot
from app.catalogue.weeks import print_weeks
from app.lectures.calendar_file import lecture_event

PRODUCT = "-//Seatrush//Agenda//ZH"
# The catalogue knows when an exam begins; how long it takes is announced by the course.
EXAM_TAKES = timedelta(hours=2)
# How often calendar programs are asked to look again.
REFRESH = timedelta(hours=1)

_NAME = {"zh": "我的校园日程", "en": "My campus calendar"}
_EXAM = {"zh": "考试：{}", "en": "Exam: {}"}
_LENGTH = {"zh": "时长以考试通知为准。", "en": "Its length is as announced by the course."}
_NUMBER = {"zh": "{} 班", "en": "section {}"}


def calendar_file(entries: Entries, timezone: ZoneInfo, language: str = "zh") -> bytes:
    """The whole calendar. The same entries give the same bytes, so that its hash is an ETag."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _NAME[language])
    calendar.add("x-wr-timezone", timezone.key)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for one in entries.classes:
        event = class_event(one, timezone, language)
        if event is not None:
            calendar.add_component(event)
    for exam in entries.exams:
        calendar.add_component(_exam_event(exam, timezone, language))
    for lecture in entries.lectures:
        calendar.add_component(lecture_event(lecture, timezone))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def class_event(entry: ClassEntry, timezone: ZoneInfo, language: str = "zh") -> Event | None:
    """One meeting as a repeating event in campus time, None when it never takes place."""
    found = recurrence_of(entry.slot, entry.starts_on, entry.free_days)
    if found is None:
        return None
    begins, ends = PERIODS[entry.slot.first_period - 1].starts_at, PERIODS[entry.slot.last_period - 1].ends_at
    event = _event(f"meeting-{entry.meeting_id}@seatrush", entry.changed_at)
    event.add("summary", entry.course.name)
    event.add("location", entry.place)
    when = f"{print_weeks(entry.slot.week_mask, language)} {print_slot(entry.slot, language)}"
    event.add("description", "\n".join((_section_line(entry.section, entry.course, language), when)))
    event.add("dtstart", datetime.combine(found.first, begins, timezone))
    event.add("dtend", datetime.combine(found.first, ends, timezone))
    if found.count > 1:
        event.add("rrule", {"freq": "weekly", "interval": found.interval, "count": found.count})
    if found.left_out:
        event.add("exdate", [datetime.combine(day, begins, timezone) for day in found.left_out])
    return event


def _exam_event(exam: ExamEntry, timezone: ZoneInfo, language: str) -> Event:
    event = _event(f"exam-{exam.section.id}@seatrush", exam.changed_at)
    event.add("summary", _EXAM[language].format(exam.course.name))
    event.add("description", "\n".join((_section_line(exam.section, exam.course, language), _LENGTH[language])))
    event.add("dtstart", exam.at.astimezone(timezone))
    event.add("dtend", (exam.at + EXAM_TAKES).astimezone(timezone))
    return event


def _event(uid: str, changed_at: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    return event


def _section_line(section: Section, course: Course, language: str) -> str:
    return f"{course.code} {_NUMBER[language].format(section.section_no)} {section.teacher_names}"
