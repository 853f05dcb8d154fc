"""What one process did in the last seconds, told once a second in a file of its host's run folder.

Any process of the host reads the files of all of them (`pulses`), whatever server is away. A file that is no longer renewed
belongs to a process that hangs; one whose process is gone is removed by whoever meets it.
"""

from __future__ import annotations

import contextlib
import logging
import os
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import time
from typing import Any

import gevent
import orjson
from prometheus_client import Counter as Metric
from prometheus_client import Histogram

from app.extensions.processes import started

logger = logging.getLogger(__name__)

WINDOW_S = 10
EVERY_S = 1.0
# Upper bounds in ms of how long an accepted claim (202) took inside a web worker; whatever is beyond counts as the last.
BOUNDS_MS = (2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000)

ANSWERS = Metric("seatrush_http_answers_total", "Answers of the web workers", ["status"])
ACCEPTED = Histogram(
    "seatrush_accepted_seconds", "Seconds until a 202, inside the worker", buckets=[one / 1000 for one in BOUNDS_MS]
)

Facts = Callable[[], Mapping[str, Any]]


class Pulse:
    """`answered` and `count` only add up; `run` tells. One per process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._now: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()
        self._took: list[float] = []
        self._seconds: deque[tuple[Counter[str], list[int]]] = deque(maxlen=WINDOW_S)
        self._file: Path | None = None
        self._since = time()
        self._started = started(os.getpid())

    def answered(self, status: int, seconds: float) -> None:
        """An HTTP answer; every request calls it."""
        self._statuses[status] += 1
        if status == 202:
            self._took.append(seconds)

    def count(self, name: str, number: int = 1) -> None:
        """So many more of something, such as decisions."""
        self._now[name] += number

    def run(self, program: str, facts: Facts) -> None:
        """Tell for ever, once a second. A disk that takes nothing silences the pulse, and ends nothing."""
        self._file = self._folder / f"{program}-{os.getpid()}.json"
        while True:
            try:
                self.beat(program, facts())
            except Exception as error:
                logger.warning("no pulse: %r", error)
            gevent.sleep(EVERY_S)

    def beat(self, program: str, facts: Mapping[str, Any]) -> None:
        """Close this second and write what there is to say. Raises OSError."""
        self._close_second()
        counts: Counter[str] = Counter()
        took = [0] * len(BOUNDS_MS)
        for second, durations in self._seconds:
            counts.update(second)
            took = [one + more for one, more in zip(took, durations, strict=True)]
        said = {"program": program, "pid": os.getpid(), "started": self._started, "since": self._since, "at": time()}
        self._write({**said, "window_s": len(self._seconds), "counts": counts, "took": took, "facts": facts})

    def end(self) -> None:
        """The process ends in peace: it is not looked for any more."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _close_second(self) -> None:
        counts, self._now = self._now, Counter()
        statuses, self._statuses = self._statuses, Counter()
        took, self._took = self._took, []
        durations = [0] * len(BOUNDS_MS)
        for seconds in took:
            ACCEPTED.observe(seconds)
            durations[min(bisect_left(BOUNDS_MS, seconds * 1000), len(BOUNDS_MS) - 1)] += 1
        for status, number in statuses.items():
            ANSWERS.labels(str(status)).inc(number)
            counts[_sort(status)] += number
        self._seconds.append((counts, durations))

    def _write(self, document: Mapping[str, Any]) -> None:
        path = self._folder / f"{document['program']}-{os.getpid()}.json"
        write_whole(path, orjson.dumps(document))


ANSWERS_OF_ALL_SORTS = ("accepted", "refused", "answered", "failed")


def _sort(status: int) -> str:
    """What the ops page counts an answer as."""
    if status == 202:
        return "accepted"
    return "failed" if status >= 500 else "refused" if status >= 400 else "answered"


def pulses(folder: Path) -> list[dict[str, Any]]:
    """The last word of every process of this host that still runs, with `age_s`."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json")) if folder.exists() else ():
        with contextlib.suppress(OSError, ValueError):
            said: dict[str, Any] = orjson.loads(path.read_bytes())
            if started(int(said["pid"])) != said.get("started"):
                path.unlink(missing_ok=True)
                continue
            found.append({**said, "age_s": max(0.0, time() - said["at"])})
    return found


def per_second(pulse: Mapping[str, Any], *names: str) -> float:
    """How often these were counted in the last seconds, per second, as a process told it."""
    counts, seconds = pulse["counts"], max(1, pulse["window_s"])
    return float(sum(counts.get(name, 0) for name in names) / seconds)


def percentile(took: Iterable[Sequence[int]], share: float) -> float | None:
    """The duration in ms that `share` of all stay under, by the counts of BOUNDS_MS; None when there were none."""
    totals: list[int] = [sum(column) for column in zip(*took, strict=True)]
    wanted, below = sum(totals) * share, 0
    if not wanted:
        return None
    for at, number in enumerate(totals):
        if number and below + number >= wanted:
            lower = BOUNDS_MS[at - 1] if at else 0
            return round(float(lower + (BOUNDS_MS[at] - lower) * (wanted - below) / number), 1)
        below += number
    return float(BOUNDS_MS[-1])


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place in one step: who reads it meanwhile has the old one or the new one. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_bytes(data)
    scratch.chmod(0o644)  # Nginx's workers are another account
    scratch.replace(path)
