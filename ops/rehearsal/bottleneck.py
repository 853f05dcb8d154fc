"""What was busy first. A cause is told before its symptom: a queue grows wherever a processor is full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ops.rehearsal.busy import Moment
from ops.rehearsal.watching import Look

FULL = 0.9
# One process of these can use one core, however many there are.
SINGLE = ("web", "ws", "claims", "maintenance", "nginx", "redis", "crowd")
RISING = 4  # looks in a row, each deeper than the one before
DEEP = 100

What = Literal["breaker", "process", "machine", "queue", "none"]
_RANK: tuple[What, ...] = ("breaker", "process", "machine", "queue", "none")


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """`name`: the breaker; the group whose process had its core full; the group that used most of a full machine; the queue.

    `at`: when it was noticed. `share`: of a core, or of what the full machine did. `depth`: of the queue.
    """

    what: What
    name: str = ""
    at: float = 0.0
    share: float = 0.0
    depth: int = 0


def first(moments: Sequence[Moment], looks: Sequence[Look]) -> Bottleneck:
    """The earliest; of several at the same time a breaker, then a process, then the machine."""
    found = [*_breakers(looks), *_processes(moments), *_machine(moments), *_queue(looks)]
    return min(found, key=lambda one: (one.at, _RANK.index(one.what), -one.share), default=Bottleneck("none"))


def _breakers(looks: Sequence[Look]) -> Iterator[Bottleneck]:
    yield from (Bottleneck("breaker", name, look.at) for look in looks for name in look.breakers)


def _processes(moments: Sequence[Moment]) -> Iterator[Bottleneck]:
    """Twice in a row: half a second is nothing."""
    for before, now in pairwise(moments):
        for group in SINGLE:
            if min(before.busiest.get(group, 0.0), now.busiest.get(group, 0.0)) >= FULL:
                yield Bottleneck("process", group, now.at, now.busiest[group])


def _machine(moments: Sequence[Moment]) -> Iterator[Bottleneck]:
    for before, now in pairwise(moments):
        if min(before.machine, now.machine) >= FULL:
            name = max(now.cores, key=lambda group: now.cores[group])
            yield Bottleneck("machine", name, now.at, now.cores[name] / sum(now.cores.values()))


def _queue(looks: Sequence[Look]) -> Iterator[Bottleneck]:
    depths = [(one.at, one.queued) for one in looks if one.queued is not None]
    rising = 0
    for (_, before), (at, now) in pairwise(depths):
        rising = rising + 1 if now > before else 0
        if rising >= RISING and now >= DEEP:
            yield Bottleneck("queue", "claims", at, depth=now)
