"""The client that follows Sentinel: whom it asks, how long it waits, and what it leaves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from time import monotonic

import gevent
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from app.extensions import primary
from app.extensions.redis import RedisClient, connect_redis
from tests.redis_trio import Trio
from tests.waiting import until

WHOM = """#!lua name=whom
redis.register_function('whom', function(_, args) return redis.call('INCR', 'asked') .. ' ' .. args[1] end)
"""


@pytest.fixture
def client(trio: Trio) -> Iterator[RedisClient]:
    made = connect_redis(trio.url, size=4)
    made.function_load(WHOM, replace=True)
    made.wait(2, 5000)
    yield made
    made.close()


def whom(client: RedisClient) -> str:
    """The run id that a fenced call was sent with."""
    return str(client.fcall_fenced("whom", "7", []).decode().split(":")[1])


def run_id(trio: Trio) -> str:
    return str(trio.primary().client().info("server")["run_id"])


def bounded(call: object) -> float:
    began = monotonic()
    with pytest.raises(RedisError):
        call()  # type: ignore[operator]
    return monotonic() - began


def test_a_fenced_call_names_the_server_that_gets_it_before_and_after_a_failover(
    trio: Trio, client: RedisClient
) -> None:
    assert whom(client) == run_id(trio)
    gevent.joinall([gevent.spawn(whom, client) for _ in range(4)], raise_error=True)
    old = trio.primary()
    old.kill()
    assert bounded(partial(whom, client)) < 10
    trio.await_other_than(old)
    asked = [gevent.spawn(whom, client) for _ in range(4)]
    gevent.joinall(asked, raise_error=True)
    assert {one.value for one in asked} == {run_id(trio)}


def test_a_frozen_primary_that_comes_back_is_not_asked_again(trio: Trio, client: RedisClient) -> None:
    """Its connections were never closed; sentinels make it a replica some seconds later only."""
    whom(client)
    old = trio.primary()
    old.signal(signal.SIGSTOP)
    trio.await_other_than(old)
    old.signal(signal.SIGCONT)
    assert whom(client) == run_id(trio)


def test_without_looking_the_one_that_comes_back_is_believed(
    trio: Trio, client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(primary, "LOOK_EVERY_S", 1000.0)
    before = whom(client)
    old = trio.primary()
    old.client().config_set("min-replicas-to-write", 0)  # else it refuses within a second
    old.signal(signal.SIGSTOP)
    trio.await_other_than(old)
    old.signal(signal.SIGCONT)
    assert whom(client) == before


def test_sentinels_that_are_away_do_not_stop_what_is_connected(
    trio: Trio, client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whom(client)
    for one in trio.sentinels:
        one.signal(signal.SIGSTOP)
    monkeypatch.setattr(primary, "LOOK_EVERY_S", 0.0)
    began = monotonic()
    assert whom(client) == before
    assert monotonic() - began < 3 * primary.ASK_WITHIN_S + 3


def test_one_sentinel_is_enough(trio: Trio) -> None:
    trio.sentinels[0].kill()
    trio.sentinels[1].signal(signal.SIGSTOP)
    client = connect_redis(trio.url)
    assert client.ping()
    client.close()


def test_a_replica_is_as_good_as_away(trio: Trio, client: RedisClient) -> None:
    """Demoted by an operator: what it says of writes closes the connection, and the next one goes to the primary."""
    whom(client)
    old = trio.primary()
    trio.sentinels[0].client(None).execute_command("SENTINEL", "FAILOVER", "campus")
    trio.await_other_than(old)
    until(lambda: old.client().info("replication")["role"] == "slave", "a demoted primary")
    for _ in range(3):
        with suppress(RedisConnectionError):
            assert whom(client) == run_id(trio)
            return
    raise AssertionError("the demoted server was asked again and again")
