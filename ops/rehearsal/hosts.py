"""How many hosts of this size a goal needs: extrapolated from one measured drain, in a straight line.

What can be shared out is (web, consumers, Nginx): twice the hosts drain a crowd in half the time. What is one for all hosts
is not: one thread of the Redis primary, one machine of the MariaDB writer. What each spent on this crowd must fit the goal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

ROOM = 0.9  # of what one Redis or one writer can do


@dataclass(frozen=True, slots=True)
class Measured:
    """One rehearsal on machines as large as this one. Seconds; `redis_s`, `mariadb_s`: CPU of the busiest process of each."""

    drain_s: float
    machines: int
    cores: int
    redis_s: float
    mariadb_s: float


@dataclass(frozen=True, slots=True)
class Need:
    """`hosts`: None when no number of them is enough, as `limit` ("redis" or "mariadb") is one for all."""

    hosts: int | None
    limit: str = ""


def needed(measured: Measured, within_s: float) -> Need:
    """For the same crowd to be decided within so many seconds."""
    if measured.redis_s > ROOM * within_s:
        return Need(None, "redis")
    if measured.mariadb_s > ROOM * within_s * measured.cores:
        return Need(None, "mariadb")
    return Need(max(1, ceil(measured.machines * measured.drain_s / within_s - 1e-9)))
