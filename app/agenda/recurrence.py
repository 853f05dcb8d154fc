"""A meeting's weeks as one repeating event (RFC 5545): first day, step, count, and the days that fall out. Pure functions.

Calendar programs agree on RRULE with INTERVAL and COUNT and on EXDATE; on RDATE they do not. So a meeting is one weekly
event (every second week when all its weeks have the same parity), less the weeks it skips and the days without classes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from app.catalogue.timetable import Slot
from app.catalogue.weeks import weeks_of
from app.extensions.records import record


@record
class Recurrence:
    """Every `interval` weeks from `first` on, `count` times, but not on the days `left_out`."""

    first: date
    interval: int
    count: int
    left_out: tuple[date, ...]


def days_of(slot: Slot, starts_on: date, free: Collection[date]) -> list[date]:
    """The days of a meeting, ascending. `starts_on`: the Monday of week 1."""
    days = [starts_on + timedelta(weeks=week - 1, days=slot.weekday - 1) for week in weeks_of(slot.week_mask)]
    return [day for day in days if day not in free]


def recurrence_of(slot: Slot, starts_on: date, free: Collection[date]) -> Recurrence | None:
    """The meeting as a repeating event, None when it never takes place.

    The first and the last repetition do take place: a program that shows the first whatever is left out is right too.
    """
    days = days_of(slot, starts_on, free)
    if not days:
        return None
    weeks = [(day - days[0]).days // 7 for day in days]
    interval = 2 if len(weeks) > 1 and all(week % 2 == 0 for week in weeks) else 1
    every = [days[0] + timedelta(weeks=week) for week in range(0, weeks[-1] + 1, interval)]
    wanted = set(days)
    return Recurrence(days[0], interval, len(every), tuple(day for day in every if day not in wanted))
