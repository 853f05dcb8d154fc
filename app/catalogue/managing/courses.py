"""Add, change and delete courses, with what must be passed before them.

A change while students are choosing reaches Redis by way of the sections' descriptions. Prerequisites bind whoever claims
or is promoted from then on; who has the course keeps it. Credits stay while somebody has the course in a term that is not
over: admission, settle and the credits used must weigh a seat alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.courses import CourseDetail, course_in
from app.catalogue.errors import CourseNotFoundError, CourseTakenError, CreditsInUseError
from app.catalogue.managing.prerequisites import PREREQUISITES, put_prerequisites
from app.catalogue.models import KIND, Course, Section
from app.errors import InUseError
from app.extensions.named_lock import alone
from app.extensions.services import Services
from app.extensions.versions import change, check_version, locked
from app.extensions.writing import write
from app.org.errors import CollegeNotFoundError
from app.org.models import College
from app.org.units.deleting import Uses

T = TypeVar("T")

# Supplied by enrolment: how many have this course in terms that are not over, with everything locked that could let
# another one in before the transaction ends.
Chosen = Callable[[Session, int], int]


def create_course(services: Services, actor: Actor, values: Mapping[str, Any]) -> CourseDetail:
    """From the course's fields and `prerequisites`, ids of courses. Raises CollegeNotFoundError, CourseTakenError,
    InvalidInputError.
    """
    actor.require(Permission.COURSES_MANAGE)
    course_id = services.ids.next_id()
    fields = {name: value for name, value in values.items() if name != "prerequisites"}

    def work(session: Session) -> None:
        locked(session, College, fields["college_id"], CollegeNotFoundError, shared=True)
        session.add(Course(id=course_id, version=1, **fields))
        session.flush()
        put_prerequisites(session, services.ids, course_id, values.get("prerequisites", ()))

    _written(services, values, work)
    return one_course(services, actor, course_id)


def edit_course(
    services: Services,
    engine: Engine,
    actor: Actor,
    course_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None,
    chosen: Chosen,
) -> CourseDetail:
    """Raises like `create_course`, and CourseNotFoundError, ConflictError, CreditsInUseError, PrerequisiteCycleError."""
    actor.require(Permission.COURSES_MANAGE)
    fields = {name: value for name, value in changes.items() if name != "prerequisites"}

    def work(session: Session) -> Told:
        course = locked(session, Course, course_id, CourseNotFoundError)
        check_version(course, version)
        if "college_id" in fields:
            locked(session, College, fields["college_id"], CollegeNotFoundError, shared=True)
        if fields.get("credits", course.credits) != course.credits and (count := chosen(session, course_id)):
            raise CreditsInUseError(enrolments=count)
        before = course.version
        change(course, fields)
        moved = "prerequisites" in changes and put_prerequisites(
            session, services.ids, course_id, changes["prerequisites"]
        )
        if moved and course.version == before:
            course.version += 1  # the sections' descriptions are as new as this row
        session.flush()
        told = [] if course.version == before else _sections(session, course_id)
        return store_effects(session, services.ids, [(KIND, one) for one in told])

    tell(services, engine, _written(services, changes, work))
    return one_course(services, actor, course_id)


def delete_course(services: Services, actor: Actor, course_id: int, *, uses: Uses) -> None:
    """Delete logically: what was taught keeps its name. Raises CourseNotFoundError, InUseError."""
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> None:
        course = locked(session, Course, course_id, CourseNotFoundError)
        found = {name: count for name, count in uses(session, course_id).items() if count}
        if found:
            raise InUseError(uses=found)
        put_prerequisites(session, services.ids, course_id, ())
        course.is_deleted = True
        course.version += 1

    write(services, work)


def one_course(services: Services, actor: Actor, course_id: int) -> CourseDetail:
    """One course as just written, with its prerequisites. Raises CourseNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return course_in(session, course_id)


def _written(services: Services, values: Mapping[str, Any], work: Callable[[Session], T]) -> T:
    """Run `work`, alone when it changes prerequisites."""
    taken = {"uq_course_code": lambda: CourseTakenError(course_code=values["code"])}
    if "prerequisites" not in values:
        return write(services, work, taken)
    with alone(services.db, PREREQUISITES):
        return write(services, work, taken)


def _sections(session: Session, course_id: int) -> Sequence[int]:
    """The course's sections, of every term: Redis passes over what it has not loaded and need not."""
    query = select(Section.id).where(Section.course_id == course_id, Section.state == "published")
    return session.scalars(query.where(Section.is_deleted.is_(False)).order_by(Section.id)).all()
