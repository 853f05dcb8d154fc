"""RabbitMQ that stays down after a heal: its node lives and sees the others, its application does not come back (1 of 13)."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from ops.stack.cluster import Cluster
from ops.stack.ports import Ports
from ops.stack.service import Service
from ops.stack.watchdog.base import Patience, Watchdog, undisturbed

BOOT_S = 120.0  # a start waits for other nodes, and has the time-outs of its own
PATIENCE_S = 20.0  # a node that sees a majority again starts its application within a few seconds
APART_S = 15.0  # when several hang, the second waits for what the first one's start brings
LIMIT_S = 1.0


@dataclass(frozen=True)
class Seen:
    """One look at this host's node."""

    runs_s: float  # so long has supervisor had it running, 0 when it doesn't run
    refuses: bool  # nobody listens for AMQP: the application is not started (a busy or frozen one takes connections)
    nodes: int  # whose Erlang answers for the others, this host's too
    hosts: int


def hangs(seen: Seen) -> bool:
    """Without a majority it has stopped its application on purpose (pause_minority); a start may take its time."""
    return seen.refuses and seen.runs_s > BOOT_S and seen.nodes > seen.hosts // 2


class BrokerWatchdog(Watchdog):
    """Restarts it by supervisor; the next restart is two minutes away at least, as the node is new then."""

    name = "rabbitmq"
    every_s = 2.0

    def __init__(self, cluster: Cluster, ports: Ports, broker: Service) -> None:
        self._cluster = cluster
        self._ports = ports
        self._broker = broker
        self._patience = Patience(PATIENCE_S + APART_S * (cluster.own.number - 1))

    def look(self) -> None:
        if not self._patience.over(hangs(self._seen()), time.monotonic()):
            return
        with undisturbed(self._broker.server.config.root) as free:
            if not free or not hangs(self._seen()):
                return
            self.did("restarted", "RabbitMQ's node runs and its application does not: restarting it")
            self._broker.stop()
            self._broker.start()
        self._patience.again()

    def _seen(self) -> Seen:
        peers = self._cluster.peers
        if not refuses(self._cluster.own.address, self._ports.amqp):  # the rule, and it costs one connection
            return Seen(0.0, False, 0, len(peers))
        nodes = sum(accepts(peer.address, self._ports.amqp_dist) for peer in peers)
        return Seen(self._broker.runs_s, True, nodes, len(peers))


def refuses(address: str, port: int) -> bool:
    """Whether the host answers that nobody listens there."""
    try:
        socket.create_connection((address, port), timeout=LIMIT_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def accepts(address: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((address, port), timeout=LIMIT_S).close()
    except OSError:
        return False
    return True
