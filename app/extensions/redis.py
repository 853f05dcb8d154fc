"""Redis: admission, cached answers, events. One pool per process; no automatic retries, ever.

redis-py retries a timed-out call by default, so one admission would run twice (PITFALLS): retries are 0 here and the
caller decides. The pool blocks instead of failing when it is empty.
"""

from __future__ import annotations

import queue
from typing import Any

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

__all__ = ["Redis", "RedisError", "connect_redis"]


def connect_redis(url: str, *, size: int = 24, timeout: float = 1.0) -> Redis:
    """A client for `url`; connects on first use. `timeout` in seconds bounds every call."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=size,
        timeout=timeout,
        queue_class=_lifo_queue(),
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        health_check_interval=0,
        decode_responses=False,
    )
    return Redis(connection_pool=pool)


def _lifo_queue() -> Any:
    """gevent's queue in a patched process: the pool's waiters must not block the hub."""
    from gevent import monkey  # noqa: PLC0415 - only meaningful once the process has decided to patch

    if monkey.is_module_patched("threading"):
        from gevent.queue import LifoQueue  # noqa: PLC0415

        return LifoQueue
    return queue.LifoQueue
