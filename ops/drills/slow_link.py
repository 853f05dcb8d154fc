"""A link to a real server that takes its time: a TCP relay which holds everything back for a while."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import gevent
from gevent.queue import Queue
from gevent.server import StreamServer


class SlowLink:
    """Relays to `host:port`; what a client sends arrives `delay` seconds later, in order.

    `mark` of its packets to the server, for rules that send everybody else's by the relay (root only).
    """

    def __init__(self, host: str, port: int, *, mark: int = 0) -> None:
        self._target = (host, port)
        self._mark = mark
        self._server = StreamServer(("127.0.0.1", 0), self._relay)
        self.delay = 0.0

    @property
    def port(self) -> int:
        return int(self._server.server_port or 0)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @contextmanager
    def open(self) -> Iterator[SlowLink]:
        """Relay while the block runs."""
        self._server.start()
        try:
            yield self
        finally:
            self._server.stop(timeout=1)

    def close(self) -> None:
        """Take no more connections; `open` ends in peace all the same."""
        self._server.close()

    def _relay(self, client: Any, _address: Any) -> None:
        with socket.socket() as server:
            if self._mark:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, self._mark)
            server.connect(self._target)
            back, waiting = gevent.spawn(_pass_on, server, client), Queue[tuple[float, bytes]]()
            there = gevent.spawn(_send, waiting, server)
            with suppress(OSError):
                while data := client.recv(65536):
                    waiting.put((monotonic() + self.delay, data))
            gevent.killall([back, there])


def _pass_on(source: Any, target: Any) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)


def _send(waiting: Queue[tuple[float, bytes]], target: Any) -> None:
    """One after the other: two that send at the same time would mix what they send, which no network does."""
    with suppress(OSError):
        while True:
            due, data = waiting.get()
            gevent.sleep(max(0.0, due - monotonic()))
            target.sendall(data)
