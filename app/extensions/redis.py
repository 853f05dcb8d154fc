"""Redis: admission, cached answers, events. One pool per process; no automatic retries, ever.

redis-py retries a timed-out call by default, so one admission would run twice (PITFALLS): retries are 0 here and the
caller decides. The pool blocks instead of failing when it is empty.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from app.addresses import SENTINEL_SCHEME, SentinelAddress
from app.extensions.primary import PrimaryPool

__all__ = ["Redis", "RedisClient", "RedisError", "RedisTimeoutError", "connect_redis", "patiently"]

T = TypeVar("T")


class RedisClient(Redis):
    """A client each of whose connections knows the run id of the server it is connected to."""

    def fcall_fenced(self, function: str, fence: str, args: Sequence[Any]) -> Any:
        """FCALL with "<fence>:<run id>" as the first argument, the run id being that of the very server that gets it.

        A server that was started again drops every connection, and the pool connects again when it hands one out:
        only then is it known whom the call will reach. Not by `execute_command`, which hides the connection.
        """
        pool = self.connection_pool
        connection: Any = pool.get_connection()
        try:
            # A failure of the connection closes it in there; it is never opened again between these two lines.
            connection.send_command("FCALL", function, 0, f"{fence}:{connection.run_id}", *args)
            return connection.read_response()
        finally:
            pool.release(connection)

    def fcall_each_fenced(self, function: str, fence: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        """Many calls of one function in one round trip. Not atomic: others are served in between. Raises the first error."""
        pool = self.connection_pool
        connection: Any = pool.get_connection()
        replies: list[Any] = []
        try:
            first = f"{fence}:{connection.run_id}"
            connection.send_packed_command(
                connection.pack_commands([("FCALL", function, 0, first, *args) for args in calls])
            )
            for _ in calls:
                try:
                    replies.append(connection.read_response())
                except ResponseError as error:  # the others' replies are on their way, and must not be left in the line
                    replies.append(error)
        finally:
            pool.release(connection)
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise reply
        return replies


def patiently(ask: Callable[[], T]) -> T:
    """One more try when an answer is late: only for what may be asked twice."""
    try:
        return ask()
    except RedisTimeoutError:
        return ask()


def connect_redis(url: str, *, size: int = 24, timeout: float = 1.0) -> RedisClient:
    """A client for `url`, one server or the primary that Sentinel names (`redis+sentinel://…`); connects on first use.

    `timeout` in seconds bounds every call. Raises ValueError when the URL is none.
    """
    options: dict[str, Any] = {
        "max_connections": size,
        "timeout": timeout,
        "queue_class": _lifo_queue(),
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_error": [],
        "health_check_interval": 0,
        "decode_responses": False,
        "redis_connect_func": _note_server,
    }
    if url.startswith(SENTINEL_SCHEME):
        pool: BlockingConnectionPool = PrimaryPool(SentinelAddress.parse(url), **options)
    else:
        pool = BlockingConnectionPool.from_url(url, **options)
    client = RedisClient(connection_pool=pool)
    client.auto_close_connection_pool = True
    return client


def _note_server(connection: Any) -> None:
    """Called for each new connection, instead of its own handshake."""
    connection.on_connect()
    connection.send_command("INFO", "server")
    reply = connection.read_response()
    text = reply.decode() if isinstance(reply, bytes) else str(reply)
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    connection.run_id = fields["run_id"]


def _lifo_queue() -> Any:
    """gevent's queue in a patched process: the pool's waiters must not block the hub."""
    from gevent import monkey  # noqa: PLC0415 - only meaningful once the process has decided to patch

    if monkey.is_module_patched("threading"):
        from gevent.queue import LifoQueue  # noqa: PLC0415

        return LifoQueue
    return queue.LifoQueue
