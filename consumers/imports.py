"""Imports, one after another. Runs beside the passes of the maintenance process, or as a program of its own."""

from __future__ import annotations

import logging

from gevent.event import Event
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.admission.engine import Engine
from app.errors import UnavailableError
from app.exchange.working import Importer
from app.extensions.breakers import DependencyDownError
from app.extensions.services import Services

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


def run(services: Services, engine: Engine, stopping: Event) -> None:
    """Work until told to stop; what an outage breaks off goes on afterwards where it was."""
    importer = Importer(services, engine)
    while not stopping.is_set():
        try:
            if importer.work(stopping):
                continue
        except (SQLAlchemyError, RedisError, DependencyDownError, UnavailableError) as error:
            logger.warning("imports wait: %r", error)
        except Exception:
            # Beside it run the passes that keep the claims' promise: a defect here must not end their process.
            logger.exception("an import failed; it is tried again when its lease has run out")
            stopping.wait(10.0)
        stopping.wait(LOOK_EVERY_S)
