"""Rename a unit, or move it below another one.

Students carry their class, major, department, college and grade in the access token, so a move is seen by the rules
at their next refresh, at most the token's life later; settle reads the rows and judges by them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.extensions.versions import change, check_version, locked
from app.extensions.writing import write
from app.org.units.levels import Level
from app.org.units.listing import UnitView, managed_unit
from app.org.units.writing import check_place, class_taken


def edit_unit(
    services: Services, actor: Actor, level: Level, unit_id: int, changes: Mapping[str, Any], *, version: int | None
) -> UnitView:
    """Change the named fields. Raises like `create_unit`, the level's `missing`, and ConflictError for an old version."""
    actor.require(Permission.ORG_MANAGE)
    fields = {str(level.parent_field), "name", "grade", "class_no"}
    seen = dict(changes)

    def work(session: Session) -> None:
        unit = locked(session, level.model, unit_id, level.missing)
        check_version(unit, version)
        seen.update({name: changes.get(name, getattr(unit, name, None)) for name in fields})
        if any(name in changes for name in fields):
            check_place(session, level, seen, unit_id=unit_id)
        change(unit, changes)
        session.flush()

    write(services, work, class_taken(seen))
    return managed_unit(services, actor, level, unit_id)
