"""Study plans: which courses a class is to take, when, and whether it must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import CourseNotFoundError, PlannedTwiceError, PlanNotFoundError
from app.catalogue.models import Course, ProgrammeCourse
from app.extensions.services import Services
from app.extensions.versions import change, check_version, locked
from app.extensions.writing import write
from app.org.errors import ClassNotFoundError
from app.org.models import SchoolClass


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of a class's plan, with the course and the class."""

    line: ProgrammeCourse
    course: Course
    school_class: SchoolClass


def list_plan(
    services: Services, actor: Actor, *, class_id: int | None, course_id: int | None, after: int, limit: int
) -> list[PlanLine]:
    """Up to `limit` lines with ids beyond `after`, by id; of a class or course when one is given."""
    actor.require(Permission.COURSES_MANAGE)
    query = plan_lines(class_id, course_id, after, limit)
    with services.breakers.guard("database"), services.db.reading() as session:
        return [PlanLine(*row) for row in session.execute(query)]


def plan_lines(
    class_id: int | None, course_id: int | None, after: int, limit: int
) -> Select[ProgrammeCourse, Course, SchoolClass]:
    """The list's query: a class has some sixty lines (uq_programme_course_live); without one the ids are followed."""
    query = _lines().where(ProgrammeCourse.id > after)
    if class_id is not None:
        query = query.where(ProgrammeCourse.class_id == class_id)
    if course_id is not None:
        query = query.where(ProgrammeCourse.course_id == course_id)
    return query.order_by(ProgrammeCourse.id).limit(limit)


def one_line(services: Services, actor: Actor, line_id: int) -> PlanLine:
    """One line as just written. Raises PlanNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        row = session.execute(_lines().where(ProgrammeCourse.id == line_id)).first()
    if row is None:
        raise PlanNotFoundError
    return PlanLine(*row)


def add_line(services: Services, actor: Actor, values: Mapping[str, Any]) -> PlanLine:
    """From class_id, course_id, recommended_term, required. Raises ClassNotFoundError, CourseNotFoundError,
    PlannedTwiceError.
    """
    actor.require(Permission.COURSES_MANAGE)
    line_id = services.ids.next_id()

    def work(session: Session) -> None:
        locked(session, SchoolClass, values["class_id"], ClassNotFoundError, shared=True)
        locked(session, Course, values["course_id"], CourseNotFoundError, shared=True)
        session.add(ProgrammeCourse(id=line_id, version=1, **values))
        session.flush()

    write(services, work, {"uq_programme_course_live": PlannedTwiceError})
    return one_line(services, actor, line_id)


def edit_line(
    services: Services, actor: Actor, line_id: int, changes: Mapping[str, Any], *, version: int | None
) -> PlanLine:
    """Change recommended_term or required. Raises PlanNotFoundError, ConflictError."""
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> None:
        line = locked(session, ProgrammeCourse, line_id, PlanNotFoundError)
        check_version(line, version)
        change(line, changes)

    write(services, work)
    return one_line(services, actor, line_id)


def delete_line(services: Services, actor: Actor, line_id: int) -> None:
    """Take the course out of the plan. Raises PlanNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> None:
        line = locked(session, ProgrammeCourse, line_id, PlanNotFoundError)
        line.is_deleted = True
        line.version += 1

    write(services, work)


def _lines() -> Select[ProgrammeCourse, Course, SchoolClass]:
    return (
        select(ProgrammeCourse, Course, SchoolClass)
        .join(Course, Course.id == ProgrammeCourse.course_id)
        .join(SchoolClass, SchoolClass.id == ProgrammeCourse.class_id)
        .where(ProgrammeCourse.is_deleted == false())
    )
