"""The one clock. Passed in, so that rules are functions of time and tests choose it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where "now" comes from."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""

    def epoch_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def epoch_ms(self) -> int:
        return time.time_ns() // 1_000_000


def from_epoch_ms(epoch_ms: int) -> datetime:
    """The aware UTC time of a count of milliseconds."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)


def to_epoch_ms(moment: datetime) -> int:
    """Milliseconds since the epoch. A naive time is UTC: MariaDB's DATETIME columns hold UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
