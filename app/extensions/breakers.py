"""One circuit breaker per dependency and process.

`calling()` rather than `call()`: pybreaker's `call` holds its lock while the protected call runs (PITFALLS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
import pybreaker
from prometheus_client import Gauge

from app.errors import SeatrushError
from app.extensions.db import is_failure

# Of the live ones: the breaker of a worker that died with it open would stay open for ever.
_STATE = Gauge(
    "seatrush_breaker_open",
    "1 while the breaker of a dependency is open in any process of this host",
    ["dependency"],
    multiprocess_mode="livemax",
)

NAMES = ("database", "redis", "rabbitmq", "zookeeper")

Harmless = type[BaseException] | Callable[[BaseException], bool]

# A killed greenlet says nothing about any dependency, nor does a domain's own "no such thing".
_NOBODYS: tuple[Harmless, ...] = (gevent.GreenletExit, SeatrushError)
# Dependency → what else is no failure of it.
_HARMLESS: dict[str, tuple[Harmless, ...]] = {"database": (lambda error: not is_failure(error),)}


class DependencyDownError(Exception):
    """The breaker is open: the call was not made. `args[0]` names the dependency."""


class _Watch(pybreaker.CircuitBreakerListener):
    def state_change(self, cb: pybreaker.CircuitBreaker, old_state: object, new_state: object) -> None:
        _STATE.labels(cb.name).set(0 if cb.current_state == pybreaker.STATE_CLOSED else 1)


class Breakers:
    """`with breakers.guard("redis"): …` counts failures and refuses at once while the dependency is known to be down."""

    def __init__(self, *, fail_max: int = 3, reset_timeout: float = 1.0) -> None:
        self._breakers = {
            name: pybreaker.CircuitBreaker(
                fail_max=fail_max,
                reset_timeout=reset_timeout,
                name=name,
                exclude=[*_NOBODYS, *_HARMLESS.get(name, ())],
                listeners=[_Watch()],
                throw_new_error_on_trip=False,
            )
            for name in NAMES
        }
        for name in NAMES:
            _STATE.labels(name).set(0)  # told from the start, so that a rule has something to look at

    @contextmanager
    def guard(self, name: str) -> Iterator[None]:
        """Protect one call. Raises DependencyDownError when open; any other error passes through, and is counted unless
        it says nothing about the dependency."""
        try:
            with self._breakers[name].calling():
                yield
        except pybreaker.CircuitBreakerError as error:
            raise DependencyDownError(name) from error

    def closed(self, name: str) -> bool:
        """True while calls are being let through normally."""
        return bool(self._breakers[name].current_state == pybreaker.STATE_CLOSED)

    def states(self) -> dict[str, str]:
        """Dependency → "closed", "open" or "half-open" as this process sees it."""
        return {name: str(breaker.current_state) for name, breaker in self._breakers.items()}
