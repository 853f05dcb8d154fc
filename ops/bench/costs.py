"""What the processes cost: CPU time and memory by group, from /proc."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.stack import Stack
from ops.stack.processes import Pid

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """One process, in MiB. PSS counts a page that n processes share as 1/n of it."""

    group: str
    pid: int
    name: str
    pss_mib: float
    rss_mib: float


class Meter:
    """The process groups of a stack as they are now; `cpu()` twice, and the difference is what was spent."""

    def __init__(self, stack: Stack) -> None:
        self._groups = groups_of(stack)

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far by group, ended children included."""
        return {group: sum(cpu_s(pid.number) for pid in pids) for group, pids in self._groups.items()}

    def memory(self) -> list[Memory]:
        """Every process with its memory."""
        found = [_memory(group, pid.number) for group, pids in self._groups.items() for pid in pids]
        return [one for one in found if one is not None]


def spent_ms(before: Mapping[str, float], after: Mapping[str, float], count: int) -> dict[str, float]:
    """CPU-ms per item and group; groups that did nothing are left out."""
    each = {group: (after[group] - before[group]) * 1000 / max(1, count) for group in after}
    return {group: value for group, value in each.items() if value > 0.0005}


def groups_of(stack: Stack) -> dict[str, list[Pid]]:
    """The processes of each server and program as they are now."""
    return {name: stack.service(name).processes() for name in (*stack.servers, *stack.programs)}


def cpu_s(number: int) -> float:
    """CPU seconds of a process so far, its ended children included; 0 when it is gone."""
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    fields = text.rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / _TICK


def _memory(group: str, number: int) -> Memory | None:
    try:
        rollup = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii")
        name = Path(f"/proc/{number}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in rollup.splitlines()[1:]}
    return Memory(group, number, name, sizes["Pss"], sizes["Rss"])
