"""The loader builds an offering's admission state in Redis from MariaDB, exactly, one offering at a time."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.epochs import EpochFollower
from app.admission.kinds import Kinds, OfferingSheet
from app.admission.models import SeatPool
from app.admission.rows import live_of
from app.admission.store import SeatStore
from app.extensions.db import Database


class Loader:
    """Loads what Redis does not know and hands over newer descriptions. Raises EpochError, RedisError, DBAPIError."""

    def __init__(self, db: Database, store: SeatStore, kinds: Kinds, epochs: EpochFollower) -> None:
        self._db = db
        self._store = store
        self._kinds = kinds
        self._epochs = epochs

    def load(self, kind: str, offering_id: int) -> bool:
        """Create the offering in Redis unless it is there. The pools stay locked meanwhile, so that no settle slips in."""
        with self._db.transaction() as session:
            _lock_pools(session, kind, offering_id)
            sheet = self._sheet(session, kind, offering_id)
            if sheet is None:
                return False
            standings = live_of(session, kind, offering_id)
            return self._epochs.fenced(lambda fence: self._store.load(sheet, standings, fence=fence))

    def describe(self, kind: str, offering_id: int) -> None:
        """Hand the newest description to Redis, loading the offering when it is not there yet."""
        with self._db.transaction() as session:
            sheet = self._sheet(session, kind, offering_id)
        if sheet is None:
            return
        if self._epochs.fenced(lambda fence: self._store.describe(sheet, fence=fence)) < 0:
            self.load(kind, offering_id)

    def load_all(self) -> int:
        """Load every offering that can still be claimed or cancelled; returns how many were new to Redis."""
        return sum(self.load(kind, offering_id) for kind, offering_id in sorted(self._current()))

    def unload_past(self) -> int:
        """Let Redis forget offerings that are over; returns how many."""
        past = self._store.loaded() - self._current()
        for kind, offering_id in past:
            self._epochs.fenced(
                lambda fence, kind=kind, offering_id=offering_id: (  # type: ignore[misc]
                    self._store.unload(kind, offering_id, fence=fence)
                )
            )
        return len(past)

    def _current(self) -> set[tuple[str, int]]:
        with self._db.transaction() as session:
            return {
                (name, sheet.offering_id) for name, kind in self._kinds.items() for sheet in kind.sheets(session, None)
            }

    def _sheet(self, session: Session, kind: str, offering_id: int) -> OfferingSheet | None:
        known = self._kinds.get(kind)
        return next(iter(known.sheets(session, [offering_id])), None) if known else None


def _lock_pools(session: Session, kind: str, offering_id: int) -> None:
    session.execute(
        select(SeatPool.id)
        .where(SeatPool.kind == kind, SeatPool.offering_id == offering_id)
        .order_by(SeatPool.id)
        .with_for_update()
    ).all()
