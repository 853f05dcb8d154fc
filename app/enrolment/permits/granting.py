"""Grant a student an override (特批): some rules do not stand against that student in a section, or in a course's sections.

Never lifted: the window, the seats, one section of a course, and a hold.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import false, func, select, update
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.models import Course, Section
from app.catalogue.selecting import term_to_choose_in
from app.catalogue.selection_models import TermCredit
from app.enrolment.permits.errors import OverrideNotFoundError
from app.enrolment.permits.models import RuleOverride
from app.enrolment.permits.people import Person, people_of, student_named
from app.enrolment.permits.restrictions import course_of
from app.enrolment.permits.telling import tell_of_course
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class OverrideView:
    """An override, for whom (None: no student any more) and for what."""

    override: RuleOverride
    person: Person | None
    course: Course
    section_no: int | None


def list_overrides(
    services: Services, actor: Actor, term_id: int | None, username: str | None, *, after: int, limit: int
) -> list[OverrideView]:
    """Up to `limit` overrides of a term (that of selection by default) with ids beyond `after`.

    Raises TermNotFoundError, StudentUnknownError.
    """
    actor.require(Permission.ROUNDS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        term = term_to_choose_in(session, services, term_id)
        query = select(RuleOverride).where(RuleOverride.term_id == (term.id if term else 0))
        query = query.where(RuleOverride.is_deleted == false(), RuleOverride.id > after)
        if username:
            query = query.where(RuleOverride.student_id == student_named(session, username).id)
        return _views(session, session.scalars(query.order_by(RuleOverride.id).limit(limit)).all())


def grant_override(
    services: Services,
    actor: Actor,
    *,
    username: str,
    course_id: int | None,
    section_id: int | None,
    rules: Collection[str],
    reason: str,
) -> OverrideView:
    """In force in the section's term; of a course, in that of selection. Workers are told.

    Raises InvalidInputError, CourseNotFoundError, SectionNotFoundError, StudentUnknownError.
    """
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> OverrideView:
        person = student_named(session, username)
        made = RuleOverride(
            id=services.ids.next_id(),
            student_id=person.id,
            term_id=_term_of(session, services, section_id),
            course_id=course_of(session, course_id, section_id),
            section_id=section_id,
            rules=sorted(set(rules)),
            reason=reason,
            created_by=actor.account_id,
        )
        session.add(made)
        session.flush()
        session.refresh(made)
        _waive(session, made, 1)
        return _views(session, [made])[0]

    granted = services.db.retrying(write)
    tell_of_course(services, granted.override.course_id, granted.override.section_id)
    return granted


def revoke_override(services: Services, actor: Actor, override_id: int) -> None:
    """What was chosen by it stays. Raises OverrideNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> RuleOverride:
        one = session.get(RuleOverride, override_id, with_for_update=True)
        if one is None or one.is_deleted:
            raise OverrideNotFoundError
        one.is_deleted = True
        _waive(session, one, -1)
        return one

    revoked = services.db.retrying(write)
    tell_of_course(services, revoked.course_id, revoked.section_id)


def _term_of(session: Session, services: Services, section_id: int | None) -> int:
    section = session.get(Section, section_id) if section_id is not None else None
    if section is not None:
        return section.term_id
    term = term_to_choose_in(session, services, None)
    return term.id if term else 0


def _waive(session: Session, one: RuleOverride, sign: int) -> None:
    """The CHECK of `term_credit` must let pass what the override lets pass; what is used beyond the limit stays waived."""
    if "credit_limit" not in one.rules:
        return
    worth = session.scalar(select(Course.credits).where(Course.id == one.course_id)) or Decimal(0)
    session.execute(
        update(TermCredit)
        .where(TermCredit.student_id == one.student_id, TermCredit.term_id == one.term_id)
        .values(
            waived=func.greatest(
                TermCredit.waived + sign * worth, TermCredit.used - TermCredit.credit_limit, Decimal("0.0")
            )
        )
    )


def _views(session: Session, found: Sequence[RuleOverride]) -> list[OverrideView]:
    people = people_of(session, {one.student_id for one in found})
    courses = {
        one.id: one for one in session.scalars(select(Course).where(Course.id.in_({x.course_id for x in found})))
    }
    sections = {one.section_id for one in found if one.section_id is not None}
    numbers = dict(session.execute(select(Section.id, Section.section_no).where(Section.id.in_(sections))).all())
    return [
        OverrideView(
            one,
            people.get(one.student_id),
            courses[one.course_id],
            numbers.get(one.section_id) if one.section_id else None,
        )
        for one in found
        if one.course_id in courses
    ]
