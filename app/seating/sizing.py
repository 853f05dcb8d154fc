"""The sizes of an offering's pools change while students are claiming them: smaller ones in Redis first, bigger ones in
MariaDB first (DESIGN §3)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.errors import CapacityTakenError
from app.admission.models import SeatPool
from app.admission.resizing import Change, Resizer
from app.admission.store import EpochError
from app.admission.store_wire import Resize
from app.errors import UnavailableError
from app.extensions.redis import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SizePlan:
    """Pools that change, those that get smaller first, and pools that are new."""

    changes: tuple[Change, ...]
    new: tuple[Change, ...]


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


def lock_pools(session: Session, kind: str, offering_id: int) -> dict[str, SeatPool]:
    """The offering's pools by name, locked in the ledger's order (by name, that of the unique key)."""
    query = select(SeatPool).where(SeatPool.kind == kind, SeatPool.offering_id == offering_id)
    return {pool.pool: pool for pool in session.scalars(query.order_by(SeatPool.pool).with_for_update())}
