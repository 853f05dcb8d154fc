"""What all watchdogs share: how they are called, their patience, and how they say what they did."""

from __future__ import annotations

import fcntl
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from prometheus_client import Counter

from ops.stack.errors import StackError

log = logging.getLogger("watchdog")
ACTS = Counter("seatrush_watchdog_acts_total", "What the host's watchdogs did by themselves", ["watchdog", "act"])


class Watchdog(ABC):
    """Looks every few seconds; a look has a bound, so has what follows from it."""

    name: str
    every_s: float

    @abstractmethod
    def look(self) -> None:
        """Look once, and act when it is time."""

    def follow(self, end: Event) -> None:
        """Look until the end; a look that fails is logged and does not end the others."""
        while not end.wait(self.every_s):
            try:
                self.look()
            except StackError as error:
                log.warning("the look failed: %s", error, extra={"watchdog": self.name})
            except Exception:
                log.exception("the look failed", extra={"watchdog": self.name})

    def did(self, act: str, message: str, **details: object) -> None:
        """Say it loudly, and count it."""
        ACTS.labels(self.name, act).inc()
        log.warning(message, extra={"watchdog": self.name, "act": act, **details})


class Patience:
    """How long something must be seen, without a break, before it counts."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def over(self, seen: bool, now: float) -> bool:
        """Whether it was seen each time for so long."""
        if not seen:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        return now - self._since >= self._seconds

    def again(self) -> None:
        """Something was done about it: the time begins anew."""
        self._since = None


@contextmanager
def undisturbed(root: Path) -> Iterator[bool]:
    """Whether nobody brings the stack up or down just now; nobody begins to while the context lasts."""
    with (root / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def free_bytes(path: os.PathLike[str]) -> int:
    """What is left on the path's disk."""
    left = os.statvfs(path)
    return left.f_bavail * left.f_frsize
