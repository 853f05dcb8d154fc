"""What must be passed before a course: never the course itself, not by any way round."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.errors import PrerequisiteCycleError
from app.catalogue.models import Course, CoursePrerequisite
from app.errors import InvalidInputError
from app.extensions.ids import Snowflakes

# One at a time: a circle may be closed by two changes that share no course.
PREREQUISITES = "seatrush.prerequisites"


def put_prerequisites(session: Session, ids: Snowflakes, course_id: int, wanted: Collection[int]) -> bool:
    """Make the course need exactly these; False when it did. The caller holds PREREQUISITES.

    Raises InvalidInputError for a course that is not there, PrerequisiteCycleError.
    """
    query = select(CoursePrerequisite).where(
        CoursePrerequisite.course_id == course_id, CoursePrerequisite.is_deleted.is_(False)
    )
    present = {one.prerequisite_id: one for one in session.scalars(query)}
    new = sorted(set(wanted) - present.keys())
    gone = present.keys() - set(wanted)
    if new:
        _check_there(session, new)
        _check_circle(session, course_id, new)
    for one in gone:
        present[one].is_deleted = True
    for one in new:
        session.add(CoursePrerequisite(id=ids.next_id(), course_id=course_id, prerequisite_id=one))
    session.flush()
    return bool(new or gone)


def _check_there(session: Session, wanted: Collection[int]) -> None:
    """The rows stay locked, so that nobody deletes one of them meanwhile."""
    query = select(Course.id).where(Course.id.in_(wanted), Course.is_deleted.is_(False))
    there = set(session.scalars(query.order_by(Course.id).with_for_update(read=True)))
    missing = [f"No such course: {one}" for one in wanted if one not in there]
    if missing:
        raise InvalidInputError(errors={"prerequisites": missing})


def _check_circle(session: Session, course_id: int, wanted: Collection[int]) -> None:
    """Follow what the wanted ones need, level by level, until nothing new comes."""
    origin = {one: one for one in wanted}
    level = set(wanted)
    while level:
        if course_id in level:
            raise PrerequisiteCycleError(course_id=str(origin[course_id]))
        query = select(CoursePrerequisite.course_id, CoursePrerequisite.prerequisite_id).where(
            CoursePrerequisite.course_id.in_(level), CoursePrerequisite.is_deleted.is_(False)
        )
        found = [(above, below) for above, below in session.execute(query) if below not in origin]
        origin.update({below: origin[above] for above, below in found})
        level = {below for _, below in found}
