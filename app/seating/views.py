"""Pools as they are shown: reserved ones first, the one for everybody last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.admission.claims import GENERAL
from app.admission.models import SeatPool
from app.seating.models import SeatReservation

# (seats left, waiting), neither below zero
PoolSeats = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PoolView:
    """One pool; `name` is empty for the general one."""

    pool: str
    name: str
    capacity: int
    seats_left: int
    waiting: int


class Pooled:
    """A view of an offering with its `pools`."""

    __slots__ = ()
    pools: tuple[PoolView, ...]

    @property
    def seats_left(self) -> int:
        """Free seats of all pools; never below zero."""
        return sum(pool.seats_left for pool in self.pools)

    @property
    def waiting(self) -> int:
        """Students in the lines of all pools."""
        return sum(pool.waiting for pool in self.pools)


def stored_seats(pool: SeatPool) -> PoolSeats:
    """As MariaDB has them."""
    return max(0, pool.capacity - pool.taken), max(0, pool.waiting)


def pool_views(
    pools: Iterable[SeatPool], reservations: Iterable[SeatReservation], seats: Mapping[str, PoolSeats]
) -> tuple[PoolView, ...]:
    """The pools of one offering, each with its `seats`."""
    names = {one.pool: one.name for one in reservations}
    return tuple(
        PoolView(one.pool, names.get(one.pool, ""), one.capacity, *seats[one.pool])
        for one in sorted(pools, key=lambda pool: (pool.pool == GENERAL, pool.id))
        # A reservation that was taken back leaves an empty pool behind.
        if one.pool == GENERAL or one.pool in names
    )
