"""Seat counts as events, at most once a second per offering: pages show them with the time they were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from app.admission.effects import EVENTS
from app.admission.epochs import EpochFollower
from app.admission.store import SeatStore

# A beat of the feed looks at no more than so many; the others wait for the next one.
MOST = 1000


class SeatsFeed:
    """`publish()` announces offerings whose counts changed since the last call; Redis notes which may have."""

    def __init__(self, store: SeatStore, epochs: EpochFollower) -> None:
        self._store = store
        self._epochs = epochs
        self._last: dict[tuple[str, int], tuple[int, int]] = {}

    def publish(self) -> int:
        """Returns how many events were sent. Raises EpochError: old counts are not announced."""
        by_kind: dict[str, list[int]] = {}
        for kind, offering_id in self._store.take_changed(MOST):
            by_kind.setdefault(kind, []).append(offering_id)
        sent = 0
        for kind, ids in by_kind.items():
            for offering_id, pools in zip(ids, self._seats(kind, ids), strict=True):
                counts = (sum(max(0, seats) for seats, _ in pools.values()), sum(w for _, w in pools.values()))
                if pools and self._last.get((kind, offering_id)) != counts:
                    self._last[(kind, offering_id)] = counts
                    self._send(kind, offering_id, counts)
                    sent += 1
        return sent

    def _seats(self, kind: str, ids: Sequence[int]) -> list[dict[str, tuple[int, int]]]:
        return self._epochs.fenced(lambda fence: self._store.seats(kind, ids, fence=fence))

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
