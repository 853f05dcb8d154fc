"""Galera's members that see each other and have no primary component among them: one of them is told to begin it again.

Two primary components would be two databases. So nothing is done before every host of the inventory has been asked: whoever
can't be reached may be in a primary component with somebody else, and then it is for an operator to say (docs/watchdogs.md).
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pymysql

from ops.stack.cluster import Cluster
from ops.stack.config import StackConfig
from ops.stack.watchdog.base import Patience, Watchdog, undisturbed

PATIENCE_S = 10.0  # members that come together again find their primary component within 3 s
LIMIT_S = 2.0
BOOTSTRAP = "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'"


@dataclass(frozen=True)
class Member:
    """What a host says of its MariaDB (`GET /member` of galera_check)."""

    runs: bool  # False: nobody listens, so it serves nobody
    status: str = ""  # Primary, non-Primary or Disconnected
    together: tuple[str, ...] = ()  # the members that it sees, itself too
    history: str = ""  # which cluster's data it has
    seqno: int = -1  # how far it has come in that


def chosen(members: Mapping[str, Member | None]) -> str | None:
    """The host that begins the primary component; None: nobody. `members` in the inventory's order, None: not to be asked.

    Members that ran when they lost it, all but one at most, have together everything that was ever committed: each primary
    component has more than half of the one before, so the last one had more than those it left behind, two at least, and
    one of them is here. (Of five, three may have been left behind one after another by two that are starting just now, and
    go on.) All hosts come to the same choice.
    """
    known = {name: member for name, member in members.items() if member is not None}
    running = {name: member for name, member in known.items() if member.runs}
    if len(known) < len(members) or len(running) < len(members) - 1:
        return None
    if any(member.status != "non-Primary" for member in running.values()):
        return None
    views = {(member.together, member.history) for member in running.values()}
    if len(views) > 1 or len(next(iter(views))[0]) < len(running):
        return None
    return max(running, key=lambda name: running[name].seqno)  # the first of equals


class DatabaseWatchdog(Watchdog):
    """On the chosen host it bootstraps; the others join it, being in one component with it already."""

    name = "galera"
    every_s = 2.0

    def __init__(self, config: StackConfig, cluster: Cluster) -> None:
        self._config = config
        self._cluster = cluster
        self._patience = Patience(PATIENCE_S)

    def look(self) -> None:
        if not self._patience.over(self._mine(), time.monotonic()):
            return
        with undisturbed(self._config.root) as free:
            if not free or not self._mine():
                return
            begin(self._config)
            self.did("bootstrapped", "no member had a primary component: began it here")
        self._patience.again()

    def _mine(self) -> bool:
        """Whether it is for this host to begin, as things are now."""
        own, port = self._cluster.own, self._config.ports.database_check
        seen = ask(own.address, port)
        if seen is None or seen.status != "non-Primary":  # the rule, and nobody else is asked
            return False
        return chosen({peer.name: ask(peer.address, port) for peer in self._cluster.peers}) == own.name


def ask(address: str, port: int) -> Member | None:
    """What the host says of its member; None when it says nothing, or can't know."""
    try:
        with urllib.request.urlopen(f"http://{address}:{port}/member", timeout=LIMIT_S) as answer:
            return understood(json.load(answer))
    except (OSError, ValueError, KeyError):
        return None


def understood(said: dict[str, Any]) -> Member:
    """The member of the answer; KeyError, ValueError when it is none."""
    if said["runs"] is None:
        raise ValueError("its host can't tell")
    if not said["runs"]:
        return Member(runs=False)
    together = tuple(sorted(said["wsrep_incoming_addresses"].split(",")))
    seqno = int(said["wsrep_last_committed"])
    return Member(True, said["wsrep_cluster_status"], together, said["wsrep_cluster_state_uuid"], seqno)


def begin(config: StackConfig) -> None:
    """Make this member's component the primary one; a member of one refuses it, and stays as it is."""
    connection = pymysql.connect(
        unix_socket=str(config.sockets / "mariadb" / "mariadb.sock"),
        ssl_disabled=True,
        user="root",
        password=config.secrets.read("database_root"),
        connect_timeout=int(LIMIT_S),
        read_timeout=5,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(BOOTSTRAP)
