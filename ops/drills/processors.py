"""Clients on a processor of their own, as in reality they have machines of their own: else a crowd takes from the system what
it asks of it, most of all under overload."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.stack.packages import find_binary
from ops.stack.processes import Pid


def for_servers() -> int:
    """On how many processors servers are while their clients are kept apart."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


@contextmanager
def apart(servers: Callable[[], Iterable[Pid]]) -> Iterator[tuple[str, ...]]:
    """`servers` keep to all processors but the last one; yields a command that runs another one on that. With a single
    processor nothing changes. What a server starts later stays where its parent is."""
    everywhere = sorted(os.sched_getaffinity(0))
    if len(everywhere) < 2:
        yield ()
        return
    *theirs, last = everywhere
    try:
        keep(servers(), theirs)
        yield (find_binary("taskset"), "-c", str(last))
    finally:
        keep(servers(), everywhere)


def keep(pids: Iterable[Pid], processors: Collection[int]) -> None:
    """Every thread of these processes runs on these processors only; those that have ended meanwhile are left out. Raises
    OSError where that is forbidden."""
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{pid.number}/task").iterdir():
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), processors)
