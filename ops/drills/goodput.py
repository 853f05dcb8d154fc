"""How much is accepted when five times as many come as can be served: overload must cost little of the peak.

The load grows until no more is accepted for it; that is the peak. Then five times the peak comes. Every step has offerings of
its own, so the same students may come again, and everything that is checked after a drill is checked after each.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from ops.drills.load import Load, Order
from ops.drills.site import Site
from ops.drills.wishes import Wish

SECONDS = 10.0
OVERLOAD = 5.0
WANTED = 0.8  # of the peak
MORE = 1.1  # less growth than this for twice the load is none
STEPS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """A load: students that came a second, wishes that were accepted a second, and what was wrong afterwards."""

    per_second: float
    accepted: float
    violations: list[str]


@dataclass(frozen=True, slots=True)
class Goodput:
    """All steps, the overload last."""

    steps: list[Step]

    @property
    def peak(self) -> float:
        return max(one.accepted for one in self.steps[:-1])

    @property
    def share(self) -> float:
        """Of the peak, under overload."""
        return self.steps[-1].accepted / self.peak if self.peak else 0.0

    @property
    def holds(self) -> bool:
        return self.share >= WANTED and not any(one.violations for one in self.steps)


def goodput(measure: Callable[[float], Step], rate: float) -> Goodput:
    """`measure` loads at a rate, which is doubled from `rate` on."""
    steps = [measure(rate)]
    while len(steps) < STEPS:
        steps.append(measure(steps[-1].per_second * 2))
        if steps[-1].accepted < steps[-2].accepted * MORE:
            break
    peak = max(one.accepted for one in steps)
    return Goodput([*steps, measure(OVERLOAD * (peak or rate))])


def measured(site: Site, folder: Path, per_second: float, seed: int) -> Step:
    """One step on a site: for ten seconds, or as long as there is somebody who has not come."""
    site.wait_whole()
    offerings, path = site.books.offerings(), folder / "goodput.jsonl"
    students = random.Random(seed).sample(site.students, len(site.students))
    # The last one does not come: it would be all of them, which a load complains of.
    seconds = min(SECONDS, (len(students) - 2) / per_second)
    order = Order(site.address, students, offerings, per_second, seconds, seed, path)
    load = Load(order, prefix=site.prefix)
    try:
        sleep(seconds)
        told = load.stop()
    finally:
        load.kill()
    return Step(per_second, accepted(told.wishes, seconds), site.books.wrong(path, offerings))


def accepted(wishes: Sequence[Wish], seconds: float) -> float:
    """Wishes a second that were accepted for the first time in that many seconds from the first request on."""
    begun = min((one.answers[0].asked_at for one in wishes if one.answers), default=0.0)
    firsts = [next((a.told_at for a in one.answers if a.status == 202), None) for one in wishes]
    return sum(at is not None and at <= begun + seconds for at in firsts) / seconds


def line(found: Goodput) -> str:
    """In one line of a terminal."""
    shown = ", ".join(f"{one.accepted:.0f} of {one.per_second:.0f}" for one in found.steps)
    wrong = sum(len(one.violations) for one in found.steps)
    return f"accepted/s of those who came: {shown}; at {OVERLOAD:g} times the peak {found.share:.0%} of it, {wrong} violations"
