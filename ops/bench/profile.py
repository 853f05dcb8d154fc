"""Where the CPU goes while claims are accepted: `python -m ops.bench.profile [--seconds 12] [--part c] [--lines]`.

Attaches py-spy (not a dependency: `pip install py-spy` anywhere in the PATH, or name it with --py-spy) to one web
worker and to the claims consumer, repeats the part meanwhile, and prints the functions by their own time. Raw stacks
stay in the output folder, for a flame graph.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ops.bench.parts import Round, warm_up
from ops.bench.plan import Plan
from ops.bench.programme import NEEDS, PARTS
from ops.bench.report import one_line
from ops.bench.rig import Rig
from ops.bench.shooting import BenchError
from ops.stack.config import REPOSITORY

HERTZ = 100
PROGRAMS = ("web", "claims")
_NOBODY = {
    "gevent",
    "greenlet",
    "encodings",
    "json",
    "urllib",
    "concurrent",
    "logging",
    "importlib",
    "collections",
    "site",
}


def profile(rig: Rig, plan: Plan, letter: str, py_spy: Sequence[str], seconds: int, out: Path) -> dict[str, Path]:
    """Record while the part repeats; the raw stacks by program. Raises BenchError when py-spy can't attach."""
    turn = Round(rig, plan)
    warm_up(turn)
    for need in NEEDS.get(letter, ""):
        PARTS[need][0](turn)
    recorders = {name: _record(rig, name, py_spy, seconds, out / f"{name}.raw") for name in PROGRAMS}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        print(one_line(PARTS[letter][0](turn)), flush=True)
    for name, recorder in recorders.items():
        if recorder.wait(timeout=60) != 0:
            raise BenchError(f"py-spy failed on {name}: {recorder.stderr.read()[-300:] if recorder.stderr else ''}")
    return {name: out / f"{name}.raw" for name in PROGRAMS}


def own_time(path: Path) -> list[tuple[str, float]]:
    """Function → share of the samples in which it was the innermost, largest first."""
    counts: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        counts[stack.rpartition(";")[2]] += int(count)
    return [(name, count / counts.total()) for name, count in counts.most_common()]


def with_callees(path: Path) -> list[tuple[str, float]]:
    """Function → share of the samples in which it was anywhere in the stack."""
    counts: Counter[str] = Counter()
    total = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        total += int(count)
        for name in set(stack.split(";")):
            counts[name] += int(count)
    return [(name, count / total) for name, count in counts.most_common()]


def by_owner(path: Path) -> list[tuple[str, float]]:
    """Package (for Seatrush: module) → share. What gevent and the standard library do counts for who called them."""
    counts: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        files = [frame.rpartition("(")[2].partition(":")[0] for frame in reversed(stack.split(";"))]
        owners = (_owner(file) for file in files)
        counts[next((owner for owner in owners if owner), "gevent and the kernel")] += int(count)
    return [(name, count / counts.total()) for name, count in counts.most_common()]


def _owner(file: str) -> str:
    package, _, rest = file.partition("/")
    if package in {"app", "blueprints", "consumers"}:
        return file
    return "" if not rest or package in _NOBODY or file[0] == "<" else package


def main(arguments: list[str] | None = None) -> int:
    """Profile on a stack of its own."""
    options = _parser().parse_args(arguments)
    plan = replace(Plan(), claims=10_000, students=12_000)
    options.out.mkdir(parents=True, exist_ok=True)
    extra = [] if options.lines else ["--function"]
    with Rig.up(options.out / "stack", students=plan.students) as rig:
        raw = profile(rig, plan, options.part, [options.py_spy, *extra], options.seconds, options.out)
    for name, path in raw.items():
        for title, rows in (
            ("by package", by_owner(path)),
            ("own time", own_time(path)),
            ("with what it calls", with_callees(path)),
        ):
            print(f"\n{name}, {title}")
            for function, share in rows[: options.top]:
                print(f"{share:>7.1%}  {function}")
    return 0


def _record(rig: Rig, name: str, py_spy: Sequence[str], seconds: int, path: Path) -> subprocess.Popen[str]:
    """py-spy on the program's last process: gunicorn's first is its master."""
    pid = max(process.number for process in rig.stack.service(name).processes())
    binary, *extra = py_spy
    command = [
        binary, "record", "--format", "raw", "--rate", str(HERTZ), "--duration", str(seconds), *extra,
        "--pid", str(pid), "--output", str(path),
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.bench.profile", description=__doc__)
    parser.add_argument("--part", choices=list(PARTS), default="c", help="what to repeat; its first measurement")
    parser.add_argument("--seconds", type=int, default=12)
    parser.add_argument("--top", type=int, default=15)
    parser.add_argument("--lines", action="store_true", help="by source line, not by function")
    parser.add_argument("--py-spy", default="py-spy")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "var" / "bench-profile")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
