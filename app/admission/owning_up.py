"""Owning up: a claim went past Redis, which may refuse only while it knows every undecided claim (docs/model.md, flaw 5).

So it is told, and gives its epoch up to be rebuilt. First before such a claim is published: whoever repeats it at another
worker, which may have noticed no outage at all, then meets a Redis that refuses nobody. A Redis that cannot be reached is
told as soon as it can.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import monotonic

import gevent

from app.admission.epochs import WORKERS_SWITCH_WITHIN_S
from app.admission.store import EpochError, SeatStore
from app.extensions.redis import RedisError

logger = logging.getLogger(__name__)

EVERY_S = 0.1
# How long claims wait for it: a Redis that can be reached answers in a millisecond, one that hangs must not stall them.
FIRST_WITHIN_S = 0.05


@dataclass(frozen=True, slots=True)
class _Attempt:
    """`told.value` is True when Redis has been told."""

    told: gevent.Greenlet[[], bool]
    since: float


class OwningUp:
    """One worker's. `note()` each claim that Redis is not told of, `tell_first()` before it is published."""

    def __init__(self, store: SeatStore) -> None:
        self._store = store
        self._at = 0.0  # when the newest such claim was taken, 0 once Redis has been told
        self._attempt: _Attempt | None = None

    def note(self) -> None:
        """Redis does not know of a claim: it must be told before it is believed again, by whichever worker."""
        known, self._at = self._at, monotonic()
        if not known:
            gevent.spawn(self._keep_telling)

    def tell(self) -> None:
        """Tell Redis what it has not been told yet, if anything. Raises RedisError, EpochError."""
        at = self._at
        if not at:
            return
        age_ms = round((monotonic() - at) * 1000)
        if self._store.distrust(age_ms=age_ms, switch_ms=round(WORKERS_SWITCH_WITHIN_S * 1000)):
            logger.warning("Redis was not told of claims and must be rebuilt")
        if self._at == at:
            self._at = 0.0

    def tell_first(self) -> None:
        """Tell it now, for as long as FIRST_WITHIN_S; nothing at all when there is nothing to tell. Never raises."""
        while self._at:
            attempt = self._attempt or self._begin()
            attempt.told.join(timeout=max(0.0, attempt.since + FIRST_WITHIN_S - monotonic()))
            if not attempt.told.value:
                return

    def _begin(self) -> _Attempt:
        """One at a time: a Redis that hangs must not collect connections."""
        self._attempt = _Attempt(gevent.spawn(self._try), monotonic())
        return self._attempt

    def _try(self) -> bool:
        try:
            self.tell()
        except (RedisError, EpochError):
            return False
        finally:
            self._attempt = None
        return True

    def _keep_telling(self) -> None:
        while self._at:
            gevent.sleep(EVERY_S)
            (self._attempt or self._begin()).told.join()
