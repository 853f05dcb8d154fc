"""Reads of sections for those who manage them: drafts and cancelled ones too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import Course, Section
from app.catalogue.sections import Place, SectionDetail, SectionFilter, section_details, section_listing
from app.catalogue.selecting import term_to_choose_in
from app.extensions.services import Services

STATES = ("draft", "published", "cancelled")


def list_managed_sections(
    services: Services, actor: Actor, term_id: int | None, wanted: SectionFilter, *, after: Place | None, limit: int
) -> Sequence[SectionDetail]:
    """Up to `limit` sections of a term (that of selection by default) beyond `after`. Raises TermNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.reading() as session:
        term = term_to_choose_in(session, services, term_id)
        if term is None:
            return []
        rows = session.execute(section_listing(term.id, wanted, after, limit))
        return section_details(session, [(row[0], row[1]) for row in rows])


def managed_section(services: Services, actor: Actor, section_id: int) -> SectionDetail:
    """One section as just written. Raises SectionNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return section_in(session, section_id)


def section_in(session: Session, section_id: int) -> SectionDetail:
    """The same within a session."""
    query = select(Section, Course).join(Course, Course.id == Section.course_id)
    row = session.execute(query.where(Section.id == section_id, Section.is_deleted.is_(False))).first()
    if row is None:
        raise SectionNotFoundError
    return section_details(session, [(row[0], row[1])])[0]
