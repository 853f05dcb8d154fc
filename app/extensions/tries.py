"""How often something was tried, in fixed windows of one minute. Kept in Redis for all workers.

Without Redis each process counts for itself (fails to a weaker limit, never to none).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from prometheus_client import Counter as Metric

from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.clock import Clock
from app.extensions.redis import Redis, RedisError

_WINDOW_MS = 60_000
_FALLBACKS = Metric("seatrush_limit_fallbacks", "Tries that were counted by one process alone")


class Tries:
    """Charge before looking, so that a hundred guesses at once are a hundred guesses; give back what was right."""

    def __init__(self, redis: Redis, breakers: Breakers, clock: Clock) -> None:
        self._redis = redis
        self._breakers = breakers
        self._clock = clock
        self._local: Counter[str] = Counter()
        self._local_window = 0

    def add(self, names: Sequence[str], change: int) -> tuple[list[int], float]:
        """Count `change` more under each name: this minute's counts, and the seconds left of the minute."""
        window, past = divmod(self._clock.epoch_ms(), _WINDOW_MS)
        left_s = (_WINDOW_MS - past) / 1000
        keys = [f"tries:{window}:{name}" for name in names]
        try:
            with self._breakers.guard("redis"):
                return self._add(keys, change), left_s
        except (RedisError, DependencyDownError):
            _FALLBACKS.inc()
            return self._add_locally(window, keys, change), left_s

    def _add(self, keys: Sequence[str], change: int) -> list[int]:
        pipeline = self._redis.pipeline(transaction=True)
        for key in keys:
            pipeline.incrby(key, change)
            pipeline.pexpire(key, 2 * _WINDOW_MS)
        return [int(count) for count in pipeline.execute()[::2]]

    def _add_locally(self, window: int, keys: Sequence[str], change: int) -> list[int]:
        if window != self._local_window:
            self._local.clear()
            self._local_window = window
        self._local.update(dict.fromkeys(keys, change))
        return [self._local[key] for key in keys]
