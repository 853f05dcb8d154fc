"""An operator's brake on one offering of any kind; managers have brakes of their own on what they manage."""

from __future__ import annotations

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND as SECTION
from app.catalogue.models import Section
from app.extensions.services import Services
from app.lectures.freezing import set_frozen
from app.seating.freezing import set_brake


def brake_lecture(services: Services, engine: Engine, actor: Actor, lecture_id: int, *, frozen: bool) -> None:
    """Freeze or resume booking. Doing it twice changes nothing. Raises LectureNotFoundError."""
    actor.require(Permission.OPS)
    set_frozen(services, engine, lecture_id, frozen=frozen)


def brake_section(services: Services, engine: Engine, actor: Actor, section_id: int, *, frozen: bool) -> None:
    """Freeze or resume choosing. Doing it twice changes nothing. Raises SectionNotFoundError."""
    actor.require(Permission.OPS)
    set_brake(services, engine, Section, (SECTION, section_id), SectionNotFoundError, frozen=frozen)
