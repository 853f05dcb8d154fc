"""Seats and places left, as far as a preview needs them: Redis's counters, else MariaDB's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.models import SeatPool
from app.admission.store import EpochError
from app.auth.actor import StudentStanding
from app.catalogue.models import KIND
from app.enrolment.rules import SectionSheet
from app.extensions.breakers import DependencyDownError
from app.extensions.redis import RedisError
from app.extensions.services import Services

# Section → pool → (seats for newcomers: none while somebody waits; places left in the line)
Seats = Mapping[int, Mapping[str, tuple[int, int]]]


def left_for(seats: Seats, sheet: SectionSheet, student: StudentStanding | None) -> tuple[int, int]:
    """(seats, places in the line) of this section for this student, who draws from reserved pools too."""
    pools = seats.get(sheet.offering_id, {})
    own = sheet.pools_for(student) if student else (GENERAL,)
    return sum(pools.get(pool, (0, 0))[0] for pool in own), pools.get(GENERAL, (0, 0))[1]


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
    return {
        section: {pool: _for_newcomers(seats, waiting, places) for pool, (seats, waiting, _, places) in pools.items()}
        for section, pools in zip(section_ids, counters, strict=True)
        if GENERAL in pools
    }


def _from_mariadb(services: Services, section_ids: Sequence[int]) -> Seats:
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    query = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(section_ids))
    with services.breakers.guard("database"), services.db.reading() as session:
        for pool in session.scalars(query):
            left, places = pool.capacity - pool.taken, pool.line_capacity - pool.waiting
            found[pool.offering_id][pool.pool] = _for_newcomers(left, pool.waiting, places)
    return found


def _for_newcomers(seats: int, waiting: int, places: int) -> tuple[int, int]:
    return (max(0, seats) if waiting <= 0 else 0, max(0, places))
