"""The disk under a server is full for 20 s. Its data lie on a small disk of their own from before the load until its end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from time import sleep

from ops.drills.catalogue import Drill
from ops.drills.lab_site import LabSite
from ops.lab.disks import SmallDisk

SERVERS = {"redis": "Redis", "rabbitmq": "RabbitMQ", "mariadb": "MariaDB", "zookeeper": "ZooKeeper"}
# MariaDB's data are large, and its writer is the same again after a restart; of the others somebody else may lead by then.
ONE_HOST = ("mariadb",)
BRIEF_S = 0.6


def _full(server: str) -> Drill[LabSite]:
    def ground(site: LabSite) -> AbstractContextManager[None]:
        return _small_disks(site, server)

    def fill(site: LabSite, _: random.Random) -> None:
        disk = SmallDisk(site.lab, site.host_of(server), server)
        site.undo.callback(disk.free)
        disk.fill()

    return Drill(
        f"{server}-full-disk", f"the disk under the {SERVERS[server]} that matters is full for 20 s",
        f"{SERVERS[server]} 主节点的磁盘写满 20 秒", fill, 20.0, ground=ground,
    )  # fmt: skip


@contextmanager
def _small_disks(site: LabSite, server: str) -> Iterator[None]:
    """One host after the other, each when all are whole again."""
    names = [site.host_of(server)] if server in ONE_HOST else site.lab.names
    with ExitStack() as back:
        for name in names:
            disk = SmallDisk(site.lab, name, server)
            back.callback(site.wait_whole)
            # Before it has moved: a server that does not start on it leaves no data on a disk of memory either.
            back.callback(disk.move_out)
            disk.move_in()
            site.wait_whole()
        yield


def _briefly(site: LabSite, _: random.Random) -> None:
    """Shorter than it takes to stop it: what its members missed is missing, and nobody complains."""
    disk = SmallDisk(site.lab, site.host_of("rabbitmq"), "rabbitmq")
    site.undo.callback(disk.free)
    disk.fill()
    sleep(BRIEF_S)
    disk.free()


FULL: tuple[Drill[LabSite], ...] = (
    *map(_full, SERVERS),
    Drill(
        "rabbitmq-brief-full-disk", f"the disk under the RabbitMQ that matters is full for {BRIEF_S:g} s",
        f"RabbitMQ 主节点的磁盘写满 {BRIEF_S:g} 秒", _briefly, 20.0, ground=lambda site: _small_disks(site, "rabbitmq"),
    ),
)  # fmt: skip
