"""Redis is away, silent, emptied, or came back with yesterday's data: MariaDB is the truth and Redis is built anew."""

from __future__ import annotations

import shutil

import gevent

from tests.campus import Campus
from tests.crowd import Crowd


def test_redis_is_killed(campus: Campus) -> None:
    redis = campus.service("redis")
    with campus.steady_load() as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        redis.kill(stay_down=True)
        gevent.sleep(1)  # claims take the direct path meanwhile
        redis.start()
        redis.wait_ready()
    assert campus.verify(crowd) == []


def test_redis_is_emptied(campus: Campus) -> None:
    with campus.steady_load() as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        campus.services.redis.flushall()
    assert campus.verify(crowd) == []


def test_redis_comes_back_stale(campus: Campus) -> None:
    """Its data folder is put back to what it was before some claims were admitted."""
    redis, data = campus.service("redis"), campus.stack.config.data("redis")
    old = campus.stack.config.root / "redis-of-yesterday"
    with campus.steady_load(per_second=60) as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        redis.stop()
        shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(data, old)
        redis.start()
        campus.until(campus.gate_open, "an open gate")
        campus.until(lambda: some_state(crowd), "a decision")
        redis.stop()
        shutil.rmtree(data)
        shutil.move(old, data)
        redis.start()
        redis.wait_ready()
    assert campus.verify(crowd) == []


def test_redis_is_paused(campus: Campus) -> None:
    redis = campus.service("redis")
    with campus.steady_load() as crowd:
        campus.until(lambda: some_state(crowd), "a first decision")
        redis.pause()
        gevent.sleep(3)
        redis.resume()
    assert campus.verify(crowd) == []


def some_state(crowd: Crowd) -> bool:
    return any(wish.state for wish in crowd.wishes)
