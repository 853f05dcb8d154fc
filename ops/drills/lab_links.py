"""What happens on the wire: a host whose clients reach it and whose peers don't, one server of it so, lost packets."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ops.drills.catalogue import Drill
from ops.drills.lab_site import LabSite
from ops.lab.filters import Filters

# The ports by which a server talks to the others of its cluster.
BETWEEN = {
    "rabbitmq": ("RabbitMQ", "the leader of the claims' queues", "队列主节点", ("amqp_dist", "epmd")),
    "mariadb": ("MariaDB", "the writer", "写节点", ("galera", "galera_copy", "galera_changes")),
    "zookeeper": ("ZooKeeper", "the leader", "主节点", ("zookeeper_peers", "zookeeper_votes")),
    "redis": ("Redis", "the primary", "主节点", ("redis", "sentinel")),
}
PERCENT = 5


def _writer_cut(site: LabSite, _: random.Random) -> None:
    """The cable of the host that has it."""
    host = site.lab.host(site.host_of("mariadb"))
    site.undo.callback(site.lab.network.mend, host)
    site.lab.network.cut(host)


def _leader_parted(site: LabSite, _: random.Random) -> None:
    """The host whose broker leads reaches clients, and no other host."""
    _part(site, site.host_of("rabbitmq"))


def _part(site: LabSite, name: str, ports: Sequence[int] = ()) -> None:
    others = [peer.address for peer in site.lab.inventory.peers if peer.name != name]
    _filters(site, name).part(others, ports)


def _filters(site: LabSite, name: str) -> Filters:
    """Of a host, until the drill heals."""
    made = Filters(site.lab.host(name), site.lab.inventory.interface)
    site.undo.callback(made.clear)
    return made


def _server_parted(server: str) -> Drill[LabSite]:
    name, role, role_zh, ports = BETWEEN[server]

    def part(site: LabSite, _: random.Random) -> None:
        host = site.host_of(server)
        _part(site, host, [getattr(site.lab.config(host).ports, one) for one in ports])

    return Drill(
        f"{server}-partitioned", f"{name}: {role} is cut off from the other members for 20 s",
        f"{name} {role_zh}与其他成员断开 20 秒", part, 20.0,
    )  # fmt: skip


def lossy(site: LabSite, _: random.Random) -> None:
    """Every host, until the drill heals."""
    for name in site.lab.names:
        _filters(site, name).lose(PERCENT)


LINKS: tuple[Drill[LabSite], ...] = (
    *map(_server_parted, BETWEEN),
    Drill(
        "host-partitioned", "the host of the claims' queues is cut off from the others, not from clients, for 20 s",
        "队列主节点所在主机与其他主机断开 20 秒（客户端仍可达）", _leader_parted, 20.0,
    ),
    Drill(
        "mariadb-cut", "the host of MariaDB's writer is cut off for 20 s", "MariaDB 写节点所在主机断网 20 秒",
        _writer_cut, 20.0,
    ),
    Drill(
        "packet-loss", f"every host loses {PERCENT} % of the packets for 20 s", f"所有主机丢包 {PERCENT}% 共 20 秒",
        lossy, 20.0,
    ),
)  # fmt: skip
