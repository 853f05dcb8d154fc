"""The pools of an offering: which there shall be, and how they change while students are claiming."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.admission.claims import GENERAL
from app.admission.models import SeatPool
from app.admission.resizing import Change
from app.errors import InvalidInputError
from app.seating.reservations import ReservationDraft
from app.seating.sizing import SizePlan

Named = Sequence[tuple[str, ReservationDraft]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What an offering shall have: `capacity` seats in all, a line of `line_capacity`, and the reservations with the pools
    that keep their part of the seats."""

    capacity: int
    line_capacity: int
    named: Named = ()

    def by_pool(self) -> dict[str, tuple[int, int]]:
        """Pool → (seats, places in its line); everybody waits in the general one."""
        kept = sum(one.seats for _, one in self.named)
        found = {pool: (one.seats, 0) for pool, one in self.named}
        return {**found, GENERAL: (self.capacity - kept, self.line_capacity)}


def name_pools(
    drafts: Sequence[ReservationDraft], reserved: Mapping[str, str], taken_names: Collection[str]
) -> list[tuple[str, ReservationDraft]]:
    """Give each reservation its pool: the one it names, the one with its name (`reserved`: pool → name), or a new one.

    Raises InvalidInputError when it names a pool that is no reservation of this offering.
    """
    unknown = {one.pool for one in drafts if one.pool is not None} - set(reserved)
    if unknown:
        raise InvalidInputError(errors={"reservations": [f"No such pool: {one}" for one in sorted(map(str, unknown))]})
    free = {pool: name for pool, name in reserved.items() if pool not in {one.pool for one in drafts}}
    numbers = (f"r{number}" for number in range(1, 10_000))
    fresh = (name for name in numbers if name not in taken_names)
    found = []
    for one in drafts:
        pool = one.pool or next((pool for pool, name in free.items() if name == one.name), None)
        if pool is not None:
            free.pop(pool, None)
        found.append((pool or next(fresh), one))
    return found


def plan_sizes(kind: str, offering_id: int, sizes: Sizes, pools: Mapping[str, SeatPool]) -> SizePlan:
    """What must change of `pools` so that they are as wanted. A pool nobody wants any more is emptied."""
    by_pool = dict.fromkeys(pools, (0, 0)) | sizes.by_pool()
    wanted = [Change(kind, offering_id, pool, *size) for pool, size in by_pool.items()]
    changes = [one for one in wanted if one.pool in pools and _differs(one, pools[one.pool])]
    changes.sort(key=lambda one: (one.capacity >= pools[one.pool].capacity, one.pool))
    return SizePlan(tuple(changes), tuple(one for one in wanted if one.pool not in pools))


def _differs(change: Change, pool: SeatPool) -> bool:
    return (change.capacity, change.line_capacity) != (pool.capacity, pool.line_capacity)
