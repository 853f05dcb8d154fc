"""What must be passed before a course: a row adds one prerequisite. None is taken away by a file.

No course may come before itself by any way round, and a circle may be closed by two changes that share no course: so
a batch is written alone (registry.ALONE), from before it looks until after it is committed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.admission.outbox import Effects
from app.auth.permissions import Permission
from app.catalogue.models import KIND, Course, CoursePrerequisite, Section
from app.exchange.columns import Column, code
from app.exchange.kinds.base import Plan, Row, held, ids_by, pick, wanted
from app.exchange.rows import insert_rows
from app.extensions.services import Services

# Course → what it needs.
Needs = dict[int, set[int]]


class Prerequisites:
    name = "prerequisites"
    permission = Permission.COURSES_MANAGE
    key = ("course_code", "prerequisite_code")
    columns = (
        Column("course_code", "课程代码", "Course code", code(10, upper=True), required=True, example="COMP000002"),
        Column(
            "prerequisite_code", "先修课程代码", "Prerequisite code", code(10, upper=True), required=True,
            example="COMP000001",
        ),
    )  # fmt: skip

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """As Kind.plan: a row that would close a circle, with what is there and the rows before it, is refused."""
        codes = wanted(rows, "course_code") | wanted(rows, "prerequisite_code")
        courses = ids_by(session, Course.code, Course.id, codes, Course.is_deleted.is_(False), lock=lock)
        query = select(CoursePrerequisite).where(CoursePrerequisite.is_deleted.is_(False))
        known = {(one.course_id, one.prerequisite_id): one for one in session.scalars(query)}
        needs: Needs = defaultdict(set)
        for one, below in known:
            needs[one].add(below)
        plans = [Plan(row) for row in rows]
        for plan in plans:
            course = pick(plan, "course_code", "course_id", courses)
            before = pick(plan, "prerequisite_code", "prerequisite_id", courses)
            if course is None or before is None:
                continue
            plan.target = known.get((course, before))
            plan.changed = False
            if plan.target is None and _leads_to(needs, before, course):
                plan.refuse("prerequisite_code", "prerequisite_cycle", value=plan.row.cells["prerequisite_code"])
            elif plan.target is None:
                needs[course].add(before)
        return plans

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """As Kind.write. The sections' descriptions are as new as the course's row."""
        insert_rows(session, CoursePrerequisite, [{"id": services.ids.next_id(), **plan.values} for plan in plans])
        courses = {plan.values["course_id"] for plan in plans}
        query = select(Course).where(Course.id.in_(courses)).order_by(Course.id)
        for course in session.scalars(held(query, lock=True)):
            course.version += 1
        session.flush()
        sections = select(Section.id).where(Section.course_id.in_(courses), Section.state == "published")
        found = session.scalars(sections.where(Section.is_deleted.is_(False)).order_by(Section.id))
        return Effects(offerings=[(KIND, one) for one in found])

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page."""
        needed = aliased(Course)
        query = (
            select(CoursePrerequisite.id, Course.code, needed.code)
            .join(Course, Course.id == CoursePrerequisite.course_id)
            .join(needed, needed.id == CoursePrerequisite.prerequisite_id)
            .where(CoursePrerequisite.id > after, CoursePrerequisite.is_deleted.is_(False))
            .where(Course.is_deleted.is_(False), needed.is_deleted.is_(False))
        )
        rows = session.execute(query.order_by(CoursePrerequisite.id).limit(limit))
        return [(row_id, [course, before]) for row_id, course, before in rows]


def _leads_to(needs: Needs, start: int, goal: int) -> bool:
    """True when `start` is the goal or needs it, by however many steps."""
    seen, ahead = {start}, [start]
    while ahead:
        one = ahead.pop()
        if one == goal:
            return True
        fresh = needs.get(one, set()) - seen
        seen |= fresh
        ahead.extend(fresh)
    return False
