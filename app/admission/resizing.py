"""Capacity while open: raised in MariaDB first, lowered in Redis first, never below what is taken (DESIGN §3)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.epochs import EpochFollower
from app.admission.errors import CapacityTakenError
from app.admission.judging import Judges
from app.admission.kinds import Kinds
from app.admission.ledger import Ledger
from app.admission.models import SeatPool
from app.admission.promoting import Promotions
from app.admission.settle import record
from app.admission.store import SeatStore
from app.admission.store_wire import Resize
from app.extensions.clock import Clock

POOL: Table = SeatPool.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Change:
    """The wanted size of one pool."""

    kind: str
    offering_id: int
    pool: str
    capacity: int
    line_capacity: int


class Resizer:
    """Two steps: `withdraw` before the transaction, `commit` inside it; `restore` when the transaction failed.

    A withdrawal has a name. The committed size carries it, so that what was taken out ahead comes back in the same step
    in which the smaller capacity takes it for good; before, between or after the sizes of other processes, all the same.
    """

    def __init__(self, store: SeatStore, epochs: EpochFollower, kinds: Kinds, clock: Clock) -> None:
        self._store = store
        self._epochs = epochs
        self._kinds = kinds
        self._clock = clock

    def withdraw(self, change: Change, withdrawal: str, *, capacity: int, line_capacity: int) -> None:
        """Take what shall go out of Redis, given the present size; an offering that is not loaded needs nothing: then
        nobody can be admitted by Redis, and MariaDB's guard is enough.

        Raises CapacityTakenError when fewer are free; RedisError, EpochError when Redis cannot be asked.
        """
        seats, places = max(0, capacity - change.capacity), max(0, line_capacity - change.line_capacity)
        if not seats and not places:
            return
        place = (change.kind, change.offering_id, change.pool)
        done = self._epochs.fenced(
            lambda fence: self._store.withdraw(*place, withdrawal, seats=seats, places=places, fence=fence)
        )
        if done == 0:
            raise CapacityTakenError

    def restore(self, change: Change, withdrawal: str) -> None:
        """Give back what `withdraw` took out, if it did."""
        place = (change.kind, change.offering_id, change.pool)
        self._epochs.fenced(lambda fence: self._store.restore(*place, withdrawal, fence=fence))

    def commit(self, session: Session, change: Change, withdrawal: str) -> tuple[Resize, list[Standing]]:
        """Set the size under the pool's lock and hand new seats to those who wait. Returns the effects' parts."""
        key = (change.kind, change.offering_id, change.pool)
        row = session.execute(
            select(POOL)
            .where(POOL.c.kind == key[0], POOL.c.offering_id == key[1], POOL.c.pool == key[2])
            .with_for_update()
        ).one()
        if change.capacity < row.taken or change.line_capacity < row.waiting:
            raise CapacityTakenError(taken=row.taken, waiting=row.waiting)
        session.execute(
            update(POOL)
            .where(POOL.c.id == row.id)
            .values(capacity=change.capacity, line_capacity=change.line_capacity, version=POOL.c.version + 1)
        )
        judges = Judges(session, self._kinds, [change.kind])
        ledger = Ledger(session, [(change.kind, change.offering_id)], judges.stepped)
        promotions = Promotions(session, self._kinds, ledger, judges, self._clock.epoch_ms())
        # Only seats that are new: the others may be promised to claims that are on their way.
        for _ in range(change.capacity - row.capacity):
            if not promotions.first(key):
                break
        ledger.write()
        steps = ledger.steps()
        record(session, self._kinds, steps)
        resize = Resize(*key, change.capacity, change.line_capacity, row.version + 1, withdrawal)
        return resize, [step.after for step in steps]


def create_pool(session: Session, pool_id: int, change: Change) -> None:
    """Add a pool to an offering."""
    session.add(
        SeatPool(
            id=pool_id,
            kind=change.kind,
            offering_id=change.offering_id,
            pool=change.pool,
            capacity=change.capacity,
            line_capacity=change.line_capacity,
        )
    )


def pools_of(session: Session, kind: str, offering_id: int) -> dict[str, SeatPool]:
    """The pools of an offering by name, as stored."""
    query = select(SeatPool).where(SeatPool.kind == kind, SeatPool.offering_id == offering_id)
    return {pool.pool: pool for pool in session.scalars(query)}
