"""Snowflake ids: 41 bits of milliseconds, 10 bits of worker number, 12 bits of sequence.

The worker number is leased from ZooKeeper (an ephemeral node). Whenever its session is in doubt it comes from a static range by
a file lock on this host; of several hosts each has a part of that range (SEATRUSH_HOST_NUMBER). So no two
processes share one.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError
from kazoo.protocol.states import KazooState

from app.extensions.clock import CampusClock
from app.extensions.zookeeper import ROOT
from app.settings import MOST_HOSTS

EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
LEASED = range(512)
STATIC = range(512, 1024)  # 64 for each of eight hosts
PER_HOST = len(STATIC) // MOST_HOSTS
LEASES = f"{ROOT}/worker-numbers"


class StaticSlot:
    """A worker number of this host, held by an flock for as long as the process lives. `host`: 0 when it is alone."""

    def __init__(self, run_dir: Path, host: int = 0) -> None:
        numbers = STATIC[(host - 1) * PER_HOST : host * PER_HOST] if host else STATIC
        folder = run_dir / "worker-numbers"
        folder.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            descriptor = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            self.number = number
            self._descriptor = descriptor
            return
        raise RuntimeError(f"all {len(numbers)} static worker numbers of this host are taken")


class Snowflakes:
    """Makes ids that grow with time and never repeat across processes. Greenlet-safe: `next_id` never switches."""

    def __init__(self, run_dir: Path, host: int = 0) -> None:
        self._static = StaticSlot(run_dir, host)
        self._leased: int | None = None
        self.worker_number = self._static.number
        self._last_ms = 0
        self._sequence = 0

    def next_id(self) -> int:
        """A new id. Waits out a clock that was set back by using the last millisecond seen."""
        now = max(CampusClock().epoch_ms() - EPOCH_MS, self._last_ms)
        if now == self._last_ms:
            self._sequence += 1
            if self._sequence > 0xFFF:
                now, self._sequence = now + 1, 0
        else:
            self._sequence = 0
        self._last_ms = now
        return (now << 22) | (self.worker_number << 12) | self._sequence

    def lease_from(self, client: KazooClient) -> None:
        """Take a worker number from ZooKeeper. While we do not hear from it the static one is used: the session may have ended
        over there, and the number be another's by now."""

        def on_state(state: Any) -> None:
            # Nodes must never be created inside a listener (kazoo); falling back needs none.
            if state == KazooState.LOST:
                self._leased = None
            leased = self._leased if state == KazooState.CONNECTED else None
            self.worker_number = self._static.number if leased is None else leased

        client.add_listener(on_state)
        try:
            client.ensure_path(LEASES)
            taken = {int(name) for name in client.get_children(LEASES)}
            for number in LEASED:
                if number in taken:
                    continue
                try:
                    client.create(f"{LEASES}/{number}", str(os.getpid()).encode(), ephemeral=True)
                except NodeExistsError:
                    continue
                self._leased = self.worker_number = number
                return
        except KazooException:
            self.worker_number = self._static.number
