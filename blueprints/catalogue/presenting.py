"""Courses and sections as the API shows them: ids as strings, times in campus time."""

from __future__ import annotations

from typing import Any

from app.catalogue.courses import CourseView
from app.catalogue.meeting_models import Meeting, SectionRestriction
from app.catalogue.sections import SectionDetail, SectionView
from app.catalogue.timetable import PERIODS, Slot, print_slot
from app.catalogue.weeks import print_weeks
from app.errors import InvalidInputError
from blueprints.context import language
from blueprints.converters import LARGEST
from blueprints.moments import campus_time
from blueprints.reservations import pool_documents


def course_document(view: CourseView) -> dict[str, Any]:
    """The course document of docs/catalogue.md."""
    course = view.course
    return {
        "id": str(course.id),
        "code": course.code,
        "name": course.name,
        "campus": course.campus,
        "college_id": str(course.college_id),
        "college": view.college,
        "category": course.category,
        "general_type": course.general_type,
        "credits": float(course.credits),
    }


def section_document(view: SectionView) -> dict[str, Any]:
    """The section document of docs/catalogue.md."""
    section, course = view.section, view.course
    return {
        "id": str(section.id),
        "term_id": str(section.term_id),
        "course_id": str(course.id),
        "course_code": course.code,
        "course_name": course.name,
        "category": course.category,
        "general_type": course.general_type,
        "credits": float(course.credits),
        "section_no": section.section_no,
        "teacher_id": None if section.teacher_id is None else str(section.teacher_id),
        "teacher_names": section.teacher_names,
        "language": section.language,
        "is_mooc": section.is_mooc,
        "exam_type": section.exam_type,
        "exam_at": campus_time(section.exam_at),
        "capacity": section.capacity,
        "waitlist_capacity": section.waitlist_capacity,
        "seats_left": view.seats_left,
        "waiting": view.waiting,
        "state": section.state,
        "frozen": section.frozen,
        "version": section.version,
        "meetings": [meeting_document(one) for one in view.meetings],
    }


def section_detail(detail: SectionDetail) -> dict[str, Any]:
    """The same with what lists do without: who is kept out, and for whom seats are reserved."""
    return {
        **section_document(detail.view),
        "pools": pool_documents(detail.view.pools),
        "reserved_until": campus_time(detail.view.section.reserved_until),
        "restrictions": [restriction_document(one) for one in detail.restrictions],
    }


def meeting_document(one: Meeting) -> dict[str, Any]:
    """A meeting, with its weeks and time also in words of the request's language."""
    slot = Slot(one.week_mask, one.weekday, one.first_period, one.last_period)
    return {
        "weekday": one.weekday,
        "first_period": one.first_period,
        "last_period": one.last_period,
        "week_mask": one.week_mask,
        "weeks": print_weeks(one.week_mask, language()),
        "text": print_slot(slot, language()),
        "starts_at": PERIODS[one.first_period - 1].starts_at.isoformat("minutes"),
        "ends_at": PERIODS[one.last_period - 1].ends_at.isoformat("minutes"),
        "place": one.place,
    }


def restriction_document(one: SectionRestriction) -> dict[str, Any]:
    """Who is kept out, and why."""
    groups = {name: one.audience.get(name, []) for name in ("colleges", "grades", "classes")}
    return {"whole_course": one.section_id is None, "mode": one.mode, **groups, "reason": one.reason}


def read_numbers(values: list[Any] | None, count: int) -> list[int] | None:
    """A cursor of `count` whole numbers. Raises InvalidInputError for what is none of that list."""
    if values is None:
        return None
    if len(values) != count or not all(type(one) is int and 0 <= one <= LARGEST for one in values):
        raise bad_cursor()
    return values


def bad_cursor() -> InvalidInputError:
    return InvalidInputError(errors={"cursor": ["Not a cursor of this list."]})
