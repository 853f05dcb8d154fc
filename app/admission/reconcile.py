"""Reconciliation: Redis's counters against MariaDB's, offering by offering, and the repair of what drifted."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admission.epochs import EpochFollower
from app.admission.kinds import Kinds
from app.admission.models import SeatPool
from app.admission.outbox import in_flight, written
from app.admission.store import SeatStore
from app.admission.store_wire import Resize
from app.extensions.db import Database, UtcDateTime

logger = logging.getLogger(__name__)

# Offerings of a kind that one pass looks at: a term has thousands of sections, and comparing them all every few seconds
# would cost a tenth of a core at rest. At a pass every 3 s three thousand have had their turn after 24 s.
AT_ONCE = 400
# Transactions settle in milliseconds; one that began longer ago than this does not come in between unseen.
RECENT = timedelta(minutes=1)
# Of the pools that differ, so many are named to operators.
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """A pool whose counters disagree while nothing is in flight. `seen`: Redis's (seats left, waiting)."""

    size: Resize
    seen: tuple[int, int]
    taken: int
    waiting: int


@dataclass(slots=True)
class Outcome:
    """What came of the last comparison, for operators. Times in seconds since the epoch; pools are "kind offering pool"."""

    at: float
    # False: something was in flight, so nothing was compared.
    compared: bool
    offerings: int
    differing: int
    examples: list[str]
    mended: int = 0
    mended_at: float | None = None


class Reconciler:
    """`differences()` compares, `repair()` mends; only what differs twice in a row is mended."""

    def __init__(self, db: Database, store: SeatStore, kinds: Kinds, epochs: EpochFollower) -> None:
        self._db = db
        self._store = store
        self._kinds = kinds
        self._epochs = epochs
        self._last: set[Difference] = set()
        self._begin: dict[str, int] = {}
        self.outcome: Outcome | None = None

    def differences(self, *, at_once: int | None = None) -> list[Difference]:
        """Pools that disagree, of the next `at_once` (AT_ONCE) offerings of each kind. Empty while claims (other than
        promotions) or effects are in flight, before or after it was looked: then a difference means nothing."""
        with self._db.transaction() as session:
            since = session.scalars(select(func.utc_timestamp(6, type_=UtcDateTime))).one() - RECENT
            before = self._at_rest(session, since)
            if before is None:
                return self._note(None, [])
            found: list[Difference] = []
            looked_at = 0
            for name, kind in self._kinds.items():
                ids = self._in_turn(name, sorted(kind.current(session)), at_once or AT_ONCE)
                query = select(SeatPool).where(SeatPool.kind == name, SeatPool.offering_id.in_(ids))
                pools = list(session.scalars(query)) if ids else []
                found += self._compare(name, pools)
                looked_at += len(ids)
            # What was settled meanwhile is in MariaDB's numbers and not in Redis's, or the other way round.
            if found and self._at_rest(session, since) != before:
                return self._note(None, [])
        return self._note(looked_at, found)

    def _at_rest(self, session: Session, since: datetime) -> int | None:
        """None while something is in flight, else how much was settled since then."""
        if not self._store.quiet() or in_flight(session):
            return None
        return written(session, after=since)

    def _note(self, offerings: int | None, found: list[Difference]) -> list[Difference]:
        """Remember the outcome; `offerings`: how many were compared, None for no comparison at all."""
        sizes = [one.size for one in found[:EXAMPLES]]
        examples = [f"{size.kind} {size.offering_id} {size.pool}" for size in sizes]
        before = self.outcome
        self.outcome = Outcome(time(), offerings is not None, offerings or 0, len(found), examples)
        if before is not None:
            self.outcome.mended, self.outcome.mended_at = before.mended, before.mended_at
        return found

    def _in_turn(self, kind: str, ids: list[int], at_once: int) -> list[int]:
        """The next of these offerings, and those that differed at the last call: they must differ twice to be mended."""
        begin = self._begin.get(kind, 0) if self._begin.get(kind, 0) < len(ids) else 0
        self._begin[kind] = begin + at_once
        suspects = {one.size.offering_id for one in self._last if one.size.kind == kind}
        return sorted({*ids[begin : begin + at_once], *suspects.intersection(ids)})

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
            done = self._epochs.fenced(
                lambda fence, one=one: self._store.repair(  # type: ignore[misc]
                    one.size, seen=one.seen, taken=one.taken, waiting=one.waiting, fence=fence
                )
            )
            if done:
                logger.warning("repaired %s", one)
            mended += done
        if mended and self.outcome is not None:
            self.outcome.mended += mended
            self.outcome.mended_at = time()
        return mended
