"""The hub's line to Redis: one that has fallen silent is given up, or its pages would be told beats of a dead line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from app.admission.effects import EVENTS
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from blueprints.lean import LeanFlask
from blueprints.live import hub as module
from blueprints.live.hub import Hub
from ops.stack import Stack
from tests.slow_link import SlowLink
from tests.waiting import until


@pytest.fixture
def line(stack: Stack) -> Iterator[SlowLink]:
    with SlowLink("127.0.0.1", stack.config.ports.redis).open() as link:
        yield link


@pytest.fixture
def listening(line: SlowLink, stack: Stack, app: LeanFlask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "SILENT_S", 2.0)
    redis = connect_redis(f"redis://:{stack.config.secrets.read('redis')}@{line.address}/0")
    running = gevent.spawn(Hub(redis).run, app)
    yield
    running.kill()
    redis.close()


@pytest.mark.usefixtures("listening")
def test_a_silent_line_is_given_up_for_a_new_one(line: SlowLink, services: Services) -> None:
    def listeners() -> int:
        told: Any = services.redis.pubsub_numsub(EVENTS)
        return int(told[0][1])

    until(lambda: listeners() == 1, "a listener")
    line.delay = 3600.0
    until(lambda: listeners() == 0, "end of the silent line")
    line.delay = 0.0
    until(lambda: listeners() == 1, "a listener again")
