"""Study plans, and courses that students have finished: rows that join things which are there already."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.outbox import Effects
from app.auth.permissions import Permission
from app.catalogue.models import KIND, Course, ProgrammeCourse, Term
from app.catalogue.selection_models import CompletedCourse
from app.exchange.columns import YES_NO, Column, code, tenths, text, whole
from app.exchange.kinds.base import Plan, Row, differs, held, ids_by, pick, said, wanted, yes_no
from app.exchange.rows import insert_rows
from app.extensions.services import Services
from app.extensions.versions import change
from app.org.models import SchoolClass, Student

_COURSE = Column("course_code", "课程代码", "Course code", code(10, upper=True), required=True, example="COMP000001")
PASS_MARK = Decimal(60)


def course_ids(session: Session, rows: Sequence[Row], *, lock: bool) -> dict[str, list[int]]:
    """Course code → its id."""
    return ids_by(session, Course.code, Course.id, wanted(rows, "course_code"), Course.is_deleted.is_(False), lock=lock)


class ProgrammeCourses:
    name = "programme-courses"
    permission = Permission.COURSES_MANAGE
    key = ("class", "course_code")
    columns = (
        Column("class", "班级", "Class", text(64), required=True, example="软件工程2601班"),
        _COURSE,
        Column("recommended_term", "建议学期", "Recommended term", whole(1, 8), required=True, example="1"),
        Column("required", "必修", "Required", YES_NO, required=True, example="是"),
    )

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """As Kind.plan."""
        live = SchoolClass.is_deleted.is_(False)
        classes = ids_by(session, SchoolClass.name, SchoolClass.id, wanted(rows, "class"), live, lock=lock)
        courses = course_ids(session, rows, lock=lock)
        plans = [Plan(row, said(row.cells, ("recommended_term", "required"))) for row in rows]
        for plan in plans:
            pick(plan, "class", "class_id", classes)
            pick(plan, "course_code", "course_id", courses)
        query = select(ProgrammeCourse).where(ProgrammeCourse.is_deleted.is_(False))
        query = query.where(ProgrammeCourse.class_id.in_({one.values.get("class_id", 0) for one in plans}))
        known = {(one.class_id, one.course_id): one for one in session.scalars(held(query, lock=lock))}
        for plan in plans:
            plan.target = known.get((plan.values.get("class_id", 0), plan.values.get("course_id", 0)))
            plan.changed = plan.target is not None and differs(plan.target, plan.values)
        return plans

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """As Kind.write."""
        fresh = [{"id": services.ids.next_id(), **plan.values} for plan in plans if plan.target is None]
        insert_rows(session, ProgrammeCourse, fresh)
        for plan in plans:
            if plan.target is not None:
                change(plan.target, plan.values)
        session.flush()
        return Effects()

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page."""
        query = (
            select(ProgrammeCourse, SchoolClass.name, Course.code)
            .join(SchoolClass, SchoolClass.id == ProgrammeCourse.class_id)
            .join(Course, Course.id == ProgrammeCourse.course_id)
            .where(ProgrammeCourse.id > after, ProgrammeCourse.is_deleted.is_(False))
        )
        rows = session.execute(query.order_by(ProgrammeCourse.id).limit(limit))
        return [(one.id, [name, course, str(one.recommended_term), yes_no(one.required)]) for one, name, course in rows]


class CompletedCourses:
    """What a student has passed stands in his account in Redis, which is renewed."""

    name = "completed-courses"
    permission = Permission.STUDENTS_MANAGE
    key = ("student_no", "course_code", "term")
    columns = (
        Column("student_no", "学号", "Student no.", code(20), required=True, example="2026000001"),
        _COURSE,
        Column("term", "学期", "Term", whole(10_000, 99_999), required=True, example="20261"),
        Column("score", "成绩", "Score", tenths("100"), example="85"),
        Column("passed", "通过", "Passed", YES_NO, example="是"),
    )

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """As Kind.plan. Without `passed` the score decides."""
        numbers = wanted(rows, "student_no")
        students = ids_by(
            session, Student.student_no, Student.account_id, numbers, Student.is_deleted.is_(False), lock=lock
        )
        terms = {str(code): [one] for code, one in session.execute(select(Term.code, Term.id))}
        courses = course_ids(session, rows, lock=lock)
        plans = [Plan(row, said(row.cells, ("score", "passed"))) for row in rows]
        for plan in plans:
            pick(plan, "student_no", "student_id", students)
            pick(plan, "course_code", "course_id", courses)
            pick(plan, "term", "term_id", terms)
            if "passed" not in plan.values and "score" in plan.values:
                plan.values["passed"] = plan.values["score"] >= PASS_MARK
            if "passed" not in plan.values:
                plan.refuse("passed", "missing")
        self._find(session, plans, lock)
        return plans

    def _find(self, session: Session, plans: Sequence[Plan], lock: bool) -> None:
        people = {plan.values.get("student_id", 0) for plan in plans}
        query = select(CompletedCourse).where(CompletedCourse.student_id.in_(people))
        rows = session.scalars(held(query, lock=lock))
        known = {(one.student_id, one.course_id, one.term_id): one for one in rows}
        for plan in plans:
            place = tuple(plan.values.get(name, 0) for name in ("student_id", "course_id", "term_id"))
            plan.target = known.get(place)
            plan.changed = plan.target is not None and differs(plan.target, plan.values)

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """As Kind.write."""
        fresh = [{"id": services.ids.next_id(), "score": None, **plan.values} for plan in plans if plan.target is None]
        insert_rows(session, CompletedCourse, fresh)
        for plan in plans:
            if plan.target is not None:
                for name, value in plan.values.items():
                    setattr(plan.target, name, value)
        session.flush()
        return Effects(accounts=[(KIND, one) for one in sorted({plan.values["student_id"] for plan in plans})])

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page; of one term when it is wanted."""
        query = (
            select(CompletedCourse, Student.student_no, Course.code, Term.code)
            .join(Student, Student.account_id == CompletedCourse.student_id)
            .join(Course, Course.id == CompletedCourse.course_id)
            .join(Term, Term.id == CompletedCourse.term_id)
            .where(CompletedCourse.id > after)
        )
        if wanted.get("term_id") is not None:
            query = query.where(CompletedCourse.term_id == wanted["term_id"])
        rows = session.execute(query.order_by(CompletedCourse.id).limit(limit))
        return [
            (one.id, [number, course, str(term), "" if one.score is None else str(one.score), yes_no(one.passed)])
            for one, number, course, term in rows
        ]
