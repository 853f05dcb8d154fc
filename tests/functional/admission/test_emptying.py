"""A rebuild empties Redis: a primary whose replicas are not back yet takes no writes, and is waited for, within limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gevent
import pytest
from redis.exceptions import ResponseError

from app.admission import rebuild
from app.admission.engine import Engine
from app.extensions.services import Services
from app.offerings import build_engine
from tests.functional.admission.test_two_rebuilds import lose_the_lock, used
from tests.waiting import until

Back = Callable[[], None]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No consumer runs here, so nothing would pass the barriers; no other worker, so nobody has to switch."""
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)


@pytest.fixture
def back(engine: Engine) -> Iterator[Back]:
    """The primary has lost its replicas; the call brings one back."""
    redis = engine.store.redis
    redis.config_set("min-replicas-to-write", 1)
    yield lambda: redis.config_set("min-replicas-to-write", 0)
    redis.config_set("min-replicas-to-write", 0)


def epoch_of(engine: Engine) -> int:
    return int(engine.store.stored_fence()[0])


def test_it_is_emptied_as_soon_as_a_replica_is_back(
    engine: Engine, back: Back, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, tries, redis = epoch_of(engine), [], engine.store.redis
    flush = redis.flushdb
    monkeypatch.setattr(redis, "flushdb", lambda: (tries.append(1), flush())[1])
    rebuilding = gevent.spawn(engine.watch.rebuild)
    until(lambda: len(tries) > 1, "another try")
    back()
    rebuilding.get(timeout=20)
    assert epoch_of(engine) == before + 1


def test_it_is_not_waited_for_for_ever(engine: Engine, back: Back, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "REPLICAS_WITHIN_S", 0.0)
    with pytest.raises(ResponseError, match=rebuild.NO_REPLICAS):
        engine.watch.rebuild()
    back()
    engine.watch.rebuild()


def test_who_waits_does_not_empty_the_next_ones_redis(
    engine: Engine, services: Services, back: Back, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "REPLICAS_WITHIN_S", 60.0)
    before = epoch_of(engine)
    first = gevent.spawn(engine.watch.rebuild)
    until(lambda: used(services), "the first one's lock")
    lose_the_lock(services)
    second = gevent.spawn(build_engine(services).watch.rebuild)
    until(lambda: used(services), "the second one's lock")
    first.join(timeout=10)
    assert first.dead
    assert first.exception is not None
    back()
    second.get(timeout=20)
    assert epoch_of(engine) == before + 2
