"""How far an import has come, to its owner's open pages: an event over Redis, a hint as all events are."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from app.admission.effects import EVENTS
from app.exchange.models import ImportJob
from app.extensions.redis import RedisError
from app.extensions.services import Services

logger = logging.getLogger(__name__)


def announce(services: Services, job: ImportJob) -> None:
    """Tell the owner. Never raises for Redis's sake: the page asks again anyway."""
    message = {"type": "import", "import": progress_of(job)}
    try:
        services.redis.publish(EVENTS, orjson.dumps({"type": "to", "user_id": job.created_by, "message": message}))
    except RedisError as error:
        logger.info("import %d is not told live: %r", job.id, error)


def progress_of(job: ImportJob) -> dict[str, Any]:
    """What changes while it runs; `rows` is 0 until the file was read to its end."""
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "rows": job.rows,
        "done": job.done,
        "errors": job.errors,
        "changes": {"new": job.new_rows, "changed": job.changed_rows, "same": job.same_rows},
    }
