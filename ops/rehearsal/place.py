"""Where a rehearsal takes place: a drill's site, and what of it is watched."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import mkdtemp
from time import monotonic, sleep
from types import TracebackType
from typing import Protocol

from ops.bench.costs import groups_of
from ops.drills.connection import Address
from ops.drills.lab_site import LabSite, three_hosts
from ops.drills.offerings import Offerings
from ops.drills.site import OneHost, one_host
from ops.drills.wishes import Student
from ops.stack.config import REPOSITORY
from ops.stack.processes import Pid
from ops.stack.stack import Stack

BEGIN_WITHIN_S = 60.0


class Ledgers(Protocol):
    """See `ops.drills.books.Books`."""

    def opened(self, count: int, seats: int) -> list[int]: ...

    def decided(self, lectures: list[int]) -> tuple[int, float]: ...

    def wrong(self, path: Path, offerings: Offerings) -> list[str]: ...


class Site(Protocol):
    """See `ops.drills.site.Site`; nothing is broken here."""

    @property
    def address(self) -> Address: ...

    @property
    def prefix(self) -> tuple[str, ...]: ...

    @property
    def students(self) -> list[Student]: ...

    @property
    def books(self) -> Ledgers: ...

    def wait_whole(self) -> float: ...


class Place(Protocol):
    """What of a site is watched."""

    @property
    def name(self) -> str:
        """For the report."""

    @property
    def site(self) -> Site: ...

    def groups(self) -> Mapping[str, Sequence[Pid]]:
        """The processes of each server and program, of all hosts."""

    def watchers(self) -> list[tuple[Sequence[str], Mapping[str, str]]]:
        """For each host: what runs a command there, and the settings that it has there."""


class HostPlace:
    """One stack on this machine."""

    name = "host"

    def __init__(self, site: OneHost) -> None:
        self.site = site

    def groups(self) -> Mapping[str, Sequence[Pid]]:
        return groups_of(self.site.stack)

    def watchers(self) -> list[tuple[Sequence[str], Mapping[str, str]]]:
        return [((), self.site.stack.environment())]


class LabPlace:
    """Three hosts in namespaces of this machine, and the crowd on the same machine."""

    name = "lab"

    def __init__(self, site: LabSite) -> None:
        self.site = site

    def groups(self) -> Mapping[str, Sequence[Pid]]:
        lab, found = self.site.lab, defaultdict[str, list[Pid]](list)
        for host in lab.names:
            stack = Stack(lab.config(host))
            for name in (*stack.servers, *stack.programs):
                found[name] += lab.processes(host, name)
        return found

    def watchers(self) -> list[tuple[Sequence[str], Mapping[str, str]]]:
        lab = self.site.lab
        return [(lab.host(name).command(), Stack(lab.config(name)).environment()) for name in lab.names]


class Watch:
    """The processes that look on every host: all look once it is entered, and once more when it is left."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.files: list[Path] = []
        self.processes: list[Popen[bytes]] = []
        for number, (prefix, settings) in enumerate(place.watchers()):
            file = folder / f"watch-{number}.jsonl"
            file.write_bytes(b"")
            command = [*prefix, sys.executable, "-m", "ops.rehearsal", "watch", str(file)]
            environment = {**os.environ, **settings, "PYTHONPATH": str(REPOSITORY)}
            self.files.append(file)
            self.processes.append(Popen(command, cwd=REPOSITORY, env=environment, stdin=PIPE))

    def __enter__(self) -> Watch:
        """Raises OSError when one does not begin."""
        until = monotonic() + BEGIN_WITHIN_S
        while not all(file.stat().st_size for file in self.files):
            if monotonic() > until or any(one.poll() is not None for one in self.processes):
                self._end()
                raise OSError("what watches a host does not begin")
            sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        for process in self.processes:
            if process.stdin is not None:
                process.stdin.close()
        for process in self.processes:
            try:
                process.wait(10)
            except TimeoutExpired:
                process.kill()


def host(students: int) -> AbstractContextManager[OneHost]:
    """A private stack, stopped and removed at the end."""
    return one_host(Path(mkdtemp(prefix="rehearsal-")), students=students)


def lab(root: Path, students: int) -> AbstractContextManager[LabSite]:
    """The lab: one that runs is used and left running."""
    return three_hosts(root, students=students)
