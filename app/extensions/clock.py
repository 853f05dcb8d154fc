"""The one clock. Passed in, so that rules are functions of time and tests choose it.

Hosts' clocks go wrong, each by itself; what one host opens another must not close. So every process keeps the campus's time:
MariaDB's, which it learns over and over (`campus_time.py`), and in between what its own steady clock adds to that.
"""

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


class CampusClock:
    """The campus's time; the machine's own until this process has learnt it. All instances tell the same."""

    # What to add to the steady clock, in ms; None: not learnt.
    _offset_ms: float | None = None

    def now(self) -> datetime:
        return from_epoch_ms(self.epoch_ms())

    def epoch_ms(self) -> int:
        offset = CampusClock._offset_ms
        return machine_ms() if offset is None else round(steady_ms() + offset)

    @staticmethod
    def learn(told_ms: float, asked_ms: float, answered_ms: float) -> float:
        """Somebody said `told_ms` (since the epoch) between two moments of `steady_ms`. What that says no better than is known
        changes nothing: time must not tremble. Returns how far the machine's own clock is ahead, in ms."""
        offset, doubt = told_ms - (asked_ms + answered_ms) / 2, (answered_ms - asked_ms) / 2 + TREMBLE_MS
        known = CampusClock._offset_ms
        if known is None or abs(offset - known) > doubt:
            CampusClock._offset_ms = offset
        return machine_ms() - CampusClock().epoch_ms()


TREMBLE_MS = 2.0


def machine_ms() -> int:
    """The machine's own clock, in ms since the epoch."""
    return time.time_ns() // 1_000_000


def steady_ms() -> float:
    """A clock that nobody sets, in ms since the machine was started; it goes on while a machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e6


def from_epoch_ms(epoch_ms: int) -> datetime:
    """The aware UTC time of a count of milliseconds."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)


def to_epoch_ms(moment: datetime) -> int:
    """Milliseconds since the epoch. A naive time is UTC: MariaDB's DATETIME columns hold UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
