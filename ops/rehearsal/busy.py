"""How busy the machine is while the crowd presses: CPU by server and program, from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from ops.bench.costs import cpu_s
from ops.stack.processes import Pid

EVERY_S = 0.5
CROWD, WATCH, OTHERS = "crowd", "watch", "others"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was used in the `seconds` since the moment before.

    `machine`: share of all cores, by whomever. `cores`: cores by group; `others` is what is no part of the rehearsal.
    `busiest`: group → cores of that one of its processes which used most.
    """

    at: float
    seconds: float
    machine: float
    cores: dict[str, float]
    busiest: dict[str, float]


class Meter:
    """The processes as they are now; each `moment` is the time since the one before."""

    def __init__(self, groups: Mapping[str, Sequence[Pid]]) -> None:
        self._groups = groups
        self._before = self._read()

    def moment(self) -> Moment:
        """Since the last one."""
        before, now = self._before, self._read()
        self._before = now
        passed = max(0.001, now.at - before.at)
        used = {
            group: [max(0.0, now.spent[one.number] - before.spent[one.number]) / passed for one in pids]
            for group, pids in self._groups.items()
        }
        busy = (now.busy_s - before.busy_s) / passed
        cores = {group: sum(each) for group, each in used.items()}
        cores[OTHERS] = max(0.0, busy - sum(cores.values()))
        share = min(1.0, busy / (os.cpu_count() or 1))
        return Moment(now.at, passed, share, cores, {group: max(each, default=0.0) for group, each in used.items()})

    def _read(self) -> _Reading:
        spent = {one.number: cpu_s(one.number) for pids in self._groups.values() for one in pids}
        return _Reading(monotonic(), _busy_s(), spent)


def spent(moments: Sequence[Moment]) -> dict[str, float]:
    """CPU seconds by group in all of these."""
    return _summed(moments, lambda one: one.cores)


def spent_by_busiest(moments: Sequence[Moment]) -> dict[str, float]:
    """CPU seconds of the busiest process of each group in all of these."""
    return _summed(moments, lambda one: one.busiest)


def _summed(moments: Sequence[Moment], used: Callable[[Moment], Mapping[str, float]]) -> dict[str, float]:
    total = defaultdict[str, float](float)
    for one in moments:
        for group, cores in used(one).items():
            total[group] += cores * one.seconds
    return dict(total)


@dataclass(frozen=True, slots=True)
class _Reading:
    at: float
    busy_s: float
    spent: dict[int, float]


def _busy_s() -> float:
    """CPU seconds of all cores since the start of the machine, but idle ones and those that waited for a disk."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    numbers = [int(one) for one in fields]
    return (sum(numbers) - numbers[3] - numbers[4]) / os.sysconf("SC_CLK_TCK")
