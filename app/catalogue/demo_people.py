"""Study plans of the demo campus's classes, and what its students have finished and may take: bulk inserts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from app.catalogue.demo_courses import plan_courses, plan_programme
from app.catalogue.models import Course, ProgrammeCourse, Term
from app.catalogue.programme import term_number
from app.catalogue.selection_models import TermCredit
from app.extensions.bulk import insert_statement, run
from app.extensions.ids import Snowflakes
from app.org.models import College, Department, Major, SchoolClass, Student

_SEED = 20263
_BATCH = 5000
FINISHED = 4
_TENTHS = "DECIMAL(4,1)"
_PLAN = insert_statement(
    "programme_course",
    {"id": "BIGINT", "class_id": "BIGINT", "course_id": "BIGINT", "recommended_term": "SMALLINT", "required": "BOOL"},
)
_COMPLETED = insert_statement(
    "completed_course",
    {
        "id": "BIGINT",
        "student_id": "BIGINT",
        "course_id": "BIGINT",
        "term_id": "BIGINT",
        "score": _TENTHS,
        "passed": "BOOL",
    },
)
_CREDITS = insert_statement(
    "term_credit", {"id": "BIGINT", "student_id": "BIGINT", "term_id": "BIGINT", "credit_limit": _TENTHS}
)

Row = tuple[Any, ...]


def seed_plans(session: Session, ids: Snowflakes) -> None:
    """A plan for every class that has students and none yet: the same for all classes of a major."""
    by_code = {code: course_id for course_id, code in session.execute(select(Course.id, Course.code))}
    courses = [one for one in plan_courses(len(by_code)) if one.code in by_code]
    query = (
        select(SchoolClass.id, Major.id, College.name)
        .select_from(SchoolClass)
        .join(Major, Major.id == SchoolClass.major_id)
        .join(Department, Department.id == Major.department_id)
        .join(College, College.id == Department.college_id)
        .where(
            SchoolClass.id.in_(select(Student.class_id)),
            SchoolClass.id.not_in(select(ProgrammeCourse.class_id)),
        )
        .order_by(SchoolClass.id)
    )
    majors: dict[int, list[Row]] = {}
    rows: list[Row] = []
    for class_id, major_id, college in session.execute(query):
        if major_id not in majors:
            plan = plan_programme(courses, college, len(majors))
            majors[major_id] = [(by_code[course.code], course.term, required) for course, required in plan]
        rows += [(ids.next_id(), class_id, *line) for line in majors[major_id]]
    _insert(session, _PLAN, rows)


def seed_people(session: Session, ids: Snowflakes, past: Term, current: Term) -> None:
    """Credits for the current term, and FINISHED courses of the past one for those beyond their first year.

    Only for students who have no credits yet.
    """
    has = select(TermCredit.student_id).where(TermCredit.term_id == current.id)
    query = (
        select(Student.account_id, Student.class_id, SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.account_id.not_in(has))
        .order_by(Student.account_id)
    )
    students = [(row[0], row[1], row[2]) for row in session.execute(query)]
    _insert(session, _CREDITS, [(ids.next_id(), student, current.id, "28.0") for student, _, _ in students])
    rows = _finished(session, [one for one in students if one[2] < current.code // 10], current.code)
    _insert(session, _COMPLETED, [(ids.next_id(), row[0], row[1], past.id, *row[2:]) for row in rows])


def _finished(session: Session, students: Sequence[tuple[int, int, int]], code: int) -> Iterator[Row]:
    """(student, course, score, passed): required courses that come before the student's present term."""
    plans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    query = select(ProgrammeCourse.class_id, ProgrammeCourse.recommended_term, ProgrammeCourse.course_id)
    required = query.where(ProgrammeCourse.required == true()).order_by(
        ProgrammeCourse.recommended_term, ProgrammeCourse.id
    )
    for class_id, term, course_id in session.execute(required):
        plans[class_id].append((term, course_id))
    random = Random(_SEED)
    for student, class_id, grade in students:
        present = term_number(grade, code)
        early = [course_id for term, course_id in plans[class_id] if term < present][: FINISHED + 2]
        for course_id in random.sample(early, min(FINISHED, len(early))):
            score = random.randrange(520, 990, 5)
            yield student, course_id, score / 10, score >= 600


def _insert(session: Session, statement: Any, rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), _BATCH):
        run(session, statement, rows[start : start + _BATCH])
