"""Three real Redis servers and three sentinels on free ports: a primary that can be killed, frozen or left behind."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis

from ops.stack.packages import find_binary
from ops.stack.ports import Ports
from tests.waiting import until

NAME, PASSWORD = "campus", "trio"
COMMON = "bind 127.0.0.1\nport {port}\ndir {folder}\nlogfile log\n"
# As ops/lab has them, with a longer wait before a primary counts as down, as the machine may pause; and with a file, which an
# operator may turn on.
NODE = """requirepass {password}
masterauth {password}
appendonly yes
save ""
repl-diskless-sync-delay 0
min-replicas-to-write 1
min-replicas-max-lag 2
"""
SENTINEL = """sentinel monitor {name} 127.0.0.1 {primary} 2
sentinel auth-pass {name} {password}
sentinel down-after-milliseconds {name} 2500
sentinel failover-timeout {name} 3000
"""


class Node:
    """One server process."""

    def __init__(self, folder: Path, port: int, options: str, *arguments: str) -> None:
        folder.mkdir()
        self.port = port
        self._config = folder / "redis.conf"
        self._config.write_text(COMMON.format(port=port, folder=folder) + options)
        self._command = [find_binary("redis-server"), str(self._config), *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; `Trio` waits."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def signal(self, number: int) -> None:
        """To this process and no other."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would; until `start`."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self, password: str | None = PASSWORD) -> Redis:
        """A plain client of this very server."""
        return Redis("127.0.0.1", self.port, password=password, socket_timeout=2)


class Trio:
    """`url` follows the primary; `primary()` is the node that sentinels name."""

    def __init__(self, folder: Path) -> None:
        numbers = [*vars(Ports.free()).values()][:6]
        first = f"{numbers[0]}"
        self.nodes = [
            Node(
                folder / f"node{at}",
                port,
                NODE.format(password=PASSWORD) + (f"replicaof 127.0.0.1 {first}\n" if at else ""),
            )
            for at, port in enumerate(numbers[:3])
        ]
        watch = SENTINEL.format(name=NAME, primary=first, password=PASSWORD)
        self.sentinels = [
            Node(folder / f"sentinel{at}", port, watch, "--sentinel") for at, port in enumerate(numbers[3:])
        ]
        self.url = (
            f"redis+sentinel://:{PASSWORD}@{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/{NAME}/0"
        )

    @contextmanager
    def running(self) -> Iterator[Trio]:
        """Up while the block runs, each knowing of all the others."""
        everything = [*self.nodes, *self.sentinels]
        try:
            for node in self.nodes:
                node.start()
            until(self._replicated, "two replicas")
            for node in self.sentinels:  # they ask a second time after ten seconds only
                node.start()
            until(self._complete, "three sentinels that know of each other and of two replicas")
            yield self
        finally:
            for node in everything:
                node.kill()

    def _complete(self) -> bool:
        states = [one.client(None).sentinel_master(NAME) for one in self.sentinels]
        return all(one["num-slaves"] == 2 and one["num-other-sentinels"] == 2 for one in states)

    def _replicated(self) -> bool:
        return bool(self.nodes[0].client().info("replication")["min_slaves_good_slaves"] == 2)

    def primary(self) -> Node:
        """Whom the sentinels agree on."""
        ports = {int(one.client(None).sentinel_get_master_addr_by_name(NAME)[1]) for one in self.sentinels}
        (port,) = ports
        return next(node for node in self.nodes if node.port == port)

    def await_other_than(self, old: Node) -> Node:
        """The node that took over, once it takes writes."""

        def taken_over() -> bool:
            node = self.primary()
            return node is not old and bool(node.client().set("trio", 1))

        until(taken_over, "another primary", 120)
        return self.primary()

    def cut_replication(self) -> Node:
        """From now on the primary's writes reach no replica, and it takes them all the same, as in the two seconds before it
        would notice. Returns it."""
        primary = self.primary()
        primary.client().config_set("min-replicas-to-write", 0)
        for node in self._replicas(primary):
            node.client().config_set("masterauth", "wrong")
            node.client().client_kill_filter(_type="master")
        until(lambda: primary.client().info("replication")["connected_slaves"] == 0, "no replica")
        return primary

    def heal_replication(self, old: Node) -> None:
        """Replicas may follow a primary again."""
        for node in self._replicas(old):
            node.client().config_set("masterauth", PASSWORD)

    def _replicas(self, primary: Node) -> list[Node]:
        return [node for node in self.nodes if node is not primary]
