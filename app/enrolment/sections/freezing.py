"""Pause and resume one section, live."""

from __future__ import annotations

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND, Section
from app.catalogue.sections import SectionDetail
from app.enrolment.sections.reading import managed_section
from app.extensions.services import Services
from app.seating.freezing import set_brake


def freeze_section(services: Services, engine: Engine, actor: Actor, section_id: int, *, frozen: bool) -> SectionDetail:
    """Freeze or resume. Doing it twice changes nothing. Raises SectionNotFoundError."""
    actor.require(Permission.COURSES_MANAGE)
    set_brake(services, engine, Section, (KIND, section_id), SectionNotFoundError, frozen=frozen)
    return managed_section(services, actor, section_id)
