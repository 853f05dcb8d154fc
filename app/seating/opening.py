"""Reserved seats that nobody took are opened to all at the offering's `reserved_until`. A job of the maintenance process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.errors import CapacityTakenError
from app.admission.models import SeatPool
from app.admission.resizing import Change, pools_of
from app.admission.telling import Told, store_effects, tell
from app.errors import SeatrushError, UnavailableError
from app.extensions.db import RETRYABLE, error_number
from app.extensions.services import Services
from app.extensions.versions import locked
from app.seating.reservation_rows import reservations_of
from app.seating.resize_lock import sizing_alone
from app.seating.seats import seats_of
from app.seating.sizing import SizePlan, commit_sizes, lock_pools, withdrawn

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reserving:
    """A kind whose offerings, rows of `model`, have reserved seats; `matters`: while seats of one are still wanted."""

    kind: str
    model: type[Any]
    missing: type[SeatrushError]
    matters: Callable[[datetime], Sequence[ColumnElement[bool]]]


@dataclass(frozen=True, slots=True)
class _Move:
    """Seats that leave reserved pools (pool → how many) for the general one."""

    kind: str
    offering_id: int
    version: int
    pools: Mapping[str, SeatPool]
    seats: Mapping[str, int]

    @property
    def plan(self) -> SizePlan:
        """Reserved pools first: seats are taken out before they are given."""
        changes = [self._change(pool, -count, 0) for pool, count in self.seats.items()]
        general = self._change(GENERAL, sum(self.seats.values()), self.pools[GENERAL].line_capacity)
        return SizePlan((*changes, general), ())

    def _change(self, pool: str, by: int, line_capacity: int) -> Change:
        return Change(self.kind, self.offering_id, pool, self.pools[pool].capacity + by, line_capacity)


def open_reserved(engine: Engine, services: Services, one: Reserving, now: datetime) -> int:
    """Move the free seats of every due offering's reserved pools into its general pool; returns how many seats moved.

    A reserved seat that comes free later is moved by a later call. What cannot be moved now (Redis away, somebody
    was faster) is left to the next one. Raises SQLAlchemyError.
    """
    with services.db.transaction() as session:
        due = list(session.scalars(_due(one, now)))
    return sum(_open(engine, services, one, offering_id) for offering_id in due)


def _due(one: Reserving, now: datetime) -> Select[int]:
    free = select(SeatPool.id).where(
        SeatPool.kind == one.kind,
        SeatPool.offering_id == one.model.id,
        SeatPool.pool != GENERAL,
        SeatPool.capacity > SeatPool.taken,
    )
    return select(one.model.id).where(
        one.model.state == "published",
        one.model.is_deleted == false(),
        *one.matters(now),
        one.model.reserved_until <= now,
        free.exists(),
    )


def _open(engine: Engine, services: Services, one: Reserving, offering_id: int) -> int:
    try:
        with sizing_alone(services.db, offering_id):
            return _move(engine, services, one, offering_id)
    except (CapacityTakenError, UnavailableError, _ChangedError) as error:
        logger.info("reserved seats of %s %d stay for now: %r", one.kind, offering_id, error)
    except DBAPIError as error:
        if error_number(error) not in RETRYABLE:
            raise
        # Somebody else has what this one needs: those behind it must not wait for that.
        logger.info("%s %d is busy, its reserved seats stay for now", one.kind, offering_id)
    return 0


def _move(engine: Engine, services: Services, one: Reserving, offering_id: int) -> int:
    move = _plan(engine, services, one, offering_id)
    if not move.seats:
        return 0
    with withdrawn(engine.resizer, move.plan, move.pools) as withdrawal:
        told = services.db.retrying(lambda session: _write(session, services, engine, one, move, withdrawal))
    tell(services, engine, told)
    return sum(move.seats.values())


class _ChangedError(Exception):
    """The offering was edited meanwhile."""


def _plan(engine: Engine, services: Services, one: Reserving, offering_id: int) -> _Move:
    with services.db.transaction() as session:
        version = session.scalars(select(one.model.version).where(one.model.id == offering_id)).one()
        pools = pools_of(session, one.kind, offering_id)
    live = seats_of(engine, services.breakers, one.kind, pools.values())[offering_id]
    free = {name: min(live[name][0], pool.capacity - pool.taken) for name, pool in pools.items() if name != GENERAL}
    return _Move(one.kind, offering_id, version, pools, {name: count for name, count in free.items() if count > 0})


def _write(session: Session, services: Services, engine: Engine, one: Reserving, move: _Move, withdrawal: str) -> Told:
    row = locked(session, one.model, move.offering_id, one.missing)
    if row.version != move.version:
        raise _ChangedError
    lock_pools(session, one.kind, move.offering_id)
    for kept in reservations_of(session, one.kind, [move.offering_id])[move.offering_id]:
        kept.seats -= move.seats.get(kept.pool, 0)
    row.version += 1
    session.flush()
    resizes, standings = commit_sizes(session, engine, move.plan, withdrawal)
    place = (one.kind, move.offering_id)
    return store_effects(session, services.ids, [place], resizes=resizes, claims=standings)
