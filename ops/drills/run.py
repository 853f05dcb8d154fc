"""One drill: load, break, heal, wait for the system to be whole, and compare what clients were told with what is stored."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from ops.drills.answers import drifted, wrong_answers
from ops.drills.catalogue import Drill, S
from ops.drills.load import Load, Order
from ops.drills.marking import Marking
from ops.drills.site import Site
from ops.drills.timeline import Seen, seen
from ops.drills.wishes import Student

BEFORE_S, AFTER_S = 6.0, 8.0
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a drill. Times are seconds since the load began; `violations` are sentences, none is what is wanted.

    `mended`: counters of Redis that had drifted, and were right again when everything was checked; a violation too.
    `marks_gap_s`: host → the longest time in which ZooKeeper took no mark from there; None: nobody could say.
    """

    drill: Drill[Any]
    seed: int
    per_second: float
    at: datetime
    broken_at: float
    healed_at: float
    ended_at: float
    whole_after_s: float  # from the heal
    seen: Seen
    wishes: int
    promised: int
    mended: int
    marks_gap_s: dict[str, float | None]
    violations: list[str]


def run(site: S, drill: Drill[S], folder: Path, *, per_second: float, seed: int) -> Result:
    """Raises StackError when the system does not get whole again by itself."""
    site.wait_whole()
    with drill.ground(site):
        return _run(site, drill, folder, per_second * drill.times, seed)


def _run(site: S, drill: Drill[S], folder: Path, per_second: float, seed: int) -> Result:
    offerings, mended = site.books.offerings(), site.mended()
    path = folder / f"{drill.name}.jsonl"
    order = Order(site.address, _shuffled(site, seed), offerings, per_second, LONGEST_S, seed, path)
    at = datetime.now(UTC)
    with Marking(site.inside()) as marking:
        load = Load(order, prefix=site.prefix)
        try:
            begun = monotonic()
            sleep(BEFORE_S)
            broken = monotonic()
            drill.during(site, random.Random(seed))
            sleep(drill.seconds)
            site.undo.close()
            healed = monotonic()
            whole = site.wait_whole()
            sleep(AFTER_S)
            ended = monotonic()
            told, marks_gap_s = load.stop(), marking.stop()
        finally:
            try:
                site.undo.close()
            finally:  # what can't be mended leaves no load behind, nor its students' tokens
                load.kill()
    wrong = [*wrong_answers(told.wishes, offerings), *site.books.wrong(path, offerings)]
    by_then = max(0, site.mended() - mended)
    wrong += drifted(by_then)
    return Result(
        drill, seed, per_second, at, broken - begun, healed - begun, ended - begun, whole,
        seen(told.wishes, begun, broken, ended), len(told.wishes), sum(one.promised for one in told.wishes),
        by_then, marks_gap_s, wrong,
    )  # fmt: skip


def _shuffled(site: Site, seed: int) -> list[Student]:
    return random.Random(seed).sample(site.students, len(site.students))
