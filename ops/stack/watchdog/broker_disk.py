"""RabbitMQ on a full disk: what its write-ahead log could not take is missing in its members, which live on and do not follow.

What is to be delivered to consumers of this node goes by them, and reaches nobody (seen in `rabbitmq-full-disk`: claims waited
until the node was started again); meanwhile its alarm keeps everybody in the cluster from publishing. A node without room is
of no use, so it is stopped where the others do without it, and started when there is room. One that had none for a moment only
is started again: nobody can tell what it has missed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum

from ops.stack.cluster import Cluster
from ops.stack.ports import Ports
from ops.stack.service import Service
from ops.stack.watchdog.base import Patience, Watchdog, free_bytes, undisturbed
from ops.stack.watchdog.broker import accepts

FULL = 4 << 20  # bytes
ROOM = 256 << 20  # more than it wants to have left (DISK_LIMIT), or its alarm would be on again at once
PATIENCE_S = 1.0
ASK_EVERY_S = 1.0  # supervisor and the other hosts, while there is something to be done and it cannot be
APART_S = 3.0  # disks that fill for one reason fill together: the second host must see that the first has gone


class Verdict(Enum):
    """What a look comes to."""

    WELL = "well"
    STOP = "stop"
    START = "start"
    RESTART = "restart"  # it went through a full disk
    FORGET = "forget"  # somebody else has started it: when it is stopped the next time, that is not for want of room


@dataclass(frozen=True)
class Seen:
    """One look at this host's node. `free`: bytes that its disk has left; `was_full`: since it started, not for a while now;
    `others`: hosts whose broker takes connections."""

    free: int
    runs: bool
    stopped_here: bool  # by this watchdog, for want of room
    others: int
    hosts: int
    was_full: bool = False

    @property
    def spared(self) -> bool:
        """The others do without it."""
        return self.others == self.hosts - 1 and self.others > self.hosts // 2


def verdict(seen: Seen) -> Verdict:
    """Never one that the others need, nor one that somebody else has stopped."""
    if seen.runs and seen.free < FULL and seen.spared:
        return Verdict.STOP
    if seen.free < ROOM:
        return Verdict.WELL
    if seen.stopped_here:
        return Verdict.FORGET if seen.runs else Verdict.START
    return Verdict.RESTART if seen.runs and seen.was_full and seen.spared else Verdict.WELL


class BrokerDiskWatchdog(Watchdog):
    """Stops and starts it by supervisor. That it was this watchdog is kept in a file, as it may be started again itself."""

    name = "rabbitmq_disk"
    every_s = 0.2  # a look is one question to the kernel while there is room

    def __init__(self, cluster: Cluster, ports: Ports, broker: Service) -> None:
        config = broker.server.config
        self._cluster = cluster
        self._ports = ports
        self._broker = broker
        self._data = config.data("rabbitmq")
        self._root = config.root
        self._note = config.run / "rabbitmq-without-room"
        own_turn_s = PATIENCE_S + APART_S * (cluster.own.number - 1)
        self._full = Patience(own_turn_s)
        self._room = Patience(own_turn_s)
        self._full_at: float | None = None  # when it was seen last
        self._not_before = 0.0

    def look(self) -> None:
        free, now = free_bytes(self._data), time.monotonic()
        if free < FULL:
            self._full_at = now
        full = self._full.over(free < FULL, now)
        was_full = self._room.over(free >= ROOM and self._full_at is not None, now)
        if was_full and self._began_after(now):
            self._full_at, was_full = None, False
        if not (full or was_full or (free >= ROOM and self._note.exists())) or now < self._not_before:
            return
        self._not_before = now + ASK_EVERY_S
        judged = verdict(self._seen(free, was_full=was_full))
        if judged is Verdict.WELL:
            return
        with undisturbed(self._root) as alone:
            if alone and verdict(self._seen(free_bytes(self._data), was_full=was_full)) is judged:
                self._act(judged, free)

    def _began_after(self, now: float) -> bool:
        """Whether the node was started, by whomever, since its disk was full."""
        return self._full_at is not None and 0 < self._broker.runs_s < now - self._full_at

    def _act(self, judged: Verdict, free: int) -> None:
        if judged is Verdict.STOP:
            self._note.touch()
            self.did(
                "stopped", "RabbitMQ's disk is full: stopping it until there is room", free=free, path=str(self._data)
            )
            self._broker.stop()
            return
        self._full_at = None
        if judged is Verdict.RESTART:
            self.did(
                "restarted", "RabbitMQ's disk was full: starting it again, as it may have missed something", free=free
            )
            self._note.touch()  # what fails between the two is gone on with as after a stop
            self._broker.stop()
            self._broker.start()
        if judged is Verdict.START:
            self.did("started", "there is room on RabbitMQ's disk again: starting it", free=free)
            self._broker.start()
        self._note.unlink(missing_ok=True)

    def _seen(self, free: int, *, was_full: bool) -> Seen:
        peers = self._cluster.peers
        others = sum(accepts(peer.address, self._ports.amqp) for peer in peers if peer != self._cluster.own)
        return Seen(free, self._broker.runs_s > 0, self._note.exists(), others, len(peers), was_full)
