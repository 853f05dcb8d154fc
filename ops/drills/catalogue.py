"""The drills: what is broken, for how long, and how it heals. What supervisor restarts by itself is healed by nobody else."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Generic, TypeVar

from ops.drills.site import Breakable, Site
from ops.stack import StackError
from ops.stack.servers.rabbitmq import DISK_LIMIT, MEMORY_LIMIT

S = TypeVar("S", bound=Site)
Fault = Callable[[Site, random.Random], None]
RUNS_WITHIN_S = 10.0
MEMORY, DISK = ("set_vm_memory_high_watermark", "absolute"), ("set_disk_free_limit",)


@dataclass(frozen=True, slots=True)
class Drill(Generic[S]):
    """`during` breaks something, and tells `Site.undo` how to mend it where nothing else would; `seconds` more it stays so."""

    name: str
    title: str
    title_zh: str
    during: Callable[[S, random.Random], object]
    seconds: float = 3.0
    times: float = 1.0  # the load
    ground: Callable[[S], AbstractContextManager[object]] = nullcontext  # from before the load until its end


def victim(site: Site, server: str) -> Breakable:
    """The one that matters, which runs: whoever broke nothing would find that everything holds. Raises StackError."""
    deadline = monotonic() + RUNS_WITHIN_S
    while not (one := site.service(server)).processes():
        if monotonic() > deadline:
            raise StackError(f"{server} does not run: there is nothing to break")
        sleep(0.2)
    return one


def killed(server: str) -> Fault:
    return lambda site, _: victim(site, server).kill()


def _paused(server: str) -> Fault:
    def freeze(site: Site, _: random.Random) -> None:
        one = victim(site, server)  # which by then may not be the one that matters any more
        site.undo.callback(one.resume)
        one.pause()

    return freeze


def _gone(server: str) -> Fault:
    def fall(site: Site, _: random.Random) -> None:
        one = victim(site, server)
        site.undo.callback(one.start)
        one.kill(stay_down=True)

    return fall


def _alarmed(raised: Sequence[str], gone: Sequence[str]) -> Fault:
    """The broker takes no message from anybody: one without memory or disk is enough for all."""

    def alarm(site: Site, _: random.Random) -> None:
        leader = site.broker_of_claims()
        site.undo.callback(leader, *gone)
        leader(*raised)

    return alarm


def _emptied(site: Site, _: random.Random) -> None:
    site.empty_redis()


def _storm(site: Site, _: random.Random) -> None:
    """The web program is killed again and again, as soon as it stands."""
    for _round in range(3):
        victim(site, "web").kill()
        site.wait_whole()


SERVERS_ZH = {
    "nginx": "Nginx",
    "web": "Web 进程",
    "claims": "消费者",
    "redis": "Redis",
    "rabbitmq": "RabbitMQ",
    "zookeeper": "ZooKeeper",
    "mariadb": "MariaDB",
}
# name, in words, the words that raise it and those that end it
ALARMS = (
    ("memory", "memory", "内存", (*MEMORY, "1"), (*MEMORY, MEMORY_LIMIT)),
    ("disk", "disk", "磁盘", (*DISK, "100000GB"), (*DISK, DISK_LIMIT)),
)

_ALL = (
    *(
        Drill(f"{one}-killed", f"{one} is killed (-9)", f"{zh} 被杀（-9）", killed(one))
        for one, zh in SERVERS_ZH.items()
    ),
    *(
        Drill(f"{one}-paused", f"{one} freezes for 8 s", f"{SERVERS_ZH[one]} 停顿 8 秒", _paused(one), 8.0)
        for one in ("redis", "rabbitmq", "zookeeper", "mariadb")
    ),
    *(
        Drill(f"{one}-gone", f"{one} is away for 20 s", f"{SERVERS_ZH[one]} 停机 20 秒", _gone(one), 20.0)
        for one in ("redis", "rabbitmq", "mariadb", "claims")
    ),
    Drill(
        "zookeeper-gone",
        "ZooKeeper is away for 60 s",
        "ZooKeeper 停机 60 秒",
        _gone("zookeeper"),
        60.0,
    ),
    *(
        Drill(
            f"rabbitmq-{name}",
            f"RabbitMQ's {what} alarm for 20 s",
            f"RabbitMQ {zh}告警 20 秒",
            _alarmed(raised, gone),
            20.0,
        )
        for name, what, zh, raised, gone in ALARMS
    ),
    Drill("redis-emptied", "Redis loses everything", "Redis 数据全部丢失", _emptied),
    Drill("web-storm", "the web program is killed three times", "Web 进程连续被杀三次", _storm),
)
DRILLS: dict[str, Drill[Site]] = {one.name: one for one in _ALL}
