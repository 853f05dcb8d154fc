"""Every test, in two lanes beside each other: journeys in a browser, races and the lab, and most else. For `make test`.

The tests mostly wait (for a server to start, for a session to expire, for a page's second look), so two runs of pytest side
by side end in little more than half the time. Each has stacks of its own, as any run has. What the second lane says is
shown as it comes, what the first one says when both are over; then the sum, and the worse of the two exit codes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# Both take about as long: what has a stack of its own anyway may be in either.
_FIRST = ("tests/e2e", "tests/races", "tests/functional/lab", "tests/functional/ops/test_selection_bench.py")
LANES = (_FIRST, ("tests", *(f"--ignore={path}" for path in _FIRST)))
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")


def main() -> int:
    with (
        tempfile.TemporaryFile("w+") as aside,
        _lane(LANES[0], aside) as first,
        _lane(LANES[1], subprocess.PIPE) as second,
    ):
        assert second.stdout is not None
        counts: Counter[str] = Counter()
        counts.update(_shown(second.stdout))
        codes = [first.wait(), second.wait()]
        aside.seek(0)
        counts.update(_shown(aside))
    failed = counts["failed"] + counts["error"] + counts["errors"]
    print(
        f"{counts['passed']} passed, {failed} failed" + (f", {counts['skipped']} skipped" if counts["skipped"] else "")
    )
    return max(codes, key=abs)


@contextmanager
def _lane(arguments: Sequence[str], output: int | IO[str]) -> Iterator[subprocess.Popen[str]]:
    """One run of pytest; an interruption reaches it from the terminal too, and it takes its stacks down before it ends."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--durations=20",
        "--durations-min=5",
        *arguments,
    ]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdout=output, stderr=subprocess.STDOUT, text=True
    ) as run:
        try:
            yield run
        except KeyboardInterrupt:
            run.communicate()  # what nobody reads would keep it from ending
            raise


def _shown(lines: IO[str]) -> dict[str, int]:
    """Print what a lane says; returns the counts of its last line."""
    last = ""
    for line in lines:
        print(line, end="", flush=True)
        last = line if line.startswith("=") else last
    return {what: int(number) for number, what in _COUNT.findall(last)}


if __name__ == "__main__":
    sys.exit(main())
