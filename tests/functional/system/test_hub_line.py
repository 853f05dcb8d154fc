"""The hub's line to Redis: one that has fallen silent is given up, or its pages would be told beats of a dead line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from app.admission.effects import EVENTS
from app.extensions import listening
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from blueprints.lean import LeanFlask
from blueprints.live import hub as module
from blueprints.live.hub import BEAT, MISSED, Hub
from blueprints.live.tickets import Listener
from ops.drills.slow_link import SlowLink
from ops.stack import Stack
from tests.waiting import until


@pytest.fixture
def line(stack: Stack) -> Iterator[SlowLink]:
    with SlowLink("127.0.0.1", stack.config.ports.redis).open() as link:
        yield link


@pytest.fixture
def hub(line: SlowLink, stack: Stack, app: LeanFlask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(listening, "SILENT_LOOKS", 1)
    redis = connect_redis(f"redis://:{stack.config.secrets.read('redis')}@{line.address}/0")
    monkeypatch.setattr(module, "BEAT_EVERY_S", 1)
    hub = Hub(redis)
    running = gevent.spawn(hub.run, app)
    yield hub
    running.kill()
    redis.close()


def listeners(services: Services) -> int:
    told: Any = services.redis.pubsub_numsub(EVENTS)
    return int(told[0][1])


def lose_the_line(line: SlowLink, services: Services) -> None:
    """It falls silent, is given up, and there is a new one."""
    line.delay = 3600.0
    until(lambda: listeners(services) == 0, "end of the silent line")
    line.delay = 0.0
    until(lambda: listeners(services) == 1, "a listener again")


@pytest.mark.usefixtures("hub")
def test_a_silent_line_is_given_up_for_a_new_one(line: SlowLink, services: Services) -> None:
    until(lambda: listeners(services) == 1, "a listener")
    lose_the_line(line, services)


def test_who_was_there_while_nobody_listened_is_to_come_back(
    hub: Hub, line: SlowLink, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told meanwhile is gone for good: the page must ask."""
    until(lambda: listeners(services) == 1, "a listener")
    before = hub.join(Listener(1))
    lose_the_line(line, services)
    monkeypatch.setattr(listening, "SILENT_LOOKS", 100)  # a moment of silence is not the end of this one
    words: list[str] = []
    until(lambda: words.append(before.get(timeout=30)) or words[-1] == MISSED, "the last word")
    after = hub.join(Listener(2))
    assert [after.get(timeout=30) for _ in range(3)] == [BEAT] * 3
