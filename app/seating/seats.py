"""Seats left: Redis knows best (claims on their way are counted there); MariaDB when Redis is away or has not loaded it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from app.admission.engine import Engine
from app.admission.models import SeatPool
from app.admission.store import EpochError
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.redis import RedisError
from app.seating.views import PoolSeats, stored_seats

logger = logging.getLogger(__name__)


def seats_of(
    engine: Engine, breakers: Breakers, kind: str, pools: Iterable[SeatPool]
) -> dict[int, dict[str, PoolSeats]]:
    """Offering id → pool → seats. `pools` are MariaDB's rows, which are also the answer of last resort."""
    found: dict[int, dict[str, PoolSeats]] = {}
    for pool in pools:
        found.setdefault(pool.offering_id, {})[pool.pool] = stored_seats(pool)
    for offering_id, live in zip(found, _live(engine, breakers, kind, list(found)), strict=True):
        for name, (left, waiting) in live.items():
            found[offering_id][name] = (max(0, left), max(0, waiting))
    return found


def _live(engine: Engine, breakers: Breakers, kind: str, ids: Sequence[int]) -> Sequence[dict[str, PoolSeats]]:
    nothing: list[dict[str, PoolSeats]] = [{} for _ in ids]
    if not ids:
        return nothing
    try:
        with breakers.guard("redis"):
            return engine.epochs.fenced(lambda fence: engine.store.seats(kind, ids, fence=fence))
    except (RedisError, DependencyDownError, EpochError) as error:
        logger.info("seats of %d of %s from MariaDB: %r", len(ids), kind, error)
        return nothing
