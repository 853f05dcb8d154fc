"""How often somebody may try to sign in: per username, and per address, in fixed windows of one minute.

Charged before the password is looked at, so that a hundred guesses at once are a hundred guesses; given back when the
password was right, so that a lecture hall behind one address is not locked out by its own success. Kept in Redis
for all workers; without Redis each process counts for itself (fails to a weaker limit, never to none).
"""

from __future__ import annotations

from collections import Counter

from prometheus_client import Counter as Metric

from app.auth.errors import TooManyAttemptsError
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.clock import Clock
from app.extensions.redis import Redis, RedisError

_WINDOW_MS = 60_000
# Whole dormitories share an address.
ADDRESS_FACTOR = 20
_FALLBACKS = Metric("seatrush_login_limit_fallbacks", "Sign-ins that were limited by one process alone")


class LoginLimits:
    """Raises TooManyAttemptsError from `charge`; `refund` after a success."""

    def __init__(self, redis: Redis, breakers: Breakers, clock: Clock, attempts_per_minute: int) -> None:
        self._redis = redis
        self._breakers = breakers
        self._clock = clock
        self._attempts = attempts_per_minute
        self._local: Counter[str] = Counter()
        self._local_window = 0

    def charge(self, username: str, address: str) -> None:
        """Count one attempt. Raises TooManyAttemptsError when there were too many in this minute."""
        window, left_ms = self._window()
        by_username, by_address = self._add(window, username, address, 1)
        if by_username > self._attempts or by_address > self._attempts * ADDRESS_FACTOR:
            raise TooManyAttemptsError(retry_after=left_ms / 1000)

    def refund(self, username: str, address: str) -> None:
        """The attempt was a success: it does not count."""
        window, _ = self._window()
        self._add(window, username, address, -1)

    def _window(self) -> tuple[int, int]:
        window, past = divmod(self._clock.epoch_ms(), _WINDOW_MS)
        return window, _WINDOW_MS - past

    def _add(self, window: int, username: str, address: str, change: int) -> tuple[int, int]:
        keys = (f"auth:login:{window}:u:{username}", f"auth:login:{window}:a:{address}")
        try:
            with self._breakers.guard("redis"):
                pipeline = self._redis.pipeline(transaction=True)
                for key in keys:
                    pipeline.incrby(key, change)
                    pipeline.pexpire(key, 2 * _WINDOW_MS)
                counts = pipeline.execute()
                return int(counts[0]), int(counts[2])
        except (RedisError, DependencyDownError):
            _FALLBACKS.inc()
            return self._add_locally(window, keys, change)

    def _add_locally(self, window: int, keys: tuple[str, str], change: int) -> tuple[int, int]:
        if window != self._local_window:
            self._local.clear()
            self._local_window = window
        self._local.update(dict.fromkeys(keys, change))
        return self._local[keys[0]], self._local[keys[1]]
