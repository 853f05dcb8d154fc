"""One circuit breaker per dependency and process.

While one is half-open a single call is let through, the trial; whoever else comes is refused at once, as if it were open. A
server that is frozen costs every trial seconds, and they shall be one request's, not everybody's.

`calling()` rather than `call()`: pybreaker's `call` holds its lock while the protected call runs (PITFALLS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from time import monotonic

import gevent
import pybreaker
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from app.errors import SeatrushError
from app.extensions.db import is_failure, is_silence
from app.extensions.trials import TRIALS, Trial, on_trial

# Of the live ones: the breaker of a worker that died with it open would stay open for ever.
_STATE = Gauge(
    "seatrush_breaker_open",
    "1 while the breaker of a dependency is open in any process of this host",
    ["dependency"],
    multiprocess_mode="livemax",
)

NAMES = ("database", "redis", "rabbitmq", "zookeeper")

Harmless = type[BaseException] | Callable[[BaseException], bool]


class DependencyDownError(Exception):
    """The breaker is open: the call was not made. `args[0]` names the dependency."""


# A killed greenlet says nothing about any dependency, nor does another one that is down.
_SAYS_NOTHING = (gevent.GreenletExit, DependencyDownError)
# Nor does a domain's own "no such thing" speak against one.
_NOBODYS: tuple[Harmless, ...] = (*_SAYS_NOTHING, SeatrushError)
# Dependency → what else is no failure of it.
_HARMLESS: dict[str, tuple[Harmless, ...]] = {
    "database": (lambda error: not is_failure(error),),
    "redis": (SQLAlchemyError,),  # of what is read there to be handed over
}
# Dependency → which failure is enough by itself: a page that asks three times would wait three times.
_ENOUGH: dict[str, Callable[[BaseException], bool]] = {"database": is_silence}
# How long a trial keeps others from trying. MariaDB's may be a long transaction, which says nothing until it ends: longer
# than connecting takes (db_link.py), and no longer. The others answer in milliseconds or not at all; and claims that go past
# a Redis that is back cost a rebuild.
_ALONE_S = {"database": 5.0}
_ALONE_OTHERS_S = 0.25


_NO_TRIAL: AbstractContextManager[None] = nullcontext()


class _SteadyStorage(pybreaker.CircuitMemoryStorage):
    """Remembers when the breaker was opened by a clock that nobody sets: pybreaker asks the machine's, and one that is set back
    by minutes would keep it open for minutes."""

    _opened: float | None = None

    @property
    def opened_at(self) -> datetime | None:
        return None if self._opened is None else datetime.now(UTC) - timedelta(seconds=monotonic() - self._opened)

    @opened_at.setter
    def opened_at(self, datetime: datetime) -> None:
        self._opened = monotonic()


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
                state_storage=_SteadyStorage(pybreaker.STATE_CLOSED),
                throw_new_error_on_trip=False,
            )
            for name in NAMES
        }
        self._trials: dict[str, Trial] = {}  # the newest one under way
        for name in NAMES:
            _STATE.labels(name).set(0)  # told from the start, so that a rule has something to look at

    @contextmanager
    def guard(self, name: str) -> Iterator[None]:
        """Protect one call. Raises DependencyDownError when open, or half-open and somebody else is trying; any other error
        passes through, and is counted unless it says nothing about the dependency."""
        breaker, down = self._breakers[name], not self.closed(name)
        if down and on_trial(breaker):
            yield  # the guard around it counts
            return
        self.check(name)
        try:
            with breaker.calling(), self._trial(name) if down else _NO_TRIAL:
                yield
        except pybreaker.CircuitBreakerError as error:
            raise DependencyDownError(name) from error
        except _SAYS_NOTHING:
            if down:
                breaker.half_open()  # nobody knows yet: the next one tries
            raise
        except Exception as error:
            if name in _ENOUGH and _ENOUGH[name](error):
                breaker.open()
            raise

    def check(self, name: str) -> None:
        """Raises DependencyDownError while somebody else's trial is under way: for who would otherwise wait in a line behind
        it, and be refused in the end."""
        trial = self._trials.get(name)
        if trial is None or self.closed(name) or on_trial(self._breakers[name]):
            return
        if monotonic() - trial.began < _ALONE_S.get(name, _ALONE_OTHERS_S):
            raise DependencyDownError(name)

    @contextmanager
    def _trial(self, name: str) -> Iterator[None]:
        """Entered without a switch since it was seen that nobody else tries."""
        trial = self._trials[name] = Trial(self._breakers[name])
        TRIALS.set(TRIALS.get() | {trial})
        try:
            yield
        finally:
            trial.over = True
            TRIALS.set(TRIALS.get() - {trial})
            if self._trials.get(name) is trial:
                del self._trials[name]

    def try_again(self, name: str) -> None:
        """Its client says that it is connected again: the next call is a trial, however short a time ago the breaker opened."""
        if not self.closed(name):
            self._breakers[name].half_open()

    def closed(self, name: str) -> bool:
        """True while calls are being let through normally."""
        return bool(self._breakers[name].current_state == pybreaker.STATE_CLOSED)

    def states(self) -> dict[str, str]:
        """Dependency → "closed", "open" or "half-open" as this process sees it."""
        return {name: str(breaker.current_state) for name, breaker in self._breakers.items()}
