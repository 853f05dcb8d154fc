"""Lectures that are open for booking, made past the managers' pages: a drill and a test need them at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.outbox import Effects, append
from app.admission.resizing import Change, create_pool
from app.extensions.services import Services
from app.lectures.models import KIND, Lecture


def open_lecture(services: Services, engine: Engine, capacity: int, line: int = 0) -> int:
    """A lecture that is open for an hour, in MariaDB and in Redis; returns its id."""
    made, now = services.ids.next_id(), datetime.now(UTC)
    effects = Effects(offerings=[(KIND, made)])
    with services.db.transaction() as session:
        session.add(
            Lecture(
                id=made, title=f"Lecture {made}", speaker="Ada", summary="", place=f"Room {made}", audience={}, created_by=0,
                opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(hours=1),
                starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=1),
                capacity=capacity, waitlist_capacity=line,
            )
        )  # fmt: skip
        create_pool(session, services.ids.next_id(), Change(KIND, made, GENERAL, capacity, line))
        append(session, services.ids, effects)
    engine.applier.apply(effects)
    return made
