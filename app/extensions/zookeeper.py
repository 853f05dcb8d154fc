"""ZooKeeper: one session per process; everything asked of it is bounded in time and may be refused."""

from __future__ import annotations

from typing import Any

from gevent import monkey
from kazoo.client import KazooClient
from kazoo.handlers.gevent import SequentialGeventHandler
from kazoo.handlers.threading import SequentialThreadingHandler
from kazoo.retry import KazooRetry

ROOT = "/seatrush"


class _Client(KazooClient):  # type: ignore[misc]
    """kazoo's client, which loses no wake-up.

    kazoo wakes its connection through a socket pair, one byte per queued request, and counts on it. A few hundred
    requests fill the pair; gevent lets one greenlet wait for room and fails the next one, whose request stays queued
    without its byte: from then on every answer comes one request late, for ever. Here a request that cannot be
    announced at once is taken back and fails alone.
    """

    def _call(self, request: Any, async_object: Any) -> Any:
        wake = self._connection._write_sock
        if wake is not None:
            wake.settimeout(0)
        answer = super()._call(request, async_object)
        if async_object.ready() and self._queue and self._queue[-1][1] is async_object:
            self._queue.pop()
        return answer


def connect_zookeeper(hosts: str, *, session_timeout: float = 6.0) -> KazooClient:
    """A client that starts connecting in the background when `start_async()` is called; never blocks start-up."""
    handler: Any = SequentialGeventHandler() if monkey.is_module_patched("socket") else SequentialThreadingHandler()
    return _Client(
        hosts=hosts,
        timeout=session_timeout,
        handler=handler,
        # Keep trying for ever in the background; single commands are never retried behind the caller's back.
        connection_retry=KazooRetry(max_tries=-1, delay=0.1, backoff=2, max_delay=2.0),
        command_retry=KazooRetry(max_tries=0),
    )
