"""Courses. What a course is called and how many credits it has stands in Redis with its sections, so they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.outbox import Effects
from app.auth.permissions import Permission
from app.catalogue.models import KIND, Course, Section
from app.enrolment.holders import chosen_each
from app.exchange.columns import Column, code, tenths, text
from app.exchange.kinds.base import Plan, Row, differs, held, ids_by, pick, said, wanted
from app.extensions.services import Services
from app.extensions.versions import change
from app.org.models import College

_FIELDS = ("name", "campus", "category", "general_type", "credits")
_DEFAULTS: dict[str, Any] = {"campus": "主校区", "general_type": ""}


class Courses:
    name = "courses"
    permission = Permission.COURSES_MANAGE
    key = ("code",)
    columns = (
        Column("code", "课程代码", "Code", code(10, upper=True), required=True, example="COMP000001"),
        Column("name", "课程名称", "Name", text(100), required=True, example="数据结构"),
        Column("college", "开课学院", "College", text(64), required=True, example="计算机学院"),
        Column("category", "课程类别", "Category", text(20), required=True, example="专业必修"),
        Column("credits", "学分", "Credits", tenths("99.9"), required=True, example="3.0"),
        Column("campus", "校区", "Campus", text(20), example="主校区"),
        Column("general_type", "通识类型", "General type", text(20)),
    )

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """As Kind.plan."""
        colleges = ids_by(
            session, College.name, College.id, wanted(rows, "college"), College.is_deleted.is_(False), lock=lock
        )
        query = select(Course).where(Course.code.in_(wanted(rows, "code")))
        known = {course.code: course for course in session.scalars(held(query, lock=lock))}
        plans = [Plan(row, said(row.cells, _FIELDS), known.get(row.cells["code"])) for row in rows]
        for plan in plans:
            pick(plan, "college", "college_id", colleges)
            if plan.target is not None:
                plan.changed = differs(plan.target, plan.values)
                if plan.target.is_deleted:
                    plan.refuse("code", "deleted", value=plan.target.code)
        _keep_credits(session, plans, lock=lock)
        return plans

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """As Kind.write."""
        for plan in plans:
            if plan.target is not None:
                change(plan.target, plan.values)
            else:
                values = {**_DEFAULTS, **plan.values, "code": plan.row.cells["code"]}
                session.add(Course(id=services.ids.next_id(), **values))
        session.flush()
        changed = [plan.target.id for plan in plans if plan.target is not None]
        query = select(Section.id).where(Section.course_id.in_(changed), Section.state == "published")
        sections = session.scalars(query.where(Section.is_deleted.is_(False))).all() if changed else ()
        return Effects(offerings=[(KIND, one) for one in sections])

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page."""
        query = select(Course, College.name).outerjoin(College, College.id == Course.college_id)
        query = query.where(Course.id > after, Course.is_deleted.is_(False)).order_by(Course.id).limit(limit)
        return [
            (
                course.id,
                [college or "" if one.name == "college" else str(getattr(course, one.name)) for one in self.columns],
            )
            for course, college in session.execute(query)
        ]


def _keep_credits(session: Session, plans: Sequence[Plan], *, lock: bool) -> None:
    """What a course is worth stays while somebody has it, as on its page: what was chosen weighs in MariaDB what it weighed
    then, and in Redis what it weighs now."""
    moved = {
        one.target.id: one
        for one in plans
        if one.target and one.values.get("credits") not in {None, one.target.credits}
    }
    for course, count in chosen_each(session, moved.keys(), lock=lock).items():
        moved[course].refuse("credits", "credits_in_use", enrolments=count)
