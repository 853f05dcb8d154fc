"""Meetings on the week grid: which slots they take, whether they clash, and how people write them. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from app.catalogue.weeks import weeks_of


@dataclass(frozen=True, slots=True)
class Period:
    """节: one lesson of 45 minutes, campus time."""

    number: int
    starts_at: time
    ends_at: time


def _clock(*starts: tuple[int, int]) -> tuple[Period, ...]:
    """Periods of 45 minutes that begin at these (hour, minute)."""
    return tuple(
        Period(number, time(hour, minute), time(*divmod(hour * 60 + minute + 45, 60)))
        for number, (hour, minute) in enumerate(starts, 1)
    )


# The campus's day: five periods in the morning, five in the afternoon, three in the evening.
PERIODS = _clock(
    (8, 0), (8, 50), (9, 50), (10, 40), (11, 30),
    (13, 30), (14, 20), (15, 20), (16, 10), (17, 0),
    (18, 30), (19, 20), (20, 10),
)  # fmt: skip
MOST_PERIODS = len(PERIODS)
WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One meeting, wherever it is stored: weeks as a mask (bit 0 is week 1), weekday 1 … 7, first and last period."""

    week_mask: int
    weekday: int
    first_period: int
    last_period: int

    @property
    def periods(self) -> int:
        """Bits of the periods it takes, bit 0 being period 1."""
        return (1 << self.last_period) - (1 << (self.first_period - 1))

    @property
    def bits(self) -> int:
        """Bits of the week's 7 x 13 slots; what Redis can intersect, week by week."""
        return self.periods << ((self.weekday - 1) * MOST_PERIODS)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two meetings at the same time: in these weeks, on this weekday, in these periods (first and last of them)."""

    mine: Slot
    other: Slot
    week_mask: int
    weekday: int
    first_period: int
    last_period: int


def clash(mine: Slot, other: Slot) -> Clash | None:
    """What two meetings share, None when nothing."""
    weeks = mine.week_mask & other.week_mask
    first, last = max(mine.first_period, other.first_period), min(mine.last_period, other.last_period)
    if not weeks or mine.weekday != other.weekday or first > last:
        return None
    return Clash(mine, other, weeks, mine.weekday, first, last)


def clashes(mine: Sequence[Slot], others: Sequence[Slot]) -> list[Clash]:
    """Every pair of meetings, one of each side, that share a week, weekday and period."""
    return [found for one in mine for other in others if (found := clash(one, other)) is not None]


def cells(slot: Slot) -> set[tuple[int, int, int]]:
    """Every (week, weekday, period) of a meeting."""
    periods = range(slot.first_period, slot.last_period + 1)
    return {(week, slot.weekday, period) for week in weeks_of(slot.week_mask) for period in periods}


def print_slot(slot: Slot, language: str = "zh") -> str:
    """ "周三 3–4 节", "Wed periods 3–4"."""
    day = WEEKDAYS[language][slot.weekday - 1]
    alone = slot.first_period == slot.last_period
    numbers = str(slot.first_period) if alone else f"{slot.first_period}–{slot.last_period}"
    if language == "zh":
        return f"{day} {numbers} 节"
    return f"{day} {'period' if alone else 'periods'} {numbers}"
