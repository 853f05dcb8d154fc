"""Listening to a channel of Redis, by whoever must notice that it has fallen silent."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

from app.extensions.redis import RedisClient, RedisTimeoutError

# Redis is asked every second whether it is there. Looks are counted, not seconds: a process that stood still has not listened.
SILENT_LOOKS = 4


def messages(redis: RedisClient, channel: str) -> Iterator[dict[str, Any] | None]:
    """What is said there, the subscription's own words too; None about once a second when nothing is.

    Raises RedisError when the connection breaks, also when Redis answers no question any more: of a server that is cut off
    or frozen a listener would never hear.
    """
    with redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
        subscription.subscribe(channel)
        asked_at, unheard = monotonic(), 0
        while True:
            message = subscription.get_message(timeout=1.0)
            unheard = unheard + 1 if message is None else 0
            yield message
            now = monotonic()
            if now - asked_at >= 1.0:
                asked_at = now
                subscription.ping()
            if unheard > SILENT_LOOKS:
                raise RedisTimeoutError(f"the line {channel} is silent")
