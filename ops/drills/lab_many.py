"""What is lost on several hosts at once: all consumers, all members of the database, ZooKeeper's majority."""

from __future__ import annotations

import random
from collections.abc import Iterable

from ops.drills.catalogue import Drill
from ops.drills.lab_site import LabService, LabSite
from ops.lab.errors import LabError
from ops.stack import processes


def _consumers(site: LabSite, _: random.Random) -> None:
    """Supervisor starts them again."""
    _kill_at_once(site.everywhere("claims"))


def _members(site: LabSite, _: random.Random) -> None:
    """Supervisor starts each again; they must find themselves by what each knows of the last view."""
    _kill_at_once(site.everywhere("mariadb"))


def _majority(site: LabSite, _: random.Random) -> None:
    """The leader, and one of the two others."""
    leader = site.host_of("zookeeper")
    left = next(name for name in site.lab.names if name != leader)
    for one in site.everywhere("zookeeper"):
        if one.host != left:
            site.undo.callback(one.start)
            one.kill(stay_down=True)


def _workers(site: LabSite, chance: random.Random) -> None:
    """Three times the web program of a host, any of them, as soon as all stand again."""
    for _round in range(3):
        _kill_at_once([chance.choice(site.everywhere("web"))])
        site.wait_whole()


def _kill_at_once(services: Iterable[LabService]) -> None:
    """Raises LabError when one of them was not there to be killed, or survives."""
    members = [(service, service.processes()) for service in services]
    if gone := [f"{one.name} on {one.host}" for one, found in members if not found]:
        raise LabError(f"{', '.join(gone)} did not run")
    if left := processes.kill_all([one for _, found in members for one in found]):
        raise LabError(f"{len(left)} processes survive SIGKILL")


MANY: tuple[Drill[LabSite], ...] = (
    Drill(
        "claims-killed-all", "the consumers of all hosts are killed (-9) at once", "所有主机的消费者同时被杀（-9）",
        _consumers,
    ),
    Drill(
        "mariadb-killed-all", "all members of MariaDB are killed (-9) at once", "MariaDB 全部节点同时被杀（-9）",
        _members,
    ),
    Drill("zookeeper-quorum", "ZooKeeper has no majority for 60 s", "ZooKeeper 失去多数 60 秒", _majority, 60.0),
    Drill(
        "web-storm-all", "the web program of some host is killed, three times", "随机主机的 Web 进程连续被杀三次",
        _workers,
    ),
)  # fmt: skip
