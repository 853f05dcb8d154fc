"""Snowflake ids: 41 bits of milliseconds, 10 bits of worker number, 12 bits of sequence.

The worker number is leased from ZooKeeper (an ephemeral node); without ZooKeeper it comes from a static range by a
file lock on this host, so two processes never share one.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError
from kazoo.protocol.states import KazooState

from app.extensions.zookeeper import ROOT

EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
LEASED = range(768)
STATIC = range(768, 1024)
LEASES = f"{ROOT}/worker-numbers"


class StaticSlot:
    """A worker number of this host, held by an flock for as long as the process lives."""

    def __init__(self, run_dir: Path) -> None:
        folder = run_dir / "worker-numbers"
        folder.mkdir(parents=True, exist_ok=True)
        for number in STATIC:
            descriptor = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            self.number = number
            self._descriptor = descriptor
            return
        raise RuntimeError(f"all {len(STATIC)} static worker numbers of this host are taken")


class Snowflakes:
    """Makes ids that grow with time and never repeat across processes. Greenlet-safe: `next_id` never switches."""

    def __init__(self, run_dir: Path) -> None:
        self._static = StaticSlot(run_dir)
        self.worker_number = self._static.number
        self._last_ms = 0
        self._sequence = 0

    def next_id(self) -> int:
        """A new id. Waits out a clock that was set back by using the last millisecond seen."""
        now = max(time.time_ns() // 1_000_000 - EPOCH_MS, self._last_ms)
        if now == self._last_ms:
            self._sequence += 1
            if self._sequence > 0xFFF:
                now, self._sequence = now + 1, 0
        else:
            self._sequence = 0
        self._last_ms = now
        return (now << 22) | (self.worker_number << 12) | self._sequence

    def lease_from(self, client: KazooClient) -> None:
        """Take a worker number from ZooKeeper; fall back to the static one whenever the session is lost."""

        def on_state(state: Any) -> None:
            # Nodes must never be created inside a listener (kazoo); falling back needs none.
            if state == KazooState.LOST:
                self.worker_number = self._static.number

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
                self.worker_number = number
                return
        except KazooException:
            self.worker_number = self._static.number
