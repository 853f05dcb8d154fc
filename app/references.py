"""Who refers to what across domains: there are no foreign keys, and a domain does not know those above it.

Whoever deletes something is handed the counts of what hangs on it, so that nothing ever points at what is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.admission.revoking import live_by_kind
from app.catalogue.models import Course, CoursePrerequisite, ProgrammeCourse, Section
from app.catalogue.selection_models import TermCredit
from app.catalogue.terms import all_terms, current_terms, end_of
from app.enrolment.accounts import open_accounts
from app.extensions.clock import CampusClock
from app.extensions.ids import Snowflakes

_CLAIMS = {"section": "enrolments", "lecture": "bookings"}


def uses_of_college(session: Session, college_id: int) -> Mapping[str, int]:
    """Courses that the college teaches."""
    return {"courses": _count(session, Course, Course.college_id == college_id)}


def uses_of_class(session: Session, class_id: int) -> Mapping[str, int]:
    """Lines of the class's study plan."""
    return {"programme_courses": _count(session, ProgrammeCourse, ProgrammeCourse.class_id == class_id)}


def uses_of_course(session: Session, course_id: int) -> Mapping[str, int]:
    """Sections of it, lines of study plans, and courses that need it."""
    return {
        "sections": _count(session, Section, Section.course_id == course_id),
        "programme_courses": _count(session, ProgrammeCourse, ProgrammeCourse.course_id == course_id),
        "courses_that_need_it": _count(session, CoursePrerequisite, CoursePrerequisite.prerequisite_id == course_id),
    }


def uses_of_student(session: Session, ids: Snowflakes, student_id: int) -> Mapping[str, int]:
    """Enrolments and bookings that are live.

    The student's credit accounts are locked first, as settle does before it asks who the student is: a claim on its way
    is counted here, or finds nobody when it settles.
    """
    lock_credits(session, ids, student_id)
    return {_CLAIMS.get(kind, kind): count for kind, count in live_by_kind(session, student_id).items()}


def lock_credits(session: Session, ids: Snowflakes, student_id: int) -> None:
    """Every credit account of the student; those of the current terms are opened, as settle would, to be there to lock."""
    open_accounts(session, ids, [(student_id, term) for term in current_terms(session)])
    mine = select(TermCredit.id).where(TermCredit.student_id == student_id)
    session.scalars(mine.order_by(TermCredit.term_id).with_for_update()).all()


def uses_of_teacher(session: Session, teacher_id: int) -> Mapping[str, int]:
    """Sections of terms that are not over, which the teacher gives."""
    today = CampusClock().now().date() - timedelta(days=1)  # no campus is further behind
    terms = [term.id for term in all_terms(session) if end_of(term) > today]
    here = (Section.teacher_id == teacher_id, Section.term_id.in_(terms), Section.state != "cancelled")
    return {"sections": _count(session, Section, *here)}


def nothing(_: Session, __: int) -> Mapping[str, int]:
    """Nobody above refers to it."""
    return {}


def _count(session: Session, model: type[Any], *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(model).where(model.is_deleted.is_(False), *conditions)
    return session.scalar(query) or 0
