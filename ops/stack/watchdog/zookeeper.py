"""ZooKeeper that found its disk full lives on and serves nobody, also when there is room again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum

from ops.stack.errors import NotReadyError
from ops.stack.service import Service
from ops.stack.watchdog.base import Patience, Watchdog, free_bytes, undisturbed

PATIENCE_S = 15.0  # an election takes less
FULL = 4 << 20  # bytes: a transaction log does not grow any more
ROOM = 16 << 20
SAY_EVERY_S = 60.0
STAYS_UP = ("RUNNING", "BACKOFF", "FATAL")  # whom nobody stopped on purpose


class Verdict(Enum):
    """What a look comes to."""

    WELL = "well"  # or not a matter of the disk
    FULL = "full"
    RESTART = "restart"


@dataclass(frozen=True)
class Seen:
    """One look at this host's ZooKeeper."""

    dead: bool  # it should run, and has named no mode for a while
    free: int  # bytes that its disk has left
    was_full: bool  # when it was dead before, the disk was full


def verdict(seen: Seen) -> Verdict:
    """Only a full disk explains what a restart mends: without a majority none serves, and none is restarted."""
    if seen.dead and seen.free < FULL:
        return Verdict.FULL
    return Verdict.RESTART if seen.dead and seen.was_full and seen.free >= ROOM else Verdict.WELL


class ZooKeeperWatchdog(Watchdog):
    """Says once a minute what an operator must do, and restarts it when that is done."""

    name = "zookeeper"
    every_s = 2.0

    def __init__(self, zookeeper: Service) -> None:
        self._zookeeper = zookeeper
        self._data = zookeeper.server.config.data("zookeeper")
        self._patience = Patience(PATIENCE_S)
        self._was_full = False
        self._said_at = -SAY_EVERY_S

    def look(self) -> None:
        serves = self._serves()
        self._was_full = self._was_full and not serves
        dead = self._patience.over(not serves and self._zookeeper.state in STAYS_UP, time.monotonic())
        free = free_bytes(self._data)
        judged = verdict(Seen(dead, free, self._was_full))
        if judged is Verdict.FULL:
            self._say(free)
        elif judged is Verdict.RESTART:
            self._restart(free)

    def _say(self, free: int) -> None:
        self._was_full = True
        if time.monotonic() - self._said_at >= SAY_EVERY_S:
            self._said_at = time.monotonic()
            self.did(
                "disk_full", "ZooKeeper serves nobody, its disk is full: make room", free=free, path=str(self._data)
            )

    def _restart(self, free: int) -> None:
        with undisturbed(self._zookeeper.server.config.root) as alone:
            if not alone or self._serves():
                return
            self.did("restarted", "there is room on ZooKeeper's disk again: restarting it", free=free)
            self._zookeeper.stop()
            self._zookeeper.start()
        self._patience.again()

    def _serves(self) -> bool:
        try:
            self._zookeeper.server.probe()
        except NotReadyError:
            return False
        return True
