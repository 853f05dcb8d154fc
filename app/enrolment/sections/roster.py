"""A section's roster: for those who manage courses, and for the teacher whose section it is."""

from __future__ import annotations

from collections.abc import Iterator

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND, Section
from app.enrolment.models import Enrolment
from app.errors import ForbiddenError
from app.extensions.services import Services
from app.seating.roster import Bookings, RosterEntry, every_page, roster_page

BOOKINGS = Bookings(KIND, Enrolment, Enrolment.section_id)


def list_roster(
    services: Services, actor: Actor, section_id: int, *, state: str | None, after: int, limit: int
) -> list[RosterEntry]:
    """Up to `limit` enrolments beyond the row id `after` (seating/roster.py). Raises SectionNotFoundError, also for a
    teacher whose section it is not; ForbiddenError for anybody else.
    """
    if not actor.may(Permission.COURSES_MANAGE) and not actor.may(Permission.TEACHING_READ):
        raise ForbiddenError(permission=Permission.TEACHING_READ.value)
    with services.breakers.guard("database"), services.db.transaction() as session:
        section = session.get(Section, section_id)
        own = section is not None and section.teacher_id == actor.account_id
        if section is None or section.is_deleted or not (own or actor.may(Permission.COURSES_MANAGE)):
            raise SectionNotFoundError
        return roster_page(session, BOOKINGS, section_id, state=state, after=after, limit=limit)


def whole_roster(services: Services, actor: Actor, section_id: int, *, state: str | None) -> Iterator[RosterEntry]:
    """Every enrolment. Raises like `list_roster`, with the first."""
    return every_page(
        lambda after, limit: list_roster(services, actor, section_id, state=state, after=after, limit=limit)
    )
