"""A student's study plan (培养方案): what it holds, when it is recommended, and what is done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, exists, false, select, true

from app.auth.actor import Actor
from app.catalogue.courses import CourseView, course_views
from app.catalogue.errors import NoProgrammeError
from app.catalogue.models import Course, ProgrammeCourse
from app.catalogue.selecting import term_to_choose_in
from app.catalogue.selection_models import CompletedCourse
from app.extensions.services import Services

LAST_TERM = 8


@dataclass(frozen=True, slots=True)
class PlannedCourse:
    """One line of the plan. `recommended`: it is not done, and its term is, for the student, the term of selection."""

    view: CourseView
    recommended_term: int
    required: bool
    done: bool
    recommended: bool


def programme_of(services: Services, actor: Actor) -> list[PlannedCourse]:
    """The plan of the student's class, by recommended term. Raises NoProgrammeError for who is no student."""
    student = actor.student
    if student is None:
        raise NoProgrammeError
    with services.breakers.guard("database"), services.db.reading() as session:
        term = term_to_choose_in(session, services, None)
        present = term_number(student.grade, term.code) if term else 0
        rows = session.execute(plan_listing(student.class_id, actor.account_id)).all()
        views = course_views(session, [row[0] for row in rows])
    return [
        PlannedCourse(view, number, required, bool(done), recommended=not done and number == present)
        for view, (_, number, required, done) in zip(views, rows, strict=True)
    ]


def plan_listing(class_id: int, student_id: int) -> Select[Course, int, bool, bool]:
    """(course, recommended term, required, done) of a class, in the order of ix_programme_course_plan."""
    passed = exists().where(
        CompletedCourse.student_id == student_id,
        CompletedCourse.course_id == ProgrammeCourse.course_id,
        CompletedCourse.passed == true(),
    )
    return (
        select(Course, ProgrammeCourse.recommended_term, ProgrammeCourse.required, passed)
        .select_from(ProgrammeCourse)
        .join(Course, Course.id == ProgrammeCourse.course_id)
        .where(ProgrammeCourse.class_id == class_id, ProgrammeCourse.is_deleted == false())
        .where(Course.is_deleted == false())
        .order_by(ProgrammeCourse.recommended_term, ProgrammeCourse.course_id)
    )


def term_number(grade: int, code: int) -> int:
    """Which of their terms (1 …) a term is to those who came in `grade`; below 1 before they came."""
    year, half = divmod(code, 10)
    return (year - grade) * 2 + half
