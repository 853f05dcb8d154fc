"""Closed-loop load with wrk: prepared requests, each used once, and what was answered to them."""

from __future__ import annotations

import resource
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.stack.packages import find_binary

SCRIPT = Path(__file__).with_name("lua") / "shots.lua"


class BenchError(Exception):
    """The bench itself could not do its work."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request. `claim` is the id of the claim it makes or asks for; "" for the applications compared with."""

    method: str
    path: str
    token: str
    key: str
    claim: str = ""

    def line(self) -> str:
        """As the script reads it."""
        return f"{self.method} {self.path} {self.token} {self.key}\n"


@dataclass(slots=True)
class Volley:
    """All answers of one run. Times are seconds since 1970; `latency_ms` are p50, p95, p99 and the longest."""

    first: float = 0.0
    last: float = 0.0
    finished: float = 0.0  # when `until` was true
    latency_ms: tuple[float, ...] = ()
    statuses: Counter[str] = field(default_factory=Counter)  # "202", "409 sold_out"
    claims: list[tuple[str, str]] = field(default_factory=list)  # (claim id, state) as told
    unanswered: int = 0
    errors: int = 0
    generator_cpu_s: float = 0.0

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return self.last - self.first


def shoot(port: int, shots: Sequence[Shot], *, connections: int, until: Callable[[], bool] | None = None) -> Volley:
    """Send every shot once, then wait for `until` (60 s at most). Raises BenchError when wrk cannot run."""
    limit = 20 + len(shots) // 100
    with TemporaryDirectory(prefix="bench-") as name:
        requests, answers = Path(name) / "requests", Path(name) / "answers"
        requests.write_text("".join(shot.line() for shot in shots), encoding="ascii")
        command = [
            find_binary("wrk"), "-t1", f"-c{min(connections, len(shots))}", f"-d{limit}s", "--timeout", "30s",
            "-s", str(SCRIPT), f"http://127.0.0.1:{port}/", "--", str(requests), str(answers),
        ]  # fmt: skip
        volley = Volley()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _run(command, volley, until)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        volley.generator_cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        _read(answers, volley)
    volley.unanswered = len(shots) - volley.statuses.total()
    return volley


def _run(command: list[str], volley: Volley, until: Callable[[], bool] | None) -> None:
    started = time.time()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        said = []
        for line in process.stdout:
            said.append(line)
            word, *numbers = line.split() or [""]
            if word == "answered":
                volley.first, volley.last = float(numbers[0]), float(numbers[1])
                volley.finished = _wait(until)
            elif word == "latency":
                volley.latency_ms = tuple(float(number) for number in numbers)
            elif word == "errors":
                volley.errors = sum(int(number) for number in numbers)
    if process.returncode != 0 or not volley.latency_ms:
        raise BenchError(f"wrk failed: {''.join(said[-5:])}")
    if not volley.finished:  # some requests never got an answer
        volley.first, volley.last, volley.finished = started, time.time(), time.time()


def _wait(until: Callable[[], bool] | None) -> float:
    deadline = time.monotonic() + 60
    while until is not None and not until() and time.monotonic() < deadline:
        time.sleep(0.01)
    return time.time()


def _read(path: Path, volley: Volley) -> None:
    with path.open(encoding="ascii") as file:
        for line in file:
            status, name, state = line.split()
            is_claim = status in {"200", "202"} and len(name) == 36
            volley.statuses[status if is_claim or name == "-" else f"{status} {name}"] += 1
            if is_claim:
                volley.claims.append((name, state))
