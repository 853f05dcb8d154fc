"""The drills: what is broken, for how long, and how it heals. What supervisor restarts by itself is healed by nobody else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Generic, TypeVar

from ops.drills.site import Site

S = TypeVar("S", bound=Site)


@dataclass(frozen=True, slots=True)
class Drill(Generic[S]):
    """`during` breaks something; after `seconds` more `heal` mends it, where nothing else would."""

    name: str
    title: str
    title_zh: str
    during: Callable[[S, random.Random], None]
    seconds: float = 3.0
    heal: Callable[[S], None] | None = None


def killed(server: str) -> Callable[[Site, random.Random], None]:
    return lambda site, _: site.service(server).kill()


def _paused(server: str) -> Callable[[Site, random.Random], None]:
    return lambda site, _: site.service(server).pause()


def _resumed(server: str) -> Callable[[Site], None]:
    return lambda site: site.service(server).resume()


def _gone(server: str) -> Callable[[Site, random.Random], None]:
    return lambda site, _: site.service(server).kill(stay_down=True)


def _started(server: str) -> Callable[[Site], None]:
    return lambda site: site.service(server).start()


def _emptied(site: Site, _: random.Random) -> None:
    site.empty_redis()


def _storm(site: Site, _: random.Random) -> None:
    """The web program is killed again and again, as soon as it stands."""
    for _round in range(3):
        site.service("web").kill()
        site.wait_whole()


def _chaos(seconds: float) -> Callable[[Site, random.Random], None]:
    """One after another something is killed or frozen for a while, until so much time has passed."""

    def strike(site: Site, chance: random.Random) -> None:
        until = monotonic() + seconds
        while monotonic() < until:
            name = chance.choice(BREAKABLE)
            if chance.random() < 0.6:
                site.service(name).kill()
            else:
                site.service(name).pause()
                sleep(chance.uniform(0.5, 5.0))
                site.service(name).resume()
            sleep(chance.uniform(2.0, 12.0))

    return strike


BREAKABLE = ("nginx", "web", "claims", "maintenance", "redis", "rabbitmq", "zookeeper", "mariadb")
SERVERS_ZH = {
    "nginx": "Nginx",
    "web": "Web 进程",
    "claims": "消费者",
    "redis": "Redis",
    "rabbitmq": "RabbitMQ",
    "zookeeper": "ZooKeeper",
    "mariadb": "MariaDB",
}
AWAY_S = {"redis": 20, "rabbitmq": 20, "mariadb": 20, "claims": 20, "zookeeper": 60}

_ALL = (
    *(
        Drill(f"{one}-killed", f"{one} is killed (-9)", f"{zh} 被杀（-9）", killed(one))
        for one, zh in SERVERS_ZH.items()
    ),
    *(
        Drill(
            f"{one}-paused", f"{one} freezes for 8 s", f"{SERVERS_ZH[one]} 停顿 8 秒", _paused(one), 8.0, _resumed(one)
        )
        for one in ("redis", "rabbitmq", "zookeeper", "mariadb")
    ),
    *(
        Drill(
            f"{one}-gone", f"{one} is away for 20 s", f"{SERVERS_ZH[one]} 停机 20 秒", _gone(one), 20.0, _started(one)
        )
        for one in ("redis", "rabbitmq", "mariadb", "claims")
    ),
    Drill(
        "zookeeper-gone",
        "ZooKeeper is away for 60 s",
        "ZooKeeper 停机 60 秒",
        _gone("zookeeper"),
        60.0,
        _started("zookeeper"),
    ),
    Drill("redis-emptied", "Redis loses everything", "Redis 数据全部丢失", _emptied),
    Drill("web-storm", "the web program is killed three times", "Web 进程连续被杀三次", _storm),
)
DRILLS: dict[str, Drill[Site]] = {one.name: one for one in _ALL}


def chaos(minutes: float) -> Drill[Site]:
    """Random faults; the seed is printed, and makes the same faults again."""
    return Drill("chaos", f"random faults for {minutes:g} min", f"随机故障 {minutes:g} 分钟", _chaos(minutes * 60), 1.0)
