"""ZooKeeper, standalone or one of an ensemble: java called directly, no admin server."""

from __future__ import annotations

from ops.stack.cluster import Cluster
from ops.stack.errors import NotReadyError
from ops.stack.packages import find_binary
from ops.stack.ports import Ports
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers.base import Process, Server, ask

JARS = ("zookeeper.jar", "slf4j-log4j12.jar", "log4j-1.2.jar")


class ZooKeeper(Server):
    """Marks, registry and leases. Runs as the caller."""

    name = "zookeeper"

    def files(self) -> list[ConfigFile]:
        etc, ports = self.config.etc("zookeeper"), self.config.ports
        text = render(
            TEMPLATES / "zoo.cfg.tmpl",
            data=self.config.data("zookeeper"),
            port=ports.zookeeper,
            address=self.config.address,
        )
        if self.config.cluster:
            text += render(TEMPLATES / "zoo-cluster.cfg.tmpl", members=_members(self.config.cluster, ports))
        log = render(TEMPLATES / "log4j.properties.tmpl")
        return [ConfigFile(etc / "zoo.cfg", text), ConfigFile(etc / "log4j.properties", log)]

    def prepare(self) -> None:
        data = self.config.data("zookeeper")
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.config.cluster:
            (data / "myid").write_text(f"{self.config.cluster.own.number}\n", encoding="ascii")

    def process(self) -> Process:
        etc = self.config.etc("zookeeper")
        classpath = ":".join([str(etc), *(f"/usr/share/java/{jar}" for jar in JARS)])
        command = [
            find_binary("java"),
            "-Xmx192m",
            # Every node here is ephemeral or a hint: none is worth an fsync, which cost 20 ms a batch under load.
            "-Dzookeeper.forceSync=no",
            "-XX:+UseSerialGC",
            # An opening minute finds the JVM cold: the optimizing compiler would take more CPU than it saves in an hour.
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            # Its counters are a file in /tmp by process id, which another host's JVM may have too (the lab).
            *(["-XX:-UsePerfData"] if self.config.cluster else []),
            "-Dzookeeper.admin.enableServer=false",
            "-Dzookeeper.jmx.log4j.disable=true",
            "-cp",
            classpath,
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            str(etc / "zoo.cfg"),
        ]
        return Process(command, folder=str(self.config.data("zookeeper")))

    def probe(self) -> None:
        answer = ask(self.config.ports.zookeeper, b"srvr\n", address=self.config.address).decode("utf-8", "replace")
        # `ruok` says imok before requests are served; `srvr` names the mode only once they are, so by a majority.
        if "Mode:" not in answer:
            raise NotReadyError(answer.strip() or "no answer to srvr")

    def ports(self) -> dict[str, int]:
        return {"zookeeper": self.config.ports.zookeeper}

    @property
    def address(self) -> str:
        return f"{self.config.address}:{self.config.ports.zookeeper}"


def _members(cluster: Cluster, ports: Ports) -> str:
    lines = (f"server.{p.number}={p.address}:{ports.zookeeper_peers}:{ports.zookeeper_votes}" for p in cluster.peers)
    return "\n".join(lines)
