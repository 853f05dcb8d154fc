"""How much is answered for good (accepted, or refused by a rule) when five times as many come as can be served: overload
must cost little of the peak.

The load grows until no more is answered for it; that is the peak. Then five times the peak comes. Every step has offerings of
its own, so the same students may come again, and everything that is checked after a drill is checked after each. All steps
last equally long: the first answers of a rush take a second or two, and a step that is not longer would see none of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import sleep

from ops.drills.answers import drifted, wrong_answers
from ops.drills.load import CART_EVERY, Load, Order
from ops.drills.processors import apart
from ops.drills.site import Site
from ops.drills.visits import CART
from ops.drills.wishes import Wish
from ops.stack import StackError

SECONDS = 15.0
OVERLOAD = 5.0
WANTED = 0.8  # of the peak
MORE = 1.1  # less growth than this for twice the load is none,
IDLE = 2  # and one such step may be a moment in which the machine was busy with something else
ENOUGH = 0.9  # of the overload
STEPS = 8
# Of four students three book a lecture and one sends a cart of four (load.py); what they want later comes on top.
WISHES_EACH = (CART_EVERY - 1 + CART) / CART_EVERY
# At ten times what can be answered in a second, fifteen seconds of wishes take two and a half minutes.
LAST_TOLD_WITHIN_S = 300.0
SPARE = 10  # students who do not come: if the last one did, the load would complain that there are no more


@dataclass(frozen=True, slots=True)
class Step:
    """A load, all by the second: students that were to come, wishes that were sent (by fewer students, where the clients are
    too slow), wishes that were answered for good; and what was wrong afterwards."""

    per_second: float
    wished: float
    answered: float
    violations: list[str]


@dataclass(frozen=True, slots=True)
class Goodput:
    """All steps, the overload last."""

    steps: list[Step]

    @property
    def peak(self) -> float:
        return max(one.answered for one in self.steps[:-1])

    @property
    def share(self) -> float:
        """Of the peak, under overload."""
        return self.steps[-1].answered / self.peak if self.peak else 0.0

    @property
    def times(self) -> float:
        """Of the peak, what was wished for in the last step."""
        return self.steps[-1].wished / self.peak if self.peak else 0.0

    @property
    def holds(self) -> bool:
        """Also that there was an overload: clients that could not send it have shown nothing."""
        enough = self.share >= WANTED and self.times >= OVERLOAD * ENOUGH
        return enough and not any(one.violations for one in self.steps)


def goodput(measure: Callable[[float], Step], rate: float, most: float = inf) -> Goodput:
    """`measure` loads at a rate, which is doubled from `rate` on. Never above `most`: where that is too little for the overload
    that is wanted, `times` is, and it does not hold."""
    steps = [measure(rate)]
    peak, idle = steps[0].answered, 0
    while len(steps) < STEPS and idle < IDLE and (twice := steps[-1].per_second * 2) <= most:
        steps.append(measure(twice))
        idle = idle + 1 if steps[-1].answered < peak * MORE else 0
        peak = max(peak, steps[-1].answered)
    return Goodput([*steps, measure(min(most, OVERLOAD * peak / WISHES_EACH) if peak else rate)])


def most(site: Site) -> float:
    """Students a second for whom the campus has enough of them."""
    return (len(site.students) - SPARE) / SECONDS


def measured(site: Site, folder: Path, per_second: float, seed: int) -> Step:
    """One step on a site. Raises StackError when it has too few students for that."""
    students, needed = site.students, int(per_second * SECONDS) + SPARE
    if len(students) < needed:
        raise StackError(f"{per_second:.0f} a second are {needed:,} students, and the campus has {len(students):,}")
    site.wait_whole()
    offerings, mended, path = site.books.offerings(), site.mended(), folder / "goodput.jsonl"
    chosen = random.Random(seed).sample(students, needed)
    order = Order(
        site.address, chosen, offerings, per_second, SECONDS, seed, path, eager=False, told_within_s=LAST_TOLD_WITHIN_S
    )
    with apart(site.processes) as elsewhere:
        load = Load(order, prefix=(*site.prefix, *elsewhere))
        try:
            sleep(SECONDS)
            told = load.stop()
        finally:
            load.kill()
    site.wait_whole()
    wrong = [
        *wrong_answers(told.wishes, offerings),
        *site.books.wrong(path, offerings),
        *drifted(site.mended() - mended),
    ]
    return Step(per_second, *wished_and_answered(told.wishes), wrong)


def wished_and_answered(wishes: Sequence[Wish]) -> tuple[float, float]:
    """A second, in the step: wishes that were sent, and wishes that were answered for good: 202, or the refusal
    of a rule. Both for the first time; told to come again, or nothing, is no answer."""
    asked = [one for one in wishes if one.answers]
    end = min((one.answers[0].asked_at for one in asked), default=0.0) + SECONDS
    sent = sum(one.answers[0].asked_at <= end for one in asked)
    firsts = [next((a.told_at for a in one.answers if a.status == 202 or a.refused), None) for one in asked]
    return sent / SECONDS, sum(at is not None and at <= end for at in firsts) / SECONDS


def line(found: Goodput) -> str:
    """In one line of a terminal."""
    shown = ", ".join(f"{one.answered:.0f} of {one.wished:.0f}" for one in found.steps)
    wrong = sum(len(one.violations) for one in found.steps)
    last = f"at {found.times:.1f} times the peak ({OVERLOAD:g} wanted) {found.share:.0%} of it"
    return f"wishes answered/s of those sent: {shown}; {last}, {wrong} violations"
