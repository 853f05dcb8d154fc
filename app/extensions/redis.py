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

__all__ = ["Redis", "RedisClient", "RedisError", "connect_redis"]


class RedisClient(Redis):
    """A client that knows the run id of the server behind its newest connection.

    A server that is started again drops every connection, so the id is read anew before anything else is asked of it.
    """

    _run_id: str = ""

    def server_run_id(self) -> str:
        """The run id; connects when nothing has been asked yet."""
        if not self._run_id:
            self.ping()
        return self._run_id

    def note_server(self, connection: Any) -> None:
        """Called for each new connection, after its own handshake."""
        connection.on_connect()
        connection.send_command("INFO", "server")
        reply = connection.read_response()
        text = reply.decode() if isinstance(reply, bytes) else str(reply)
        fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        self._run_id = fields["run_id"]


def connect_redis(url: str, *, size: int = 24, timeout: float = 1.0) -> RedisClient:
    """A client for `url`; connects on first use. `timeout` in seconds bounds every call."""
    client = RedisClient()
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
        redis_connect_func=client.note_server,
    )
    client.connection_pool = pool
    return client


def _lifo_queue() -> Any:
    """gevent's queue in a patched process: the pool's waiters must not block the hub."""
    from gevent import monkey  # noqa: PLC0415 - only meaningful once the process has decided to patch

    if monkey.is_module_patched("threading"):
        from gevent.queue import LifoQueue  # noqa: PLC0415

        return LifoQueue
    return queue.LifoQueue
