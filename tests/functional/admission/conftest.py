"""The engine on real servers, with the makers of the lecture tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import text

from app.admission import marks
from app.admission.engine import Engine
from app.admission.marks import Marks
from app.extensions.breakers import Breakers
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from app.offerings import build_engine
from tests.functional.lectures.conftest import Hall, Maker, engine, hall, manager
from tests.functional.lectures.conftest import make as make_lecture
from tests.lua_guards import spoiling

__all__ = ["Hall", "engine", "hall", "make_lecture", "manager"]

MakeId = Callable[..., int]

PATIENT_S = 10.0
UNANSWERED_S = 10.0  # how long `other` waits for a Redis that says nothing


@pytest.fixture
def make(make_lecture: Maker) -> MakeId:
    """`make(**fields)` creates a lecture that is open now and returns its id."""

    def lecture(**fields: Any) -> int:
        return make_lecture(**fields).lecture.id

    return lecture


def connected(hosts: str) -> Iterator[Marks]:
    """Marks of a worker whose ZooKeeper is there."""
    client = connect_zookeeper(hosts, session_timeout=30.0)  # kazoo itself leaves a slow server after a third of it
    client.start(timeout=10)
    yield Marks(client, Breakers())
    client.stop()
    client.close()


@pytest.fixture
def near(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Marks]:
    """Marks that are waited for: a quarter of a second is what a busy machine may pause for."""
    monkeypatch.setattr(marks, "CREATE_WITHIN_S", PATIENT_S)
    monkeypatch.setattr(marks, "READ_WITHIN_S", PATIENT_S)
    yield from connected(services.settings.zookeeper_hosts)


@pytest.fixture
def other(hall: Hall) -> Iterator[Engine]:
    """The worker whose calls to Redis have failed until a moment ago: it does not ask it now."""
    breakers = Breakers(reset_timeout=60)
    while breakers.closed("redis"):
        with suppress(RedisConnectionError), breakers.guard("redis"):
            raise RedisConnectionError
    hall.engine.store.redis.set("sr:begun", 0)  # the rebuild was long ago
    patient = connect_redis(hall.services.settings.redis_url, timeout=UNANSWERED_S)
    yield build_engine(replace(hall.services, breakers=breakers, redis=patient))
    patient.close()


@pytest.fixture
def spoil(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    yield from spoiling(engine, monkeypatch)


def finish_outbox(hall: Hall) -> None:
    """As if all effects had happened."""
    with hall.services.db.transaction() as session:
        session.execute(text("UPDATE outbox SET done_at = NOW(6)"))
