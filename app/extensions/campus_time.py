"""Every process follows MariaDB's clock: the one server that all writes go through, whatever host they come from."""

from __future__ import annotations

import logging
from typing import Any

import gevent
from gevent.event import Event
from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.clock import CampusClock, steady_ms
from app.extensions.db import Database

logger = logging.getLogger(__name__)

EVERY_S = 10.0
# Until it has been told once; MariaDB may still be starting.
FIRST_EVERY_S = 0.5
# A machine whose clock is that wrong is to be mended (NTP); nothing here depends on it any more, but logs and Nginx do.
WRONG_MS = 1000.0

_NOW = text("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000 AS DOUBLE)")
AHEAD: Any = Gauge(
    "seatrush_clock_ahead_seconds",
    "How far this machine's clock is ahead of MariaDB's",
    multiprocess_mode="livemostrecent",
)


def follow(db: Database, breakers: Breakers, first: Event | None = None) -> None:
    """Learn the campus's time for ever; `first` is set when it is known. Without MariaDB it goes on by the steady clock."""
    learnt = False
    while True:
        try:
            with breakers.guard("database"):
                _note(learn_once(db))
            learnt = True
            if first is not None:
                first.set()
        except (SQLAlchemyError, DependencyDownError) as error:
            logger.info("the campus's time was not told: %r", error)
        except Exception:
            logger.exception("the campus's time was not told")  # and is asked for again
        gevent.sleep(EVERY_S if learnt else FIRST_EVERY_S)


def learn_once(db: Database) -> float:
    """Returns how far the machine's own clock is ahead, in ms. Raises SQLAlchemyError."""
    with db.transaction() as session:
        session.execute(text("SELECT 1"))  # a connection may have to be made first; that must not be in the measurement
        asked = steady_ms()
        told: float = session.execute(_NOW).scalar_one()
        return CampusClock.learn(told, asked, steady_ms())


def _note(ahead_ms: float) -> None:
    AHEAD.set(ahead_ms / 1000)
    if abs(ahead_ms) > WRONG_MS:
        logger.warning("this machine's clock is %.1f s ahead of the campus's", ahead_ms / 1000)
