"""Processes by their ids: a whole tree with its groups, told apart from later ones that got the same number."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Zombie, dead: in a container whose first process doesn't reap, an ended orphan stays listed for ever.
_ENDED = ("Z", "X", "x")
_STOPPED = "T"


@dataclass(frozen=True)
class Pid:
    """A process for good: its number and its start time in clock ticks, which no later process shares."""

    number: int
    started: int

    def alive(self) -> bool:
        """Whether it still runs (a zombie doesn't)."""
        row = _stat(self.number)
        return row is not None and row.started == self.started and row.state not in _ENDED

    def command_line(self) -> str:
        """Its command line, or the title it gave itself; empty once it is gone."""
        try:
            line = Path(f"/proc/{self.number}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
        return line if self.alive() else ""

    def stands_still(self) -> bool:
        """Whether it runs in none of its threads: all are stopped, or it is gone."""
        return not self.alive() or all(
            row.state in (_STOPPED, *_ENDED)
            for row in map(_read, Path(f"/proc/{self.number}/task").glob("*/stat"))
            if row
        )

    def send(self, number: int) -> None:
        """Send a signal, if it is still this process."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.number, number)


@dataclass(frozen=True)
class _Stat:
    number: int
    state: str
    parent: int
    group: int
    session: int
    started: int


def boot_id() -> str:
    """This boot of the machine: process ids and start times mean nothing after the next."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def identify(number: int) -> Pid | None:
    """The process which has this number now."""
    row = _stat(number)
    return None if row is None else Pid(number, row.started)


def tree(roots: Iterable[int]) -> list[Pid]:
    """The processes, all their descendants, and the members of the process groups that they lead.

    Groups too: Nginx's workers outlive a killed master as nobody's children, but stay in its group.
    """
    rows = _rows()
    wanted = set(roots)
    found: set[int] = set()
    while True:
        more = {row.number for row in rows if {row.number, row.parent, row.group} & (wanted | found)}
        if more <= found:
            break
        found |= more
    return [Pid(row.number, row.started) for row in rows if row.number in found]


def session(leader: Pid) -> list[Pid]:
    """The processes of the session which the process led, also after its own end.

    The kernel gives a number out again only when neither process, group nor session has it, so members found
    beside no or the right leader are the old ones.
    """
    rows = _rows()
    if any(row.number == leader.number and row.started != leader.started for row in rows):
        return []
    members = [row for row in rows if row.session == leader.number and row.started >= leader.started]
    return [Pid(row.number, row.started) for row in members]


def signal_all(pids: Iterable[Pid], number: int) -> None:
    """Send the signal to each that is still alive."""
    for pid in pids:
        pid.send(number)


def freeze_all(pids: Iterable[Pid], timeout: float = 5.0) -> list[Pid]:
    """SIGSTOP each and wait until no thread runs any more: on another processor one may go on for some time after the
    signal was sent. Returns those that still run after `timeout` seconds."""
    pids = list(pids)
    signal_all(pids, signal.SIGSTOP)
    return _wait(pids, Pid.stands_still, timeout)


def freeze_whole(members: Callable[[], Iterable[Pid]], timeout: float = 5.0) -> list[Pid]:
    """The same for all of a service, also those that it starts meanwhile. Returns those that still run; then none of them
    stays frozen."""
    frozen: list[Pid] = []
    while fresh := [pid for pid in members() if pid not in frozen]:
        frozen += fresh
        if left := freeze_all(fresh, timeout):
            signal_all(frozen, signal.SIGCONT)
            return left
    return []


def wait_gone(pids: Iterable[Pid], timeout: float) -> list[Pid]:
    """Wait until all are gone; returns those that aren't after `timeout` seconds."""
    return _wait(pids, lambda pid: not pid.alive(), timeout)


def _wait(pids: Iterable[Pid], done: Callable[[Pid], bool], timeout: float) -> list[Pid]:
    deadline = time.monotonic() + timeout
    left = [pid for pid in pids if not done(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if not done(pid)]
    return left


def kill_all(pids: Iterable[Pid], timeout: float = 10.0) -> list[Pid]:
    """SIGKILL each and wait; returns what is left (nothing, short of a process stuck in the kernel)."""
    pids = list(pids)
    signal_all(pids, signal.SIGKILL)
    return wait_gone(pids, timeout)


def _rows() -> list[_Stat]:
    """Every process that hasn't ended."""
    numbers = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    rows = [row for number in numbers if (row := _stat(number)) is not None]
    return [row for row in rows if row.state not in _ENDED]


def _stat(number: int) -> _Stat | None:
    return _read(Path(f"/proc/{number}/stat"))


def _read(path: Path) -> _Stat | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        fields = text.rsplit(")", 1)[1].split()  # the name before it may hold blanks and brackets
    except (OSError, IndexError):
        return None
    parent, group, led_by, started = (int(fields[index]) for index in (1, 2, 3, 19))
    return _Stat(int(path.parent.name), fields[0], parent, group, led_by, started)
