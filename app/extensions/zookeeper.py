"""ZooKeeper: one session per process; everything asked of it is bounded in time and may be refused."""

from __future__ import annotations

from typing import Any

from gevent import monkey
from kazoo.client import KazooClient
from kazoo.handlers.gevent import SequentialGeventHandler
from kazoo.handlers.threading import SequentialThreadingHandler
from kazoo.retry import KazooRetry

ROOT = "/seatrush"


def connect_zookeeper(hosts: str, *, session_timeout: float = 6.0) -> KazooClient:
    """A client that starts connecting in the background when `start_async()` is called; never blocks start-up."""
    handler: Any = SequentialGeventHandler() if monkey.is_module_patched("socket") else SequentialThreadingHandler()
    return KazooClient(
        hosts=hosts,
        timeout=session_timeout,
        handler=handler,
        # Keep trying for ever in the background; single commands are never retried behind the caller's back.
        connection_retry=KazooRetry(max_tries=-1, delay=0.1, backoff=2, max_delay=2.0),
        command_retry=KazooRetry(max_tries=0),
    )
