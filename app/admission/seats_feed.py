"""Seat counts as events, at most once a second per offering: pages show them with the time they were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from app.admission.effects import EVENTS
from app.admission.epochs import EpochFollower
from app.admission.kinds import Kinds
from app.admission.store import SeatStore
from app.extensions.clock import Clock
from app.extensions.db import Database

REFRESH_MS = 10_000


class SeatsFeed:
    """`publish()` announces offerings whose counts changed since the last call."""

    def __init__(self, db: Database, store: SeatStore, epochs: EpochFollower, kinds: Kinds, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._epochs = epochs
        self._kinds = kinds
        self._clock = clock
        self._ids: dict[str, Sequence[int]] = {}
        self._read_at = -REFRESH_MS
        self._last: dict[tuple[str, int], tuple[int, int]] = {}

    def publish(self) -> int:
        """Returns how many events were sent. Raises EpochError: old counts are not announced."""
        self._refresh()
        sent = 0
        for kind, ids in self._ids.items():
            for offering_id, pools in zip(ids, self._seats(kind, ids), strict=True):
                counts = (sum(max(0, seats) for seats, _ in pools.values()), sum(w for _, w in pools.values()))
                if pools and self._last.get((kind, offering_id)) != counts:
                    self._last[(kind, offering_id)] = counts
                    self._send(kind, offering_id, counts)
                    sent += 1
        return sent

    def _seats(self, kind: str, ids: Sequence[int]) -> list[dict[str, tuple[int, int]]]:
        return self._epochs.fenced(lambda fence: self._store.seats(kind, ids, fence=fence))

    def _refresh(self) -> None:
        now = self._clock.epoch_ms()
        if now - self._read_at < REFRESH_MS:
            return
        with self._db.transaction() as session:
            current = {name: kind.current(session) for name, kind in self._kinds.items()}
        self._ids = {name: found for name, found in current.items() if found}
        self._read_at = now

    def _send(self, kind: str, offering_id: int, counts: tuple[int, int]) -> None:
        event = {
            "type": "offering",
            "kind": kind,
            "offering_id": str(offering_id),
            "seats_left": counts[0],
            "waiting": counts[1],
            "as_of": datetime.now(UTC).isoformat(),
        }
        self._store.redis.publish(EVENTS, orjson.dumps(event))
