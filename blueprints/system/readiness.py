"""Which dependencies answer, asked at the same time and for a bounded time."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Literal

import gevent
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.extensions.services import Services

# "slow": no answer in time. Under the load of an opening that is not the same as gone.
State = Literal["up", "slow", "down"]

TIMEOUT = 1.5


def dependency_states(services: Services) -> dict[str, State]:
    """Dependency → state, as this process sees them now. Takes at most TIMEOUT seconds."""
    checks: dict[str, Callable[[], bool]] = {
        "database": lambda: _database_answers(services),
        "redis": lambda: bool(services.redis.ping()),
        "rabbitmq": lambda: services.publisher.reach(TIMEOUT),
        "zookeeper": lambda: bool(services.zookeeper.connected),
        "spool": lambda: _spool_takes_files(services),
    }
    asked = {name: gevent.spawn(_quietly, check) for name, check in checks.items()}
    gevent.joinall(list(asked.values()), timeout=TIMEOUT)
    # A greenlet that is still waiting is left to its own time-out: killing it would spoil a pooled connection.
    return {name: greenlet.value or "slow" for name, greenlet in asked.items()}


def can_serve(states: dict[str, State]) -> bool:
    """True unless nothing useful can be answered: every single loss has a degraded mode (DESIGN §4), but without
    both MariaDB and Redis there is nothing to read, and without broker and spool nowhere to keep a claim."""
    readable = {states["database"], states["redis"]} != {"down"}
    keepable = {states["rabbitmq"], states["spool"]} != {"down"}
    return readable and keepable


def _quietly(check: Callable[[], bool]) -> State:
    try:
        return "up" if check() else "down"
    except (RedisTimeoutError, PoolTimeoutError, TimeoutError):
        return "slow"
    except Exception:
        return "down"


def _database_answers(services: Services) -> bool:
    with services.db.engine.connect() as connection:
        return bool(connection.execute(text("SELECT 1")).scalar_one())


def _spool_takes_files(services: Services) -> bool:
    services.settings.spool_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=services.settings.spool_dir) as file:
        file.write(b"x")
    return True
