"""One glance at the engine, for operators: what waits, for how long, and which parts are away."""

from __future__ import annotations

from typing import Any

from pika.exceptions import AMQPError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.admission.deadletters import queue_depths
from app.admission.engine import Engine
from app.admission.models import OutboxRow
from app.extensions.redis import RedisError
from app.extensions.services import Services


def overview(services: Services, engine: Engine) -> dict[str, Any]:
    """Each part is null when its server does not answer; breakers are those of the answering worker."""
    return {
        "breakers": services.breakers.states(),
        "redis": _redis(services, engine),
        "queues": _queues(services),
        "outbox_open": _outbox(services),
        "zookeeper_connected": bool(services.zookeeper.connected),
        "spool_empty": engine.spool.empty(),
    }


def _redis(services: Services, engine: Engine) -> dict[str, Any] | None:
    try:
        epoch, _ = engine.store.stored_fence()
        pending: Any = services.redis.zcard("sr:pending")
        oldest: Any = services.redis.zrange("sr:pending", 0, 0, withscores=True)
    except RedisError:
        return None
    age = max(0, services.clock.epoch_ms() - int(oldest[0][1])) if oldest else None
    return {"epoch": epoch, "pending": int(pending), "oldest_pending_ms": age}


def _queues(services: Services) -> dict[str, int] | None:
    try:
        return queue_depths(services.settings.amqp_url, services.settings.claim_queues)
    except (AMQPError, OSError):
        return None


def _outbox(services: Services) -> int | None:
    try:
        with services.db.transaction() as session:
            return session.scalar(select(func.count()).where(OutboxRow.done_at.is_(None)))
    except SQLAlchemyError:
        return None
