"""Add a college, department, major or class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.extensions.writing import write
from app.org.units.levels import Level
from app.org.units.listing import UnitView, managed_unit
from app.org.units.writing import check_place, class_taken


def create_unit(services: Services, actor: Actor, level: Level, values: Mapping[str, Any]) -> UnitView:
    """Create from the level's own fields. Raises the parent's `missing`, NameTakenError, ClassTakenError."""
    actor.require(Permission.ORG_MANAGE)
    unit_id = services.ids.next_id()

    def work(session: Session) -> None:
        check_place(session, level, values)
        session.add(level.model(id=unit_id, version=1, **values))
        session.flush()

    write(services, work, class_taken(values))
    return managed_unit(services, actor, level, unit_id)
