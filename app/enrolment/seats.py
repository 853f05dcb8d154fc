"""Seats and places left, as far as a preview needs them: Redis's counters, else MariaDB's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.models import SeatPool
from app.admission.store import EpochError
from app.catalogue.models import KIND
from app.extensions.breakers import DependencyDownError
from app.extensions.redis import RedisError
from app.extensions.services import Services

# Section → (seats for newcomers: none while somebody waits; places left in the line)
Seats = Mapping[int, tuple[int, int]]


def seats_of(services: Services, engine: Engine, section_ids: Sequence[int]) -> Seats:
    """What is left of these sections."""
    found = dict(_from_redis(services, engine, section_ids))
    missing = [one for one in section_ids if one not in found]
    return found | dict(_from_mariadb(services, missing)) if missing else found


def _from_redis(services: Services, engine: Engine, section_ids: Sequence[int]) -> Seats:
    try:
        with services.breakers.guard("redis"):
            counters = engine.epochs.fenced(lambda fence: engine.store.counters(KIND, section_ids, fence=fence))
    except (RedisError, DependencyDownError, EpochError):
        return {}
    found = {}
    for section, pools in zip(section_ids, counters, strict=True):
        if GENERAL in pools:
            seats, waiting, _, places = pools[GENERAL]
            found[section] = _for_newcomers(seats, waiting, places)
    return found


def _from_mariadb(services: Services, section_ids: Sequence[int]) -> Seats:
    query = select(SeatPool).where(
        SeatPool.kind == KIND, SeatPool.offering_id.in_(section_ids), SeatPool.pool == GENERAL
    )
    with services.breakers.guard("database"), services.db.reading() as session:
        return {
            pool.offering_id: _for_newcomers(
                pool.capacity - pool.taken, pool.waiting, pool.line_capacity - pool.waiting
            )
            for pool in session.scalars(query)
        }


def _for_newcomers(seats: int, waiting: int, places: int) -> tuple[int, int]:
    return (max(0, seats) if waiting <= 0 else 0, max(0, places))
