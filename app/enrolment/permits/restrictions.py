"""Emergency settings (禁选): only these students, or all but these, for a section or a whole course; with a reason.

Workers are told of a change after the commit (edits.py), settle knows at once: who was accepted in between is rejected as
`restricted`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import CourseNotFoundError, SectionNotFoundError
from app.catalogue.meeting_models import SectionRestriction
from app.catalogue.models import Course, Section
from app.enrolment.permits.errors import RestrictionNotFoundError
from app.enrolment.permits.telling import tell_of_course
from app.errors import InvalidInputError
from app.extensions.services import Services
from app.org.audience import Audience
from app.org.audiences import unknown_groups


@dataclass(frozen=True, slots=True)
class RestrictionView:
    """A restriction, whom it is about, and of what (`section_no` None: the whole course)."""

    restriction: SectionRestriction
    audience: Audience
    course: Course
    section_no: int | None


def list_restrictions(
    services: Services, actor: Actor, *, course_id: int | None, section_id: int | None, after: int, limit: int
) -> list[RestrictionView]:
    """Up to `limit` restrictions with ids beyond `after`; of a course, of a section, or all."""
    actor.require(Permission.ROUNDS_MANAGE)
    query = select(SectionRestriction).where(SectionRestriction.is_deleted == false(), SectionRestriction.id > after)
    if course_id is not None:
        query = query.where(SectionRestriction.course_id == course_id)
    if section_id is not None:
        query = query.where(SectionRestriction.section_id == section_id)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return _views(session, session.scalars(query.order_by(SectionRestriction.id).limit(limit)).all())


def add_restriction(
    services: Services, actor: Actor, *, course_id: int | None, section_id: int | None, audience: Audience, reason: str
) -> RestrictionView:
    """`audience` with mode "only" or "except". A section names its course by itself.

    Raises InvalidInputError, CourseNotFoundError, SectionNotFoundError.
    """
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> RestrictionView:
        course = course_of(session, course_id, section_id)
        unknown = unknown_groups(session, [audience])
        if unknown:
            raise InvalidInputError(errors={"audience": unknown})
        if audience.empty:
            raise InvalidInputError(errors={"audience": ["Name a college, a grade or a class."]})
        made = SectionRestriction(
            id=services.ids.next_id(),
            course_id=course,
            section_id=section_id,
            mode=audience.mode,
            audience=audience.to_json(),
            reason=reason,
            created_by=actor.account_id,
        )
        session.add(made)
        session.flush()
        session.refresh(made)
        return _views(session, [made])[0]

    made = services.db.retrying(write)
    tell_of_course(services, made.restriction.course_id, made.restriction.section_id)
    return made


def remove_restriction(services: Services, actor: Actor, restriction_id: int) -> None:
    """Raises RestrictionNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> SectionRestriction:
        one = session.get(SectionRestriction, restriction_id, with_for_update=True)
        if one is None or one.is_deleted:
            raise RestrictionNotFoundError
        one.is_deleted = True
        return one

    ended = services.db.retrying(write)
    tell_of_course(services, ended.course_id, ended.section_id)


def course_of(session: Session, course_id: int | None, section_id: int | None) -> int:
    """The course that is meant, by itself or by its section. Raises InvalidInputError when both or neither fit."""
    if section_id is not None:
        section = session.get(Section, section_id)
        if section is None or section.is_deleted:
            raise SectionNotFoundError
        if course_id not in {None, section.course_id}:
            raise InvalidInputError(errors={"section_id": ["Not a section of that course."]})
        return section.course_id
    if course_id is None:
        raise InvalidInputError(errors={"course_id": ["Name a course or a section."]})
    course = session.get(Course, course_id)
    if course is None or course.is_deleted:
        raise CourseNotFoundError
    return course_id


def _views(session: Session, found: Sequence[SectionRestriction]) -> list[RestrictionView]:
    courses = {
        one.id: one for one in session.scalars(select(Course).where(Course.id.in_({x.course_id for x in found})))
    }
    numbers = dict(
        session.execute(
            select(Section.id, Section.section_no).where(Section.id.in_({x.section_id for x in found if x.section_id}))
        ).all()
    )
    return [
        RestrictionView(
            one,
            Audience.of({**one.audience, "mode": one.mode}),
            courses[one.course_id],
            numbers.get(one.section_id) if one.section_id else None,
        )
        for one in found
        if one.course_id in courses
    ]
