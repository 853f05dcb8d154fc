"""Reconciliation: Redis's counters against MariaDB's, offering by offering, and the repair of what drifted."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import select

from app.admission.epochs import EpochFollower
from app.admission.kinds import Kinds
from app.admission.models import SeatPool
from app.admission.outbox import in_flight
from app.admission.store import SeatStore
from app.admission.store_wire import Resize
from app.extensions.db import Database

logger = logging.getLogger(__name__)

# Offerings of a kind that one pass looks at: a term has thousands of sections, and comparing them all every few seconds
# would cost a tenth of a core at rest. At a pass every 3 s three thousand have had their turn after 24 s.
AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Difference:
    """A pool whose counters disagree while nothing is in flight. `seen`: Redis's (seats left, waiting)."""

    size: Resize
    seen: tuple[int, int]
    taken: int
    waiting: int


class Reconciler:
    """`differences()` compares, `repair()` mends; only what differs twice in a row is mended."""

    def __init__(self, db: Database, store: SeatStore, kinds: Kinds, epochs: EpochFollower) -> None:
        self._db = db
        self._store = store
        self._kinds = kinds
        self._epochs = epochs
        self._last: set[Difference] = set()
        self._begin: dict[str, int] = {}

    def differences(self) -> list[Difference]:
        """Pools that disagree. Empty while claims (other than promotions) or effects are in flight: then a difference
        means nothing."""
        if not self._store.quiet():
            return []
        with self._db.transaction() as session:
            if in_flight(session):
                return []
            found: list[Difference] = []
            for name, kind in self._kinds.items():
                ids = self._in_turn(name, sorted(kind.current(session)))
                query = select(SeatPool).where(SeatPool.kind == name, SeatPool.offering_id.in_(ids))
                pools = list(session.scalars(query)) if ids else []
                found += self._compare(name, pools)
        return found

    def _in_turn(self, kind: str, ids: list[int]) -> list[int]:
        """The next of these offerings, and those that differed at the last call: they must differ twice to be mended."""
        begin = self._begin.get(kind, 0) if self._begin.get(kind, 0) < len(ids) else 0
        self._begin[kind] = begin + AT_ONCE
        suspects = {one.size.offering_id for one in self._last if one.size.kind == kind}
        return sorted({*ids[begin : begin + AT_ONCE], *suspects.intersection(ids)})

    def _compare(self, kind: str, pools: list[SeatPool]) -> list[Difference]:
        ids = sorted({pool.offering_id for pool in pools})
        counters = self._epochs.fenced(lambda fence: self._store.counters(kind, ids, fence=fence))
        seen_by_id = dict(zip(ids, counters, strict=True))
        found = []
        for pool in pools:
            seen = seen_by_id[pool.offering_id].get(pool.pool)
            if seen is None:
                continue
            wanted = (pool.capacity - pool.taken, pool.waiting, pool.line_capacity - pool.waiting)
            if (seen[0] + seen[2], seen[1], seen[3]) != wanted:
                size = Resize(kind, pool.offering_id, pool.pool, pool.capacity, pool.line_capacity, pool.version)
                found.append(Difference(size, seen[:2], pool.taken, pool.waiting))
        return found

    def repair(self) -> int:
        """Mend pools that differ just as they did at the last call. Returns how many were mended."""
        now = set(self.differences())
        stable, self._last = now & self._last, now
        mended = 0
        for one in stable:
            logger.warning("repairing %s", one)
            mended += self._epochs.fenced(
                lambda fence, one=one: self._store.repair(  # type: ignore[misc]
                    one.size, seen=one.seen, taken=one.taken, waiting=one.waiting, fence=fence
                )
            )
        return mended
