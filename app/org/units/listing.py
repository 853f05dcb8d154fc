"""Reads of one level: the list with its filters, and one unit, with the names above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.org.units.levels import Level


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit and those above it by the name of their level, the nearest first."""

    unit: Any
    above: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """`q` is looked for in the name; `within` a unit above, by the name of its level; `grade` of a class."""

    q: str = ""
    within: tuple[tuple[str, int], ...] = ()
    grade: int | None = None


def list_units(
    services: Services, actor: Actor, level: Level, wanted: UnitFilter, *, after: int, limit: int
) -> list[UnitView]:
    """Up to `limit` units with ids beyond `after`, by id."""
    actor.require(Permission.ORG_MANAGE)
    query = unit_listing(level, wanted, after, limit)
    with services.breakers.guard("database"), services.db.reading() as session:
        return [_view(level, row) for row in session.execute(query)]


def managed_unit(services: Services, actor: Actor, level: Level, unit_id: int) -> UnitView:
    """One unit as just written: from the primary. Raises the level's `missing`."""
    actor.require(Permission.ORG_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return unit_in(session, level, unit_id)


def unit_in(session: Session, level: Level, unit_id: int) -> UnitView:
    """The same within a session."""
    row = session.execute(_units(level).where(level.model.id == unit_id)).first()
    if row is None:
        raise level.missing
    return _view(level, row)


def unit_listing(level: Level, wanted: UnitFilter, after: int, limit: int) -> Select[Any]:
    """The list's query. There are some hundred classes and dozens of the others: a name may be read through."""
    query = _units(level).where(level.model.id > after)
    if wanted.q:
        query = query.where(level.model.name.contains(wanted.q, autoescape=True))
    if wanted.grade is not None:
        query = query.where(level.model.grade == wanted.grade)
    by_name = {one.name: one for one in level.higher}
    for name, unit_id in wanted.within:
        query = query.where(by_name[name].model.id == unit_id)
    return query.order_by(level.model.id).limit(limit)


def _units(level: Level) -> Select[Any]:
    query = select(level.model, *(one.model for one in level.higher)).select_from(level.model)
    below = level
    for one in level.higher:
        query = query.join(one.model, one.model.id == below.parent())
        below = one
    return query.where(level.model.is_deleted == false())


def _view(level: Level, row: Any) -> UnitView:
    return UnitView(row[0], {one.name: found for one, found in zip(level.higher, row[1:], strict=True)})
