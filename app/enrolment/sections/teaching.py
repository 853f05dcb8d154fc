"""The sections that a teacher gives."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, false, select

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.models import Course, Section
from app.catalogue.sections import SectionView, section_views
from app.catalogue.terms import campus_day, chosen_term
from app.extensions.services import Services


def my_sections(services: Services, actor: Actor, term_id: int | None) -> Sequence[SectionView]:
    """Those of a term (the current one by default), cancelled ones too, by course and number. Raises TermNotFoundError."""
    actor.require(Permission.TEACHING_READ)
    with services.breakers.guard("database"), services.db.reading() as session:
        term = chosen_term(session, term_id, campus_day(services))
        rows = session.execute(teaching_listing(actor.account_id, term.id)) if term else ()
        return section_views(session, [(row[0], row[1]) for row in rows])


def teaching_listing(teacher_id: int, term_id: int) -> Select[Section, Course]:
    """The query; it reads ix_section_teacher."""
    return (
        select(Section, Course)
        .join(Course, Course.id == Section.course_id)
        .where(Section.teacher_id == teacher_id, Section.term_id == term_id)
        .where(Section.state != "draft", Section.is_deleted == false())
        .order_by(Section.course_id, Section.section_no)
    )
