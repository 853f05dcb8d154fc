"""Who has which section, or waits for it: for export only."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.models import Account
from app.auth.permissions import Permission
from app.catalogue.models import Course, Section, Term
from app.enrolment.models import Enrolment
from app.exchange.columns import Column, text
from app.org.models import SchoolClass, Student

_TEXT = text(100)
_STATES = {"confirmed": "已选", "waitlisted": "候补"}


class Enrolments:
    name = "enrolments"
    permission = Permission.COURSES_MANAGE
    columns = (
        Column("term", "学期", "Term", _TEXT),
        Column("course_code", "课程代码", "Course code", _TEXT),
        Column("course", "课程名称", "Course", _TEXT),
        Column("section_no", "课程班号", "Section no.", _TEXT),
        Column("student_no", "学号", "Student no.", _TEXT),
        Column("name", "姓名", "Name", _TEXT),
        Column("class", "班级", "Class", _TEXT),
        Column("state", "状态", "State", _TEXT),
    )

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page: seats and places in a line that are held now; of a term or section when one is wanted."""
        query = (
            select(
                Enrolment.id,
                Term.code,
                Course.code,
                Course.name,
                Section.section_no,
                Student.student_no,
                Account.display_name,
                SchoolClass.name,
                Enrolment.state,
            )
            .join(Section, Section.id == Enrolment.section_id)
            .join(Course, Course.id == Enrolment.course_id)
            .join(Term, Term.id == Enrolment.term_id)
            .join(Account, Account.id == Enrolment.student_id)
            .outerjoin(Student, Student.account_id == Enrolment.student_id)
            .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
            .where(Enrolment.id > after, Enrolment.active == 1)
        )
        for name, column in (("term_id", Enrolment.term_id), ("section_id", Enrolment.section_id)):
            if wanted.get(name) is not None:
                query = query.where(column == wanted[name])
        rows = session.execute(query.order_by(Enrolment.id).limit(limit))
        return [(row[0], ["" if one is None else _STATES.get(str(one), str(one)) for one in row[1:]]) for row in rows]
