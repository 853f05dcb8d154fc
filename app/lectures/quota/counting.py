"""What students have of lectures in a term, counted from the bookings: those they hold a seat in, and those they missed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.extensions.clock import CampusClock
from app.lectures.models import Lecture, LectureBooking
from app.lectures.quota.models import LectureAccount

Place = tuple[int, int]  # (student, term)
_SEATED = (LectureBooking.active == 1, LectureBooking.state == "confirmed")


def booked_by(session: Session, places: Collection[Place]) -> dict[Place, set[int]]:
    """Place → the lectures in which the student has a seat, also those that are over."""
    query = select(LectureBooking.student_id, Lecture.scope_term, Lecture.id)
    query = query.join(Lecture, Lecture.id == LectureBooking.lecture_id).where(*_SEATED, *_of(places))
    found: dict[Place, set[int]] = {place: set() for place in places}
    for row in session.execute(query) if places else ():
        if (place := _place(row)) in found:
            found[place].add(row[2])
    return found


def missed_by(session: Session, places: Collection[Place]) -> dict[Place, int]:
    """Place → how many lectures the student missed; those that were forgiven do not count."""
    query = missed_where(*_of(places))
    found = {_place(row): row[2] for row in session.execute(query)} if places else {}
    waived = _waived(session, found)
    return {place: max(0, missed - waived.get(place, 0)) for place, missed in found.items()}


def missed_where(*only: ColumnElement[bool]) -> Select[int, int | None, int]:
    """(student, term, how many lectures the student had a seat in and did not come to), forgiven or not.

    Only lectures that are over and at whose door somebody was checked in: without check-in nobody knows who came.
    """
    other = aliased(LectureBooking)
    somebody_came = exists().where(other.lecture_id == Lecture.id, other.checked_in_at.is_not(None))
    return (
        select(LectureBooking.student_id, Lecture.scope_term, func.count().label("missed"))
        .join(Lecture, Lecture.id == LectureBooking.lecture_id)
        .where(*_SEATED, *only, LectureBooking.checked_in_at.is_(None))
        .where(Lecture.ends_at <= CampusClock().now(), Lecture.state == "published", somebody_came)
        .group_by(LectureBooking.student_id, Lecture.scope_term)
    )


def _place(row: Row[Any, Any, Any]) -> Place:
    return (row[0], row[1])


def _of(places: Collection[Place]) -> tuple[ColumnElement[bool], ...]:
    return (
        LectureBooking.student_id.in_({student for student, _ in places}),
        Lecture.scope_term.in_({term for _, term in places}),
    )


def _waived(session: Session, places: Collection[Place]) -> dict[Place, int]:
    query = select(LectureAccount.student_id, LectureAccount.term_id, LectureAccount.waived).where(
        LectureAccount.waived > 0, LectureAccount.student_id.in_({student for student, _ in places})
    )
    return {_place(row): row[2] for row in session.execute(query)} if places else {}
