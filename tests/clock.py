"""A clock that tests can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class TravelClock:
    """The machine's clock, plus what it was advanced by."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def advance(self, seconds: float) -> None:
        """Go forward (or, negative, back)."""
        self._ahead_ms += round(seconds * 1000)

    def epoch_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch_ms() / 1000, UTC)
