"""A member of Galera that the others went on without and that does not come back: it is started anew, and joins them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ops.stack.cluster import Cluster
from ops.stack.service import Service
from ops.stack.watchdog.base import Patience, Watchdog, undisturbed
from ops.stack.watchdog.database import Member, ask

PATIENCE_S = 20.0  # one that hears the others again is with them within a few seconds
NEW_S = 60.0  # a start may copy everything from another host


def left_out(own: str, members: Mapping[str, Member | None]) -> bool:
    """Whether a majority of all hosts say that they are in the primary component, and this one that it is in none.

    So nothing that was ever committed is missing there, and this one serves nobody: it has nothing to lose by a restart.
    """
    mine = members[own]
    if mine is None or mine.status != "non-Primary":
        return False
    return sum(one is not None and one.status == "Primary" for one in members.values()) > len(members) // 2


class LeftOutWatchdog(Watchdog):
    """Restarts this host's own by supervisor; the next restart is a minute away at least, as the member is new then."""

    name = "galera_member"
    every_s = 2.0

    def __init__(self, cluster: Cluster, port: int, database: Service) -> None:
        self._cluster = cluster
        self._port = port
        self._database = database
        self._patience = Patience(PATIENCE_S)

    def look(self) -> None:
        if not self._patience.over(self._left_out(), time.monotonic()):
            return
        with undisturbed(self._database.server.config.root) as free:
            if not free or not self._left_out():
                return
            self.did("restarted", "the others' primary component is without this member: restarting it")
            self._database.stop()
            self._database.start()
        self._patience.again()

    def _left_out(self) -> bool:
        own = self._cluster.own
        seen = ask(own.address, self._port)
        if seen is None or seen.status != "non-Primary":  # the rule, and nobody else is asked
            return False
        if self._database.runs_s < NEW_S:
            return False
        return left_out(own.name, {one.name: ask(one.address, self._port) for one in self._cluster.peers})
