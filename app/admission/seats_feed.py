"""Seat counts as events, at most once a second per offering: pages show them with the time they were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from app.admission.effects import EVENTS
from app.admission.epochs import EpochFollower
from app.admission.store import SeatStore
from app.extensions.clock import CampusClock

# A beat of the feed looks at no more than so many; the others wait for the next one.
MOST = 1000


Counts = tuple[int, int]  # seats left, waiting


class SeatsFeed:
    """`publish()` announces offerings whose counts changed since the last call; Redis notes which may have."""

    def __init__(self, store: SeatStore, epochs: EpochFollower) -> None:
        self._store = store
        self._epochs = epochs
        self._last: dict[tuple[str, int], Counts] = {}

    def publish(self) -> int:
        """Returns how many events were sent. Raises EpochError: old counts are not announced."""
        by_kind: dict[str, list[int]] = {}
        for kind, offering_id in self._store.take_changed(MOST):
            by_kind.setdefault(kind, []).append(offering_id)
        moved = [
            (kind, offering_id, counts)
            for kind, ids in by_kind.items()
            for offering_id, pools in zip(ids, self._seats(kind, ids), strict=True)
            if pools and self._last.get((kind, offering_id)) != (counts := _counts(pools))
        ]
        self._send(moved)
        self._last.update({(kind, offering_id): counts for kind, offering_id, counts in moved})
        return len(moved)

    def _seats(self, kind: str, ids: Sequence[int]) -> list[dict[str, tuple[int, int]]]:
        return self._epochs.fenced(lambda fence: self._store.seats(kind, ids, fence=fence))

    def _send(self, moved: Sequence[tuple[str, int, Counts]]) -> None:
        """In one round trip: in an opening hundreds of sections move in a second."""
        as_of = CampusClock().now().isoformat()
        with self._store.redis.pipeline(transaction=False) as pipe:
            for kind, offering_id, (seats_left, waiting) in moved:
                event = {
                    "type": "offering",
                    "kind": kind,
                    "offering_id": str(offering_id),
                    "seats_left": seats_left,
                    "waiting": waiting,
                    "as_of": as_of,
                }
                pipe.publish(EVENTS, orjson.dumps(event))
            pipe.execute()


def _counts(pools: Mapping[str, tuple[int, int]]) -> Counts:
    return sum(max(0, seats) for seats, _ in pools.values()), sum(waiting for _, waiting in pools.values())
