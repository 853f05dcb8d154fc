"""Which dependencies answer, asked at the same time and for a bounded time."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Literal

import gevent
from sqlalchemy import text

from app.extensions.services import Services

State = Literal["up", "down"]

TIMEOUT = 1.5


def dependency_states(services: Services) -> dict[str, State]:
    """Dependency → "up" or "down", as this process sees them now. Takes at most TIMEOUT seconds."""
    checks: dict[str, Callable[[], bool]] = {
        "database": lambda: _database_answers(services),
        "redis": lambda: bool(services.redis.ping()),
        "rabbitmq": lambda: services.publisher.usable,
        "zookeeper": lambda: bool(services.zookeeper.connected),
        "spool": lambda: _spool_takes_files(services),
    }
    asked = {name: gevent.spawn(_quietly, check) for name, check in checks.items()}
    gevent.joinall(list(asked.values()), timeout=TIMEOUT)
    # A greenlet that is still waiting is left to its own time-out: killing it would spoil a pooled connection.
    return {name: "up" if greenlet.value else "down" for name, greenlet in asked.items()}


def can_serve(states: dict[str, State]) -> bool:
    """True unless nothing useful can be answered: every single loss has a degraded mode (DESIGN §4), but without
    both MariaDB and Redis there is nothing to read, and without broker and spool nowhere to keep a claim."""
    readable = "up" in (states["database"], states["redis"])
    keepable = "up" in (states["rabbitmq"], states["spool"])
    return readable and keepable


def _quietly(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        return False


def _database_answers(services: Services) -> bool:
    with services.db.engine.connect() as connection:
        return bool(connection.execute(text("SELECT 1")).scalar_one())


def _spool_takes_files(services: Services) -> bool:
    services.settings.spool_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=services.settings.spool_dir) as file:
        file.write(b"x")
    return True
