"""Effects of a change that somebody made: stored with it, applied at once after the commit, repeated by the relay if that
fails."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from app.admission.engine import Engine
from app.admission.outbox import Effects, finish
from app.extensions.services import Services

logger = logging.getLogger(__name__)

Told = list[tuple[int, Effects]]


def tell(services: Services, engine: Engine, told: Iterable[tuple[int, Effects]]) -> None:
    """Apply stored effects now, so that the change is seen at once. Never raises for a server's sake."""
    done = [row_id for row_id, effects in told if engine.applier.apply(effects)]
    if not done:
        return
    try:
        with services.db.transaction() as session:
            finish(session, done, services.clock.epoch_ms())
    except SQLAlchemyError:
        logger.info("outbox rows stay open, the relay repeats them", exc_info=True)
