"""One rehearsal: lectures open, the crowd presses, everything is watched, and what was told is compared with what is stored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep, time

from ops.drills import history
from ops.drills.history import History
from ops.drills.offerings import Offerings
from ops.rehearsal import bottleneck, busy, measures, watching
from ops.rehearsal.bottleneck import Bottleneck
from ops.rehearsal.busy import Meter, Moment
from ops.rehearsal.crowd import Crowd, Order
from ops.rehearsal.hosts import Measured, Need, needed
from ops.rehearsal.measures import Seen
from ops.rehearsal.place import Place, Watch
from ops.rehearsal.plan import ENDS_WITHIN_S, Plan, PlanError
from ops.rehearsal.watching import Look
from ops.stack.processes import identify, tree

HISTORY = "rehearsal.jsonl"  # of the last one; the next replaces it


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a rehearsal. Seconds; moments and looks count from the opening. `cpu_s`: by server and program."""

    plan: Plan
    place: str
    at: datetime
    drain_s: float
    decided: int
    seen: Seen
    bottleneck: Bottleneck
    need: Need
    measured: Measured
    cpu_s: dict[str, float]
    moments: list[Moment]
    looks: list[Look]
    violations: list[str]

    @property
    def per_s(self) -> float:
        """Decisions a second, from the opening until the last one."""
        return self.decided / self.drain_s if self.drain_s else 0.0


@dataclass(frozen=True, slots=True)
class _Watched:
    history: History
    moments: list[Moment]
    looks: list[Look]

    @property
    def opened(self) -> float:
        """When the first one pressed, by the monotonic clock."""
        return min((one.answers[0].asked_at for one in self.history.wishes if one.answers), default=0.0)


def rehearse(place: Place, plan: Plan, folder: Path) -> Result:
    """Raises PlanError when the campus has too few students, StackError and OSError when it can't be done."""
    site = place.site
    if len(site.students) < plan.students:
        raise PlanError(f"the campus has {len(site.students):,} students, {plan.students:,} are to press")
    site.wait_whole()
    lectures = site.books.opened(plan.lectures, plan.seats)
    path = folder / HISTORY
    order = Order(
        site.address, site.students[: plan.students], plan.choices(lectures), plan.moments(),
        plan.over_s + ENDS_WITHIN_S, plan.seed, path,
    )  # fmt: skip
    at, epoch = datetime.now(UTC), time() - monotonic()
    watched = _watch(place, order, folder)
    violations = site.books.wrong(path, Offerings(lectures, [], 0))
    decided, last = site.books.decided(lectures)
    drain = max(0.0, last - epoch - watched.opened) if decided else 0.0
    return _result(plan, place.name, at, (decided, drain), watched, violations)


def _result(
    plan: Plan, place: str, at: datetime, drained: tuple[int, float], watched: _Watched, violations: list[str]
) -> Result:
    decided, drain_s = drained
    opened = watched.opened
    moments = [replace(one, at=one.at - opened) for one in watched.moments if one.at > opened]
    looks = [replace(one, at=one.at - opened) for one in watched.looks if one.at > opened]
    busiest = busy.spent_by_busiest(moments)
    measured = Measured(drain_s, 1, os.cpu_count() or 1, busiest.get("redis", 0.0), busiest.get("mariadb", 0.0))
    return Result(
        plan, place, at, drain_s, decided, measures.seen(watched.history.wishes), bottleneck.first(moments, looks),
        needed(measured, plan.within_s), measured, busy.spent(moments), moments, looks, violations,
    )  # fmt: skip


def _watch(place: Place, order: Order, folder: Path) -> _Watched:
    """Let the crowd press, and look on until the last one knows."""
    groups = dict(place.groups())
    with Watch(place, folder) as watch:
        crowd = Crowd(order, prefix=place.site.prefix)
        try:
            groups[busy.CROWD] = tree([crowd.process.pid])
            groups[busy.WATCH] = [*filter(None, [identify(os.getpid())]), *tree(one.pid for one in watch.processes)]
            moments = list(_moments(crowd, Meter(groups)))
        finally:
            crowd.end()
    looks = watching.read(watch.files)
    for file in watch.files:
        file.unlink()
    return _Watched(history.read(order.history), moments, looks)


def _moments(crowd: Crowd, meter: Meter) -> Iterator[Moment]:
    while not crowd.ended():
        sleep(busy.EVERY_S)
        yield meter.moment()
