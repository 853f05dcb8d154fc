"""Promotion: who gets a seat that came free. Those in its pool's own line first, then those who wait elsewhere for it.

A student draws from reserved pools before the general one and waits in the line of the last, the general one. Such a
claim is an *heir* of the reserved pools: a seat that comes free there is its own before any newcomer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.admission.claims import Standing
from app.admission.courier import Courier
from app.admission.epochs import EpochFollower
from app.admission.judging import Judges
from app.admission.kinds import Kind, Kinds
from app.admission.ledger import Ledger, PoolKey, stepped
from app.admission.models import SeatPool
from app.admission.store import SeatStore
from app.extensions.db import Database

AT_A_TIME = 50


class Promotions:
    """The promotions of one settling transaction, over its ledger."""

    def __init__(self, session: Session, kinds: Kinds, ledger: Ledger, judges: Judges, now_ms: int) -> None:
        self._session = session
        self._kinds = kinds
        self._ledger = ledger
        self._judges = judges
        self._now = now_ms

    def first(self, key: PoolKey) -> bool:
        """Give a free seat of this pool to the first who may still have it; False when there is no seat, or nobody."""
        return self._from_own_line(key) or self._to_an_heir(key)

    def _from_own_line(self, key: PoolKey) -> bool:
        """Those whom the rules have come to exclude are expired on the way."""
        pool = self._ledger.pools.get(key)
        while pool is not None and pool.free > 0 and pool.waiting > 0:
            waiters = self._ledger.waiters(key)
            if not waiters:
                return False
            for some in _portions(waiters):
                refusals = self._judges.waiter_refusals(key[0], some)
                for waiter in some:
                    if waiter.id not in refusals:
                        self._ledger.put(stepped(waiter, "confirmed", self._now, "promoted"))
                        return True
                    self._ledger.put(stepped(waiter, "expired", self._now, refusals[waiter.id]))
        return False

    def _to_an_heir(self, key: PoolKey) -> bool:
        pool = self._ledger.pools.get(key)
        heir = self.heir(key) if pool is not None and pool.free > 0 else None
        if heir is not None:
            self._ledger.put(stepped(heir, "confirmed", self._now, "promoted", pool=key[2]))
        return heir is not None

    def heir(self, key: PoolKey) -> Standing | None:
        """The first heir of this pool who may have a seat, in order of admission, as this transaction has left them so far.

        Who may not is passed over, and keeps the place in the line: its own pool asks him when it is his turn there.
        """
        asked = AT_A_TIME + self._ledger.changed
        while self._ledger.others_wait(key):
            found = self._kinds[key[0]].heirs(self._session, key[1], key[2], asked)
            for some in _portions(self._ledger.still_waiting(found)):
                refusals = self._judges.waiter_refusals(key[0], some)
                fit = next((one for one in some if one.id not in refusals), None)
                if fit is not None:
                    return fit
            if len(found) < asked:
                return None
            asked *= 4
        return None


def _portions(waiters: Sequence[Standing]) -> Iterator[Sequence[Standing]]:
    """The first one alone, then four, sixteen, …: to ask about somebody locks an account that another consumer may need
    (or have, and then this whole transaction runs again), and mostly the first one takes the seat."""
    at, size = 0, 1
    while at < len(waiters):
        yield waiters[at : at + size]
        at, size = at + size, size * 4


def heirs_of(session: Session, kind: Kind, key: PoolKey, limit: int) -> list[Standing]:
    """Up to `limit` heirs of a pool, as stored; those whom the rules have come to exclude are passed over."""
    asked = limit
    while True:
        found = kind.heirs(session, key[1], key[2], asked)
        refusals = kind.waiter_refusals(session, found) if found else {}
        heirs = [one for one in found if one.id not in refusals]
        if len(heirs) >= limit or len(found) < asked:
            return heirs[:limit]
        asked *= 4


class Offers:
    """A pass of the watch: Redis does not know whose heirs wait in a line, so MariaDB looks for free seats and heirs.

    It finds what no transaction handed on: a seat that a rejected claim held, a reservation that is new. The seat is
    held by a promotion, as if it had come free in the heir's own line.
    """

    def __init__(
        self, *, db: Database, store: SeatStore, epochs: EpochFollower, kinds: Kinds, courier: Courier
    ) -> None:
        self._db = db
        self._store = store
        self._epochs = epochs
        self._kinds = kinds
        self._courier = courier

    def make(self) -> int:
        """Returns how many seats are offered now."""
        offered = 0
        loaded = self._store.loaded()
        for name, kind in self._kinds.items():
            with self._db.transaction() as session:
                wanted = _wanted(session, kind, [offering for one, offering in loaded if one == name])
            for key, count in wanted:
                promotions = self._epochs.fenced(
                    lambda fence, key=key, count=count: self._store.offer(*key, count, fence=fence)  # type: ignore[misc]
                )
                # Unconfirmed ones are pending claims like any other: the sweeper publishes them again.
                self._courier.publish(promotions, unmarked=True)
                offered += len(promotions)
        return offered


def _wanted(session: Session, kind: Kind, offering_ids: Sequence[int]) -> list[tuple[PoolKey, int]]:
    """Pools of these offerings with free seats by MariaDB, and how many heirs would like them."""
    other = aliased(SeatPool)
    others_wait = exists().where(
        other.kind == SeatPool.kind,
        other.offering_id == SeatPool.offering_id,
        other.pool != SeatPool.pool,
        other.waiting > 0,
    )
    query = select(SeatPool).where(
        SeatPool.kind == kind.name,
        SeatPool.offering_id.in_(offering_ids),
        SeatPool.capacity > SeatPool.taken,
        others_wait,
    )
    found = []
    for pool in session.scalars(query) if offering_ids else ():
        key = (kind.name, pool.offering_id, pool.pool)
        found.append((key, len(heirs_of(session, kind, key, pool.capacity - pool.taken))))
    return [(key, count) for key, count in found if count]
