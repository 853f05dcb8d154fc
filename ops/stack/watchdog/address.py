"""The virtual address must not stay where no keepalived answers for it: killed by -9, or frozen, it leaves it behind, and the
host that takes it over is the second to have it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from ops.stack.cluster import Cluster
from ops.stack.packages import find_binary
from ops.stack.service import Service
from ops.stack.watchdog.base import Watchdog

ALIVE = ("RUNNING", "STARTING", "STOPPING")  # by supervisor's words: a keepalived that sees to its address itself


def is_left_behind(state: str, frozen: bool) -> bool:
    """Whether an address that is here has nobody who would give it up."""
    return state not in ALIVE or frozen


class AddressWatchdog(Watchdog):
    """Two holders for a second at most; keepalived itself removes what it finds when it starts."""

    name = "address"
    every_s = 0.5

    def __init__(self, cluster: Cluster, keepalived: Service) -> None:
        self._cluster = cluster
        self._keepalived = keepalived

    def look(self) -> None:
        if not has(self._cluster.vip):
            return
        state = self._keepalived.state
        if is_left_behind(state, self._frozen()):
            remove(self._cluster)
            self.did("given_up", "gave up the virtual address: no keepalived answers for it", state=state)

    def _frozen(self) -> bool:
        return any(_state(one.number) in ("T", "t") for one in self._keepalived.processes())


def has(address: str) -> bool:
    """Whether this host has the address: only what is its own can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def remove(cluster: Cluster) -> None:
    """Take it off the interface; that it went by itself meanwhile is as good."""
    address = f"{cluster.vip}/{cluster.prefix}"
    command = [find_binary("ip"), "address", "del", address, "dev", cluster.interface]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    if done.returncode != 0 and has(cluster.vip):
        raise OSError(f"{address} stays: {done.stderr.strip()}")


def _state(number: int) -> str:
    """The kernel's letter for what the process does; T: stopped."""
    try:
        return Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return ""
