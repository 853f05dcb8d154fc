"""Copies of what MariaDB has, seconds old, for pages that everybody reads: a copy answers, and is read again beside the
request that found it old.

A MariaDB that hangs or is away stalls no page: only what was never read is waited for without end. A copy older than
`old_s` (nobody has asked for a while) waits GRACE_S for a newer one, then it answers after all. After a read that failed
none is tried for RETRY_S.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import Generic, TypeVar

import gevent
from gevent.event import Event

from app.extensions.coalesce import Coalescer, Ticket

logger = logging.getLogger(__name__)

Key = TypeVar("Key")
Value = TypeVar("Value")

GRACE_S = 0.25
RETRY_S = 1.0


class Copies(Generic[Key, Value]):
    """`read(keys)` returns what there is of these; what is missing there is not in the answers either. `check` raises when
    nobody should wait for a read (see Coalescer)."""

    def __init__(
        self,
        read: Callable[[Collection[Key]], Mapping[Key, Value]],
        *,
        fresh_s: float,
        old_s: float,
        most: int = 20_000,
        check: Callable[[], None] | None = None,
    ) -> None:
        self._read = read
        self._fresh_s = fresh_s
        self._old_s = old_s
        self._most = most
        self._known: dict[Key, tuple[float, Value | None]] = {}
        self._stale: set[Key] = set()
        self._refresh: Event | None = None
        self._reader: Coalescer[Key, None] = Coalescer(self._read_together, in_flight=1, check=check)

    def get_all(self, keys: Collection[Key]) -> dict[Key, Value]:
        """What there is of these. Raises what `read` or `check` raises only for what was never read."""
        known = self._known
        while strangers := [key for key in keys if key not in known]:
            for outcome in self._reader.ask_together(strangers):
                if isinstance(outcome, Exception):
                    raise outcome
        now, found = monotonic(), {key: known[key] for key in keys}
        stale = [key for key, (read_at, _) in found.items() if now - read_at >= self._fresh_s]
        if stale and self._renew(stale, wait=any(now - found[key][0] >= self._old_s for key in stale)):
            found = {key: known.get(key, entry) for key, entry in found.items()}
        return {key: value for key, (_, value) in found.items() if value is not None}

    def _renew(self, stale: Collection[Key], *, wait: bool) -> bool:
        """Have these read again. True when that was waited for."""
        self._stale.update(stale)
        refresh = self._refresh
        if refresh is None:
            refresh = self._refresh = Event()
            gevent.spawn(self._read_beside, refresh)
        if wait:
            refresh.wait(timeout=GRACE_S)
        return wait

    def _read_beside(self, refresh: Event) -> None:
        wanted, self._stale = self._stale, set()
        try:
            self._store(wanted)
        except (Exception, gevent.Timeout) as error:
            logger.info("copies stay as they were last read: %r", error)
            refresh.set()
            gevent.sleep(RETRY_S)
        finally:
            refresh.set()
            self._refresh = None

    def _read_together(self, tickets: list[Ticket[Key, None]]) -> None:
        self._store({ticket.item for ticket in tickets})
        for ticket in tickets:
            ticket.resolve(None)

    def _store(self, wanted: Collection[Key]) -> None:
        began = monotonic()
        found = self._read(wanted)
        if len(self._known) > self._most:
            self._known.clear()
        self._known.update({key: (began, found.get(key)) for key in wanted})
