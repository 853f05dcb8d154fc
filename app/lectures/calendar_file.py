"""A lecture as an iCalendar file (RFC 5545): importing it again updates the same entry."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from app.lectures.models import Lecture

PRODUCT = "-//Seatrush//Lectures//ZH"


def calendar_file(lecture: Lecture, timezone: ZoneInfo) -> bytes:
    """The file of one lecture, with the campus's time zone in it."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(lecture_event(lecture, timezone))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def lecture_event(lecture: Lecture, timezone: ZoneInfo) -> Event:
    """The lecture as one entry of a calendar, the same by its UID wherever it stands."""
    event = Event()
    event.add("uid", f"lecture-{lecture.id}@seatrush")
    # SEQUENCE grows with every edit, so that a calendar takes the newer of two files.
    event.add("sequence", lecture.version)
    event.add("dtstamp", lecture.update_time)
    event.add("last-modified", lecture.update_time)
    event.add("summary", lecture.title)
    event.add("location", lecture.place)
    event.add("description", "\n\n".join(part for part in (lecture.speaker, lecture.summary) if part))
    event.add("dtstart", lecture.starts_at.astimezone(timezone))
    event.add("dtend", lecture.ends_at.astimezone(timezone))
    event.add("status", "CANCELLED" if lecture.state == "cancelled" else "CONFIRMED")
    return event
