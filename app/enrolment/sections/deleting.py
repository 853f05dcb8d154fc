"""Delete a section that nobody can choose: a draft, or one that was called off."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import Section
from app.enrolment.holders import lock_holders
from app.errors import InUseError
from app.extensions.services import Services
from app.extensions.versions import locked
from app.extensions.writing import write


def delete_section(services: Services, actor: Actor, section_id: int) -> None:
    """Delete logically; its number is not given out again. Raises SectionNotFoundError, and InUseError while it is
    published: cancel it first, so that everybody is told.
    """
    actor.require(Permission.COURSES_MANAGE)

    def work(session: Session) -> None:
        section = locked(session, Section, section_id, SectionNotFoundError)
        if section.state == "published":
            raise InUseError(uses={"published": 1, "enrolments": len(lock_holders(session, [section_id]))})
        section.is_deleted = True
        section.version += 1

    write(services, work)
