"""The worker that writes head and body at once, as gunicorn drives it: over a real connection."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from unittest import mock

import gevent
import pytest
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import get_parser
from gunicorn.http.errors import InvalidHeader
from gunicorn.workers import ggevent
from gunicorn.workers.ggevent import GeventWorker

from app.extensions import worker
from app.extensions.worker import ACCEPTED_A_TURN, AcceptingServer, Joining, JoiningWorker

Application = Callable[[Any, Any], Iterable[bytes]]
# A timer that is due when the loop looks next, whatever else happens in this process.
NEXT_TURN = 1e-6


class _Counting:
    """A connection that counts its writes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.writes: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.writes.append(data)
        self._connection.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        yield mine, theirs


def answer(
    ends: tuple[socket.socket, socket.socket],
    application: Application,
    *,
    method: str = "GET",
    closing: bool = False,
    kind: type[GeventWorker] = JoiningWorker,
) -> list[bytes]:
    """What the worker writes in answer to one request."""
    mine, theirs = ends
    config = Config()
    worker = kind(1, 1, [], None, 30, config, Logger(config))
    worker.wsgi, worker.alive = application, True
    mine.sendall(f"{method} / HTTP/1.1\r\nHost: a\r\n{'Connection: close' if closing else 'A: b'}\r\n\r\n".encode())
    connection = _Counting(theirs)
    request = next(get_parser(config, theirs, ("127.0.0.1", 1)))
    try:
        worker.handle_request(("127.0.0.1", 80), request, connection, ("127.0.0.1", 1))
    except StopIteration:
        assert closing
    return connection.writes


def test_a_request_that_cannot_be_read_is_answered_with_a_problem(ends: tuple[socket.socket, socket.socket]) -> None:
    mine, theirs = ends
    config = Config()
    mine.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\x01b\r\n\r\n")
    worker = JoiningWorker(1, 1, [], None, 30, config, Logger(config))
    with pytest.raises(InvalidHeader) as refused:
        next(get_parser(config, theirs, ("127.0.0.1", 1)))
    worker.handle_error(None, theirs, ("127.0.0.1", 1), refused.value)
    head, _, body = mine.recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"Content-Type: application/problem+json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body)["code"] == "bad_request"


def whole(_environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def stream(_environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return iter([b"one", b"two"])


def nothing(_environ: Any, start: Any) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def test_head_and_body_are_one_write(ends: tuple[socket.socket, socket.socket]) -> None:
    (written,) = answer(ends, whole)
    assert written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert written.endswith(b"\r\n\r\nhello")
    assert len(answer(ends, whole, kind=GeventWorker)) == 2  # what the worker is for


def test_the_last_answer_of_a_connection_is_sent_too(ends: tuple[socket.socket, socket.socket]) -> None:
    (written,) = answer(ends, whole, closing=True)
    assert written.endswith(b"hello")


def test_an_answer_without_a_body_is_sent(ends: tuple[socket.socket, socket.socket]) -> None:
    for application, method in ((nothing, "GET"), (whole, "HEAD")):
        (written,) = answer(ends, application, method=method)
        assert written.startswith(b"HTTP/1.1 20")
        assert written.endswith(b"\r\n\r\n")


def test_a_stream_begins_at_once_and_keeps_its_order(ends: tuple[socket.socket, socket.socket]) -> None:
    head, *rest = answer(ends, stream)
    assert head.endswith(b"\r\n\r\n3\r\none\r\n")
    assert rest == [b"3\r\ntwo\r\n", b"0\r\n\r\n"]


def test_a_file_comes_after_its_head() -> None:
    order: list[str] = []

    class Connection:
        def sendall(self, data: bytes) -> None:
            order.append(data.decode())

        def sendfile(self, file: str) -> None:
            order.append(file)

    joining = Joining(Connection())
    joining.sendall(b"head")
    joining.sendfile("file")
    assert order == ["head", "file"]


def taken_in_some_turns(server: type[StreamServer]) -> int:
    """Of twenty connections that came while the worker was busy, as it is with each of them; set up as gunicorn does."""
    taken: list[object] = []

    def handle(*one: object) -> None:
        taken.append(one)
        until = perf_counter() + 0.01
        while perf_counter() < until:
            pass

    waiting = [socket.socket() for _ in range(20)]
    serving = server(("127.0.0.1", 0), handle=handle, spawn=Pool(100))
    serving.max_accept = 1
    try:
        serving.start()
        for one in waiting:
            one.setblocking(False)  # the kernel takes it
            one.connect_ex(("127.0.0.1", serving.server_port))
        for _ in range(8):  # turns, each of 10 ms
            gevent.sleep(0.001)
        return len(taken)
    finally:
        serving.stop()
        for one in waiting:
            one.close()


def test_a_burst_of_connections_is_taken_while_turns_are_long() -> None:
    assert ggevent.StreamServer is AcceptingServer
    assert taken_in_some_turns(AcceptingServer) == 20


def test_gunicorns_own_takes_one_a_turn() -> None:
    """What comes next is served through the connections that were taken first, and the others wait."""
    assert taken_in_some_turns(StreamServer) < 20


@contextmanager
def serving_with_turns() -> Iterator[AcceptingServer]:
    """A server whose long turns are longer than what a busy machine keeps a process waiting."""
    serving = AcceptingServer(("127.0.0.1", 0), handle=lambda *_: None)
    with mock.patch.object(worker, "LONG_TURN_S", 0.1):
        serving.start()
        try:
            yield serving
        finally:
            serving.stop()


def take_a_long_turn() -> None:
    until = perf_counter() + 0.15
    while perf_counter() < until:
        pass


def test_no_turn_is_long_because_nobody_came() -> None:
    """What comes then is shared: whoever has all connections is asked everything from then on."""
    with serving_with_turns() as serving:
        assert serving.max_accept == 1
        gevent.sleep(0.15)
        assert serving.max_accept == 1


def test_a_long_turn_is_forgotten_after_a_quiet_moment() -> None:
    with serving_with_turns() as serving:
        take_a_long_turn()
        gevent.sleep(NEXT_TURN)
        assert serving.max_accept == ACCEPTED_A_TURN
        take_a_long_turn()
        gevent.sleep(0.15)
        assert serving.max_accept == 1


def test_turns_are_looked_at_while_connections_are_taken() -> None:
    with serving_with_turns() as serving:
        first = serving._turns
        serving.start_accepting()
        assert serving._turns is first is not None
        serving.stop_accepting()  # as when the pool is full
        assert not any(one.active for one in first._watchers)
        assert serving.max_accept == 1
        serving.start_accepting()
        gevent.sleep(NEXT_TURN)
        take_a_long_turn()
        gevent.sleep(NEXT_TURN)
        assert serving.max_accept == ACCEPTED_A_TURN
