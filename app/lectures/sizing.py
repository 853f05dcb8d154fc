"""The sizes of a lecture's pools: which there shall be, and how they change while students are booking."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL, Standing
from app.admission.engine import Engine
from app.admission.errors import CapacityTakenError
from app.admission.models import SeatPool
from app.admission.resizing import Change, Resizer
from app.admission.store import EpochError, Resize
from app.errors import InvalidInputError, UnavailableError
from app.extensions.redis import RedisError
from app.lectures.draft import LectureDraft, ReservationDraft
from app.lectures.models import KIND

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SizePlan:
    """Pools that change, those that get smaller first, and pools that are new."""

    changes: tuple[Change, ...]
    new: tuple[Change, ...]


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


@contextmanager
def withdrawn(resizer: Resizer, plan: SizePlan, pools: Mapping[str, SeatPool]) -> Iterator[str]:
    """What gets smaller is out of Redis before the block begins, and back in it when the block fails.

    Yields the withdrawal's name for `commit_sizes`: the sizes that go out with the commit end it. A block that failed in
    MariaDB's last word may have committed; its sizes then find the withdrawal ended, and count right all the same.
    Raises CapacityTakenError; UnavailableError when Redis cannot be asked.
    """
    withdrawal = uuid.uuid4().hex
    tried: list[Change] = []
    try:
        for change in plan.changes:
            tried.append(change)  # before it is done: an answer of Redis may be lost on its way
            _withdraw(resizer, change, withdrawal, pools[change.pool])
        yield withdrawal
    except BaseException:
        for change in tried:
            with suppress(RedisError, EpochError):
                resizer.restore(change, withdrawal)
        raise


def _withdraw(resizer: Resizer, change: Change, withdrawal: str, pool: SeatPool) -> None:
    try:
        resizer.withdraw(change, withdrawal, capacity=pool.capacity, line_capacity=pool.line_capacity)
    except CapacityTakenError:
        raise CapacityTakenError(taken=pool.taken, waiting=pool.waiting) from None
    except (RedisError, EpochError) as error:
        # Seats that Redis could still give away must not be taken from under it.
        logger.info("capacity of %s %d stays: %r", change.kind, change.offering_id, error)
        raise UnavailableError(retry_after=2) from error


def commit_sizes(
    session: Session, engine: Engine, plan: SizePlan, withdrawal: str
) -> tuple[list[Resize], list[Standing]]:
    """Set the sizes, smaller ones first, and hand new seats to those who wait. The pools must be locked already."""
    resizes = [Resize(one.kind, one.offering_id, one.pool, one.capacity, one.line_capacity, 1) for one in plan.new]
    standings: list[Standing] = []
    for change in plan.changes:
        resize, promoted = engine.resizer.commit(session, change, withdrawal)
        resizes.append(resize)
        standings += promoted
    return resizes, standings


def lock_pools(session: Session, lecture_id: int) -> dict[str, SeatPool]:
    """The lecture's pools by name, locked in the ledger's order (by name, that of the unique key)."""
    query = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id == lecture_id)
    return {pool.pool: pool for pool in session.scalars(query.order_by(SeatPool.pool).with_for_update())}
