"""Every test, in runs of pytest of which two are under way at any time. For `make test`.

The tests mostly wait (for a server to start, for a session to expire, for a page's second look), so two runs side by side
end in little more than half the time. Each has stacks of its own, as any run has, and takes them down before the next one
begins: what stands idle is work for the machine, too. Progress is shown line by line as it comes, the report of each run in
one piece; then the sum, and the worst exit code.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import IO

ROOT = Path(__file__).parents[1]
LANES = 2
# In this order: the long ones first, so that both lanes end at about the same time. Each without what others name inside of it.
RUNS: tuple[tuple[str, ...], ...] = (
    ("tests/faults",),
    ("tests/e2e",),
    ("tests/functional/lab", "tests/races", "tests/functional/ops/test_selection_bench.py"),
    ("tests/functional",),
    ("tests/functional/openapi", "tests/functional/cli"),
    ("tests",),
)
_BEGINS = "test session starts"
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")


class Lanes:
    """`main()` goes through all runs and returns the exit code."""

    def __init__(self) -> None:
        self._waiting = list(_commands())
        self._counts: Counter[str] = Counter()
        self._codes: list[int] = []
        self._lock = RLock()  # of the counts and of what is printed

    def main(self) -> int:
        """An interruption reaches the runs from the terminal too; none begins after it."""
        with ThreadPoolExecutor(LANES) as pool:
            lanes = [pool.submit(self._lane) for _ in range(LANES)]
            try:
                for lane in lanes:
                    lane.result()
            except KeyboardInterrupt:
                self._waiting.clear()
                raise
        counts = self._counts
        failed = counts["failed"] + counts["error"] + counts["errors"]
        skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
        print(f"{counts['passed']} passed, {failed} failed{skipped}")
        return max(self._codes, key=abs)

    def _lane(self) -> None:
        while (command := self._next()) is not None:
            began = monotonic()
            self._say(f"begun: {_named(command)}")
            with subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as run:
                assert run.stdout is not None
                counted = self._shown(run.stdout)
            self._say(f"over: {_named(command)}, {monotonic() - began:.0f} s, exit code {run.returncode}")
            with self._lock:
                self._counts.update(counted if counted or not run.returncode else {"error": 1})  # it was killed, say
                self._codes.append(run.returncode)

    def _next(self) -> list[str] | None:
        with self._lock:
            return self._waiting.pop(0) if self._waiting else None

    def _say(self, what: str) -> None:
        with self._lock:
            print(what, flush=True)

    def _shown(self, lines: IO[str]) -> dict[str, int]:
        """Print what a run says; returns the counts of its last line."""
        last = ""
        with ExitStack() as report:
            for line in lines:
                if line.startswith("=") and _BEGINS not in line:
                    report.enter_context(self._lock)
                    last = line
                with self._lock:
                    print(line, end="", flush=True)
        return {what: int(number) for number, what in _COUNT.findall(last)}


def _commands() -> Iterator[list[str]]:
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--durations=10", "--durations-min=5"]
    named = [path for paths in RUNS for path in paths]
    for paths in RUNS:
        inside = [one for one in named if any(one.startswith(f"{path}/") for path in paths)]
        yield [*pytest, *paths, *(f"--ignore={one}" for one in inside)]


def _named(command: Sequence[str]) -> str:
    return " ".join(one for one in command if one.startswith("tests"))


if __name__ == "__main__":
    sys.exit(Lanes().main())
