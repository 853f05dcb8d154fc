"""The sizes of a lecture's pools: which there shall be, and how they change while students are booking."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence

from app.admission.claims import GENERAL
from app.admission.models import SeatPool
from app.admission.resizing import Change
from app.errors import InvalidInputError
from app.lectures.draft import LectureDraft, ReservationDraft
from app.lectures.models import KIND
from app.seating.sizing import SizePlan

logger = logging.getLogger(__name__)


def name_pools(
    drafts: Sequence[ReservationDraft], reserved: Mapping[str, str], taken_names: Collection[str]
) -> list[tuple[str, ReservationDraft]]:
    """Give each reservation its pool: the one it names, the one with its name (`reserved`: pool → name), or a new one.

    Raises InvalidInputError when it names a pool that is no reservation of this lecture.
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


def plan_sizes(
    lecture_id: int, draft: LectureDraft, named: Sequence[tuple[str, ReservationDraft]], pools: Mapping[str, SeatPool]
) -> SizePlan:
    """What must change so that the pools are as `draft` wants them. A pool nobody wants any more is emptied."""
    sizes = dict.fromkeys(pools, (0, 0))
    sizes.update({pool: (one.seats, 0) for pool, one in named})
    sizes[GENERAL] = (draft.general_seats, draft.waitlist_capacity)
    wanted = [Change(KIND, lecture_id, pool, *size) for pool, size in sizes.items()]
    changes = [one for one in wanted if one.pool in pools and _differs(one, pools[one.pool])]
    changes.sort(key=lambda one: (one.capacity >= pools[one.pool].capacity, one.pool))
    return SizePlan(tuple(changes), tuple(one for one in wanted if one.pool not in pools))


def _differs(change: Change, pool: SeatPool) -> bool:
    return (change.capacity, change.line_capacity) != (pool.capacity, pool.line_capacity)
