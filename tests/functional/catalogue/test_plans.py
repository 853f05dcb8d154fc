"""How MariaDB reads the lists, with the whole catalogue in the tables: by index, never all sections or courses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Session

from app.catalogue import demo
from app.catalogue.courses import CourseFilter, course_listing
from app.catalogue.managing.plans import plan_lines
from app.catalogue.models import Course, ProgrammeCourse, Section, Term
from app.catalogue.programme import plan_listing
from app.catalogue.rounds import round_listing
from app.catalogue.sections import SectionFilter, section_listing
from app.demo import seed_demo
from app.enrolment.credit_accounts import credit_listing
from app.enrolment.sections.reading import STATES
from app.enrolment.sections.teaching import teaching_listing
from app.extensions.services import Services
from app.org.models import College
from migrations.models import Base

READ = {"ref", "range", "eq_ref", "const"}


@pytest.fixture
def whole(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """1,200 courses and 3,000 sections, although there are few students."""
    monkeypatch.setattr(demo, "FULL_CAMPUS", 100)
    seed_demo(services, students=100)
    with services.db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Section)) == 3000
        for table in Base.metadata.tables:
            session.execute(text(f"ANALYZE TABLE {table}"))
    return services


def explain(session: Session, query: Select[Any]) -> dict[str, dict[str, Any]]:
    """Table → its row of the plan."""
    sql = str(query.compile(dialect=mysql.dialect(), compile_kwargs={"literal_binds": True}))
    rows = session.connection().exec_driver_sql(f"EXPLAIN {sql}".replace("%%", "%").replace("%", "%%"))
    return {row.table: dict(row._mapping) for row in rows}


def in_order(plan: dict[str, Any]) -> bool:
    return not {"filesort", "temporary"} & {
        word for one in plan.values() for word in (one["Extra"] or "").replace(";", " ").split()
    }


def test_sections(whole: Services) -> None:
    with whole.db.transaction() as session:
        term = session.scalars(select(Term.id).order_by(Term.code.desc())).first() or 0
        course_id = session.scalars(select(Section.course_id).order_by(Section.course_id).offset(1500)).first() or 0
        college_id = session.scalars(select(College.id)).first()
        wanted = [
            SectionFilter(),
            SectionFilter(language="en"),
            SectionFilter(teacher="王"),
            SectionFilter(mooc=True),
            SectionFilter(weekday=3, period=4),
            SectionFilter(period=4),
            SectionFilter(course_id=course_id),
            SectionFilter(q="数据"),
            SectionFilter(college_id=college_id),
            SectionFilter(category="专业必修"),
            SectionFilter(free=True),
            SectionFilter(apart_from=tuple(session.scalars(select(Section.id).limit(8)))),
        ]
        for one in wanted:
            for after in (None, (course_id, 1)):
                plan = explain(session, section_listing(term, one, after, 51))
                assert plan["section"]["type"] in READ, (one, plan)
                assert plan["section"]["key"] in {"ix_section_list", "uq_section_number", "PRIMARY"}, (one, plan)
        for one in wanted[:4]:
            plan = explain(session, section_listing(term, one, (course_id, 1), 51))
            assert plan["section"]["key"] == "ix_section_list", (one, plan)
            assert in_order(plan), (one, plan)


def test_courses(whole: Services) -> None:
    with whole.db.transaction() as session:
        college_id = session.scalars(select(College.id)).first()
        code = session.scalars(select(Course.code).order_by(Course.code).offset(600)).first()
        for one, index in (
            (CourseFilter(), "ix_course_list"),
            (CourseFilter(q="数据", credits=Decimal("2.0")), "ix_course_list"),
            (CourseFilter(college_id=college_id), "ix_course_college"),
            (CourseFilter(general_type="人文与艺术"), "ix_course_general"),
        ):
            for after in (None, code):
                plan = explain(session, course_listing(one, after, 51))
                assert plan["course"]["type"] in READ, (one, plan)
                assert plan["course"]["key"] in {index, "ix_course_list", "uq_course_code"}, (one, plan)
                assert in_order(plan), (one, plan)


def test_the_plan_and_the_rounds(whole: Services) -> None:
    with whole.db.transaction() as session:
        class_id = session.scalars(select(ProgrammeCourse.class_id)).first() or 0
        plan = explain(session, plan_listing(class_id, 1))
        assert plan["programme_course"]["key"] == "ix_programme_course_plan"
        assert plan["completed_course"]["key"] == "ix_completed_course_done"
        assert plan["course"]["type"] == "eq_ref"
        assert in_order(plan)
        plan = explain(session, round_listing(1, -1, 51))
        assert plan["selection_round"]["key"] == "uq_selection_round_number"
        assert in_order(plan)


def test_management(whole: Services) -> None:
    """The managers' lists: drafts and cancelled sections too, a teacher's sections, credit accounts, study plans."""
    with whole.db.transaction() as session:
        term = session.scalars(select(Term.id).order_by(Term.code.desc())).first() or 0
        section = session.scalars(select(Section).where(Section.teacher_id.is_not(None))).first()
        class_id = session.scalars(select(ProgrammeCourse.class_id)).first() or 0
        assert section is not None
        for wanted in (SectionFilter(states=STATES), SectionFilter(states=STATES, course_id=section.course_id)):
            plan = explain(session, section_listing(term, wanted, (section.course_id, 1), 51))
            assert plan["section"]["type"] in READ, plan
        plan = explain(session, teaching_listing(section.teacher_id or 0, term))
        assert plan["section"]["key"] == "ix_section_teacher", plan
        plan = explain(session, credit_listing(term, "", None, "2024", 51))
        assert plan["student"]["key"] == "uq_student_student_no", plan
        assert plan["term_credit"]["key"] == "uq_term_credit_student", plan
        plan = explain(session, plan_lines(class_id, None, 0, 51))
        assert plan["programme_course"]["type"] in READ, plan
