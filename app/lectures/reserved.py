"""Reserved seats that nobody took are opened to all at the lecture's `reserved_until`. A job of the maintenance process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.errors import CapacityTakenError
from app.admission.models import SeatPool
from app.admission.resizing import Change, pools_of
from app.admission.telling import Told, store_effects, tell
from app.errors import UnavailableError
from app.extensions.services import Services
from app.lectures.cancelling import lock_lecture
from app.lectures.draft import LONGEST
from app.lectures.models import KIND, Lecture
from app.lectures.queries import reservations_of
from app.lectures.seats import seats_of
from app.seating.resize_lock import sizing_alone
from app.seating.sizing import SizePlan, commit_sizes, lock_pools, withdrawn

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Move:
    """Seats that leave reserved pools (pool → how many) for the general one."""

    lecture_id: int
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
        return Change(KIND, self.lecture_id, pool, self.pools[pool].capacity + by, line_capacity)


def open_reserved(engine: Engine, services: Services, now: datetime) -> int:
    """Move the free seats of every due lecture's reserved pools into its general pool; returns how many seats moved.

    A reserved seat that comes free later is moved by a later call. What cannot be moved now (Redis away, somebody
    was faster) is left to the next one. Raises SQLAlchemyError.
    """
    with services.db.transaction() as session:
        due = list(session.scalars(_due(now)))
    return sum(_open(engine, services, lecture_id) for lecture_id in due)


def _due(now: datetime) -> Select[int]:
    free = select(SeatPool.id).where(
        SeatPool.kind == KIND,
        SeatPool.offering_id == Lecture.id,
        SeatPool.pool != GENERAL,
        SeatPool.capacity > SeatPool.taken,
    )
    return select(Lecture.id).where(
        Lecture.state == "published",
        Lecture.is_deleted == false(),
        Lecture.starts_at > now - LONGEST,
        Lecture.ends_at > now,
        Lecture.reserved_until <= now,
        free.exists(),
    )


def _open(engine: Engine, services: Services, lecture_id: int) -> int:
    try:
        with sizing_alone(services.db, lecture_id):
            return _move(engine, services, lecture_id)
    except (CapacityTakenError, UnavailableError, _ChangedError) as error:
        logger.info("reserved seats of lecture %d stay for now: %r", lecture_id, error)
        return 0


def _move(engine: Engine, services: Services, lecture_id: int) -> int:
    move = _plan(engine, services, lecture_id)
    if not move.seats:
        return 0
    with withdrawn(engine.resizer, move.plan, move.pools) as withdrawal:
        told = services.db.retrying(lambda session: _write(session, services, engine, move, withdrawal))
    tell(services, engine, told)
    return sum(move.seats.values())


class _ChangedError(Exception):
    """The lecture was edited meanwhile."""


def _plan(engine: Engine, services: Services, lecture_id: int) -> _Move:
    with services.db.transaction() as session:
        version = session.scalars(select(Lecture.version).where(Lecture.id == lecture_id)).one()
        pools = pools_of(session, KIND, lecture_id)
    live = seats_of(engine, services.breakers, pools.values())[lecture_id]
    free = {name: min(live[name][0], pool.capacity - pool.taken) for name, pool in pools.items() if name != GENERAL}
    return _Move(lecture_id, version, pools, {name: count for name, count in free.items() if count > 0})


def _write(session: Session, services: Services, engine: Engine, move: _Move, withdrawal: str) -> Told:
    lecture = lock_lecture(session, move.lecture_id)
    if lecture.version != move.version:
        raise _ChangedError
    lock_pools(session, KIND, move.lecture_id)
    for row in session.scalars(reservations_of([move.lecture_id])):
        row.seats -= move.seats.get(row.pool, 0)
    lecture.version += 1
    session.flush()
    resizes, standings = commit_sizes(session, engine, move.plan, withdrawal)
    return store_effects(session, services.ids, [(KIND, move.lecture_id)], resizes=resizes, claims=standings)
