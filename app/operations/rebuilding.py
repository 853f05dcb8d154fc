"""Declaring Redis's data lost, so that it is built anew from MariaDB."""

from __future__ import annotations

import logging

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services

logger = logging.getLogger(__name__)


def ask_for_rebuild(services: Services, engine: Engine, actor: Actor, reason: str) -> int:
    """The watch of the maintenance program finds it lost within half a second. Returns the epoch that ends. Raises
    RedisError."""
    actor.require(Permission.OPS)
    epoch, _run = engine.store.stored_fence()
    logger.warning("rebuild of Redis asked for by account %d: %s", actor.account_id, reason.strip() or "—")
    services.redis.delete("sr:epoch")
    return epoch
