"""The client of Redis: one call is one command, a full pool is waited for, and a killed caller leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import gevent
import pytest
from gevent.server import StreamServer
from redis import Connection, ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.extensions import redis as module
from app.extensions.redis import RedisClient, connect_redis
from app.extensions.services import Services
from ops.stack import Stack
from tests.waiting import until

COUNT = """#!lua name=count
redis.register_function('count', function() return redis.call('INCR', 'asked') end)
"""


class Cut:
    """A link to the real Redis that breaks when an answer to INCR, or to a function, is on its way back."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = StreamServer(("127.0.0.1", 0), self._relay)
        self._server.start()
        self.port = int(self._server.server_port or 0)

    def _relay(self, client: Any, _address: Any) -> None:
        called: list[bytes] = []
        with closing(client), socket.create_connection(("127.0.0.1", self._port)) as server:
            back = gevent.spawn(self._pass_back, server, client, called)
            with suppress(OSError):
                while data := client.recv(65536):
                    called += [word for word in (b"INCR", b"FCALL") if word in data]
                    server.sendall(data)
            back.kill()

    @staticmethod
    def _pass_back(server: Any, client: Any, called: list[bytes]) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if called:
                    client.shutdown(socket.SHUT_RDWR)
                client.sendall(data)

    def close(self) -> None:
        self._server.stop(timeout=1)


@pytest.fixture
def password(stack: Stack) -> str:
    return stack.config.secrets.read("redis")


@pytest.fixture
def cut(stack: Stack, services: Services, password: str) -> Iterator[str]:
    """The address of a server that dies of each call."""
    services.redis.function_load(COUNT, replace=True)
    link = Cut(stack.config.ports.redis)
    yield f"redis://:{password}@127.0.0.1:{link.port}/0"
    link.close()
    services.redis.function_delete("count")


HELD_S = 4.0


@pytest.fixture
def alone(stack: Stack, services: Services, password: str) -> Iterator[RedisClient]:
    """A client with one connection."""
    made = connect_redis(f"redis://:{password}@127.0.0.1:{stack.config.ports.redis}/0", size=1, timeout=15)
    yield made
    made.close()


def asked(services: Services, address: str) -> int:
    """How often Redis did what was asked of it three times, each time without an answer."""
    with closing(connect_redis(address)) as client:
        for call in (
            lambda: client.incr("asked"),
            lambda: client.fcall_fenced("count", "7", []),
            lambda: client.fcall_each_fenced("count", "7", [[]]),
        ):
            with pytest.raises(RedisError):
                call()
    return int(services.redis.get("asked") or 0)


def test_a_call_without_an_answer_was_made_once(services: Services, cut: str) -> None:
    assert asked(services, cut) == 3


def test_by_its_own_rule_the_library_makes_it_again(
    services: Services, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Retry", lambda backoff, _: Retry(backoff, 2))
    assert asked(services, cut) == 5


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis+sentinel://127.0.0.1:1/campus/0"])
def test_no_connection_has_retries_of_its_own(url: str) -> None:
    with closing(connect_redis(url)) as client:
        assert client.connection_pool.make_connection().retry.get_retries() == 0
    assert Retry(NoBackoff(), 1).get_retries() == 1


def hold(client: RedisClient) -> gevent.Greenlet[..., Any]:
    """Somebody who has a connection, and waits for an answer on it."""
    one = gevent.spawn(client.blpop, "nothing", HELD_S)
    until(lambda: not client.connection_pool.pool.qsize(), "its connection")
    gevent.sleep(0.05)
    return one


def test_a_full_pool_is_waited_for_while_others_go_on(alone: RedisClient) -> None:
    ticks: list[int] = []
    holder, waiting = hold(alone), gevent.spawn(alone.ping)
    while not waiting.ready():
        ticks.append(1)
        gevent.sleep(0.01)
    assert waiting.get() is True
    assert holder.get(timeout=30) is None
    assert len(alone.connection_pool._connections) == 1
    assert len(ticks) > 5


def test_the_librarys_own_pool_refuses(stack: Stack, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(ConnectionPool):
        def __init__(self, *, timeout: float, queue_class: object, **options: Any) -> None:
            super().__init__(**options)

    monkeypatch.setattr(module, "BlockingConnectionPool", Impatient)
    address = f"redis://:{password}@127.0.0.1:{stack.config.ports.redis}/0"
    with closing(connect_redis(address, size=1, timeout=15)) as client:
        holder = gevent.spawn(client.blpop, "nothing", HELD_S)
        until(lambda: client.connection_pool._in_use_connections, "its connection")
        with pytest.raises(RedisError):
            client.ping()
        holder.get(timeout=30)


def after_a_kill(client: RedisClient, how: type[BaseException]) -> Any:
    """What the next one hears who asks for 7, when somebody was killed whose answer is still to come."""
    client.set("mine", "7")
    one = hold(client)
    one.kill(how)
    return client.get("mine")


@pytest.mark.parametrize("how", [gevent.GreenletExit, gevent.Timeout])
def test_a_killed_callers_connection_is_nobodys(alone: RedisClient, how: type[BaseException]) -> None:
    assert after_a_kill(alone, how) == b"7"


def test_kept_it_gives_another_the_killed_ones_answer(alone: RedisClient, monkeypatch: pytest.MonkeyPatch) -> None:
    alone.ping()
    monkeypatch.setattr(Connection, "disconnect", lambda *_args, **_more: None)
    with suppress(RedisError):
        assert after_a_kill(alone, gevent.GreenletExit) != b"7"
