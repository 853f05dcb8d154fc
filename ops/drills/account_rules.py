"""The rules over several sections, or several lectures, of one student, as MariaDB's rows must keep them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.selection_models import TermCredit
from app.catalogue.timetable import clashes
from app.enrolment.models import Enrolment
from app.enrolment.rules import SectionSheet
from app.enrolment.sheets import section_sheets
from app.lectures.models import Lecture, LectureBooking
from app.lectures.quota.rules import stored_rules

Place = tuple[int, int]  # (student, term)


def students_wrong(session: Session) -> Iterator[str]:
    """Credits counted wrongly or past the limit, two sections of a course, two rooms at once."""
    held: dict[Place, list[Enrolment]] = {}
    for one in session.scalars(select(Enrolment).where(Enrolment.active == 1)):
        held.setdefault((one.student_id, one.term_id), []).append(one)
    sections = {one.section_id for rows in held.values() for one in rows}
    sheets = {one.offering_id: one for one in section_sheets(session, sorted(sections))}
    limits: dict[Place, tuple[Decimal, Decimal]] = {
        (row.student_id, row.term_id): (row.used, row.credit_limit) for row in session.scalars(select(TermCredit))
    }
    for place in sorted(held.keys() | limits.keys()):
        used, limit = limits.get(place, (Decimal(0), Decimal(0)))
        yield from _student_wrong(f"student {place[0]}", held.get(place, ()), sheets, used, limit)


def visitors_wrong(session: Session) -> Iterator[str]:
    """More lectures in a term than the quota. (Who had more when it was lowered keeps them: drills do not lower it.)"""
    quota = stored_rules(session).quota
    query = (
        select(LectureBooking.student_id, func.count())
        .join(Lecture, Lecture.id == LectureBooking.lecture_id)
        .where(LectureBooking.active == 1, LectureBooking.state == "confirmed", Lecture.scope_term.is_not(None))
        .group_by(LectureBooking.student_id, Lecture.scope_term)
        .having(func.count() > quota)
    )
    for student, booked in session.execute(query) if quota else ():
        yield f"student {student} has {booked} lectures of a quota of {quota}"


def _student_wrong(
    name: str, held: Sequence[Enrolment], sheets: dict[int, SectionSheet], used: Decimal, limit: Decimal
) -> Iterator[str]:
    seats = [one for one in held if one.state == "confirmed"]
    worth = sum((one.credits for one in seats), Decimal(0))
    if worth != used or worth > limit:
        yield f"{name} has {worth} credits, {used} counted, of {limit}"
    courses = [one.course_id for one in held]
    yield from (f"{name} has course {course} twice" for course in set(courses) if courses.count(course) > 1)
    known = [one.section_id for one in seats if one.section_id in sheets]
    for one, other in combinations(known, 2):
        if clashes(sheets[one].slots, sheets[other].slots):
            yield f"{name} sits in {one} and {other} at once"
