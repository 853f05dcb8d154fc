"""Delete a unit on which nothing hangs any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import InUseError
from app.extensions.services import Services
from app.extensions.versions import locked
from app.extensions.writing import write
from app.org.units.levels import Level

# Supplied by whoever knows the domains above this one: what of theirs hangs on a unit (name → how many).
Uses = Callable[[Session, int], Mapping[str, int]]


def delete_unit(services: Services, actor: Actor, level: Level, unit_id: int, *, uses: Uses) -> None:
    """Delete it logically. Raises the level's `missing`, and InUseError saying what hangs on it."""
    actor.require(Permission.ORG_MANAGE)

    def work(session: Session) -> None:
        unit = locked(session, level.model, unit_id, level.missing)
        found = {
            **level.counts(session, unit_id),
            **{name: count for name, count in uses(session, unit_id).items() if count},
        }
        if found:
            raise InUseError(uses=found)
        unit.is_deleted = True
        unit.version += 1

    write(services, work)
