"""A link to a real server that takes its time: a TCP relay which holds everything back for a while."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
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
            back = gevent.spawn(self._pump, server, client, 0.0)
            self._pump(client, server, None)
            back.kill()

    def _pump(self, source: Any, target: Any, delay: float | None) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                gevent.spawn_later(self.delay if delay is None else delay, _send, target, data)


def _send(target: Any, data: bytes) -> None:
    with suppress(OSError):
        target.sendall(data)
