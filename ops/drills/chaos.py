"""Chaos: one after another something is broken for a while, by chance. The seed is printed, and makes the same faults again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from time import monotonic, sleep

from ops.drills.catalogue import Drill, S
from ops.drills.site import Breakable, Site

# Breaks something and mends what nobody else would.
Strike = Callable[[S, random.Random], None]
BREAKABLE = ("nginx", "web", "claims", "maintenance", "redis", "rabbitmq", "zookeeper", "mariadb")


def chaos(minutes: float, strikes: Sequence[Strike[S]]) -> Drill[S]:
    """Random faults for so long; a strike that is there several times comes as much more often."""
    return Drill(
        "chaos", f"random faults for {minutes:g} min", f"随机故障 {minutes:g} 分钟", _struck(minutes * 60, strikes)
    )


def _struck(seconds: float, strikes: Sequence[Strike[S]]) -> Strike[S]:
    def strike(site: S, chance: random.Random) -> None:
        until = monotonic() + seconds
        while monotonic() < until:
            chance.choice(strikes)(site, chance)
            sleep(chance.uniform(2.0, 12.0))

    return strike


def kill_or_freeze(one: Breakable, chance: random.Random) -> None:
    """Supervisor starts it again, or it goes on after some seconds."""
    if chance.random() < 0.6:
        one.kill()
        return
    try:
        one.pause()
        sleep(chance.uniform(0.5, 5.0))
    finally:
        one.resume()


def _service(site: Site, chance: random.Random) -> None:
    kill_or_freeze(site.service(chance.choice(BREAKABLE)), chance)


STRIKES: tuple[Strike[Site], ...] = (_service,)
