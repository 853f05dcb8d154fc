"""The engine over three Redis servers and their sentinels, with its consumers in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gevent
import pika
import pytest
from gevent.event import Event

from app.admission.engine import Engine
from app.extensions.broker import claim_queue, parameters
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from consumers import claims, maintenance
from tests.functional.admission.conftest import MakeId, make
from tests.functional.lectures.conftest import Hall, engine, hall, manager
from tests.functional.lectures.conftest import make as make_lecture
from tests.redis_trio import Trio

__all__ = ["Hall", "MakeId", "engine", "hall", "make", "make_lecture", "manager"]


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with Trio(tmp_path).running() as running:
        yield running


@pytest.fixture
def services(services: Services, trio: Trio) -> Iterator[Services]:
    """The usual ones, but for Redis."""
    redis = connect_redis(trio.url)
    yield replace(services, redis=redis)
    redis.close()


@pytest.fixture
def empty_queues(services: Services, engine: Engine) -> None:
    """Tests without consumers leave their claims there."""
    with pika.BlockingConnection(parameters(services.settings.amqp_url)) as connection:
        for number in range(services.settings.claim_queues):
            connection.channel().queue_purge(claim_queue(number))


@pytest.fixture
def consumers(services: Services, engine: Engine, empty_queues: None) -> Iterator[None]:
    """Settle and the watch, as on a host that runs them. The watch ends first: a rebuild waits for settle."""
    running = []
    for program in (claims, maintenance):
        stopping = Event()
        running.append((gevent.spawn(program.run, services, engine, stopping), stopping))
    yield
    for greenlet, stopping in reversed(running):
        stopping.set()
        greenlet.join(timeout=20)
