"""ZooKeeper: one session per process; everything asked of it is bounded in time and may be refused."""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic
from typing import Any

import gevent
from gevent import monkey
from kazoo.client import KazooClient
from kazoo.handlers.gevent import SequentialGeventHandler
from kazoo.handlers.threading import SequentialThreadingHandler
from kazoo.protocol.serialization import int_struct, write_string
from kazoo.retry import KazooRetry

ROOT = "/seatrush"

# kazoo takes requests for pings, so one that keeps asking never notices a server that was cut off. Where there is another
# one, a server that owes an answer for so long is left.
SILENT_S = 1.5
LOOK_EVERY_S = 0.5
CONNECT_WITHIN_S = 1.0


class _CountBelow:
    """ZooKeeper's getAllChildrenNumber (3.6 and later), which kazoo has not."""

    type = 104

    def __init__(self, path: str) -> None:
        self.path = path

    def serialize(self) -> bytes:
        """As kazoo's requests."""
        return bytes(write_string(self.path))

    @classmethod
    def deserialize(cls, data: bytes, offset: int) -> int:
        """As kazoo's requests."""
        return int(int_struct.unpack_from(data, offset)[0])


def nodes_below(client: KazooClient, path: str) -> Any:
    """kazoo's pending answer: how many nodes there are below this one, at any depth. Raises NoNodeError there."""
    answer = client.handler.async_result()
    client._call(_CountBelow(path), answer)
    return answer


class _Client(KazooClient):  # type: ignore[misc]
    """kazoo's client, which loses no wake-up, and leaves a server that is silent for another.

    kazoo wakes its connection through a socket pair, one byte per queued request, and counts on it. A few hundred
    requests fill the pair; gevent lets one greenlet wait for room and fails the next one, whose request stays queued
    without its byte: from then on every answer comes one request late, for ever. Here a request that cannot be
    announced at once is taken back and fails alone.
    """

    _watching: gevent.Greenlet[[], None] | None = None

    def _call(self, request: Any, async_object: Any) -> Any:
        wake = self._connection._write_sock
        if wake is not None:
            wake.settimeout(0)
        answer = super()._call(request, async_object)
        if async_object.ready() and self._queue and self._queue[-1][1] is async_object:
            self._queue.pop()
        return answer

    def start_async(self) -> Any:
        """As kazoo's."""
        connected = super().start_async()
        if len(self.hosts) > 1 and self._watching is None and monkey.is_module_patched("socket"):
            self._watching = gevent.spawn(self._watch)
        return connected

    def stop(self) -> None:
        """As kazoo's."""
        if self._watching is not None:
            self._watching.kill()
            self._watching = None
        super().stop()

    def _watch(self) -> None:
        """Leave a server that owes its oldest answer for longer than SILENT_S."""
        oldest, since = None, 0.0
        while True:
            gevent.sleep(LOOK_EVERY_S)
            now, owed = monotonic(), self._pending[0][1] if self._pending else None
            if owed is not oldest:
                oldest, since = owed, now
            elif owed is not None and now - since > SILENT_S:
                oldest = None
                with suppress(OSError, AttributeError):  # it has just been left, and there is no socket
                    self._connection._socket.shutdown(socket.SHUT_RDWR)


class _GeventHandler(SequentialGeventHandler):  # type: ignore[misc]
    """kazoo waits a whole session time-out for each server it connects to; one that is cut off must not cost that much."""

    def create_connection(self, *args: Any, **options: Any) -> Any:
        options["timeout"] = min(CONNECT_WITHIN_S, options.get("timeout", CONNECT_WITHIN_S))
        return super().create_connection(*args, **options)


def connect_zookeeper(hosts: str, *, session_timeout: float = 6.0) -> KazooClient:
    """A client that starts connecting in the background when `start_async()` is called; never blocks start-up."""
    handler: Any = _GeventHandler() if monkey.is_module_patched("socket") else SequentialThreadingHandler()
    return _Client(
        hosts=hosts,
        timeout=session_timeout,
        handler=handler,
        # Keep trying for ever in the background; single commands are never retried behind the caller's back. An election takes
        # a second: with longer pauses whoever comes a little too early comes far too late.
        connection_retry=KazooRetry(max_tries=-1, delay=0.1, backoff=2, max_delay=0.5),
        command_retry=KazooRetry(max_tries=0),
    )
