"""The slow relay of drills and tests: nothing is lost, mixed or overtaken on its way, as on every TCP connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gevent
import pytest
from gevent.server import StreamServer

from ops.drills.slow_link import SlowLink

# More than the buffers of a connection hold, in more pieces than one.
MUCH = b"".join(number.to_bytes(4, "big") for number in range(2**20))


class Server:
    """Takes its time to read until the end is said, and sends everything back."""

    def __init__(self) -> None:
        self.heard = b""
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()
        self.port = int(self._server.server_port)

    def _serve(self, client: Any, _address: Any) -> None:
        heard = bytearray()
        while not heard.endswith(b"end") and (part := client.recv(65536)):
            heard += part
            gevent.sleep(0.001)
        self.heard = bytes(heard)
        client.sendall(self.heard)

    def stop(self) -> None:
        self._server.stop(timeout=1)


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.stop()


def said(connection: socket.socket, size: int) -> bytes:
    with gevent.Timeout(60):
        parts: list[bytes] = []
        while sum(map(len, parts)) < size:
            parts.append(connection.recv(65536))
            gevent.sleep(0.001)
        return b"".join(parts)


def test_much_arrives_whole_and_in_order_both_ways(server: Server) -> None:
    with SlowLink("127.0.0.1", server.port).open() as link:
        link.delay = 0.05
        with closing(socket.create_connection(("127.0.0.1", link.port))) as client:
            client.sendall(MUCH + b"end")
            assert said(client, len(MUCH) + 3) == MUCH + b"end"
    assert server.heard == MUCH + b"end"


def test_what_is_sent_when_the_link_is_fast_again_overtakes_nothing(server: Server) -> None:
    with SlowLink("127.0.0.1", server.port).open() as link:
        link.delay = 0.5
        with closing(socket.create_connection(("127.0.0.1", link.port))) as client:
            client.sendall(b"first ")
            gevent.sleep(0.2)
            link.delay = 0.0
            client.sendall(b"end")
            assert said(client, 9) == b"first end"
