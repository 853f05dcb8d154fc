"""Processes by their ids: a whole tree with its groups, told apart from later ones that got the same number."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pid:
    """A process for good: its number and its start time in clock ticks, which no later process shares."""

    number: int
    started: int

    def alive(self) -> bool:
        """Whether it still runs (a zombie doesn't)."""
        row = _stat(self.number)
        return row is not None and row.started == self.started and row.state != "Z"

    def send(self, number: int) -> None:
        """Send a signal, if it is still this process."""
        if self.alive():
            try:
                os.kill(self.number, number)
            except ProcessLookupError:
                pass


@dataclass(frozen=True)
class _Stat:
    number: int
    state: str
    parent: int
    group: int
    started: int


def identify(number: int) -> Pid | None:
    """The process which has this number now."""
    row = _stat(number)
    return None if row is None else Pid(number, row.started)


def tree(roots: Iterable[int]) -> list[Pid]:
    """The processes, all their descendants, and the members of the process groups that they lead.

    Groups too: Nginx's workers outlive a killed master as nobody's children, but stay in its group.
    """
    rows = [row for number in _numbers() if (row := _stat(number)) is not None]
    wanted = set(roots)
    found: set[int] = set()
    while True:
        more = {row.number for row in rows if {row.number, row.parent, row.group} & (wanted | found)}
        if more <= found:
            break
        found |= more
    return [Pid(row.number, row.started) for row in rows if row.number in found]


def marked(name: str, value: str) -> list[Pid]:
    """Processes that were started with the variable in their environment, however they were forked since."""
    needle = f"{name}={value}".encode()
    found = []
    for number in _numbers():
        try:
            with open(f"/proc/{number}/environ", "rb") as file:
                if needle in file.read().split(b"\0") and (pid := identify(number)):
                    found.append(pid)
        except OSError:
            continue
    return [pid for pid in found if pid.number != os.getpid()]


def signal_all(pids: Iterable[Pid], number: int) -> None:
    """Send the signal to each that is still alive."""
    for pid in pids:
        pid.send(number)


def wait_gone(pids: Iterable[Pid], timeout: float) -> list[Pid]:
    """Wait until all are gone; returns those that aren't after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    left = [pid for pid in pids if pid.alive()]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if pid.alive()]
    return left


def kill_all(pids: Iterable[Pid], timeout: float = 10.0) -> list[Pid]:
    """SIGKILL each and wait; returns what is left (nothing, short of a process stuck in the kernel)."""
    pids = list(pids)
    signal_all(pids, signal.SIGKILL)
    return wait_gone(pids, timeout)


def _numbers() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(number: int) -> _Stat | None:
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()  # the name before it may hold blanks and brackets
    except (OSError, IndexError):
        return None
    return _Stat(number, fields[0], int(fields[1]), int(fields[2]), int(fields[19]))
