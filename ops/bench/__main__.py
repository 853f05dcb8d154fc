"""`python -m ops.bench run [--quick] [--only c,d] [--rounds N] [--out var/bench] [--keep]`.

Exit status: 0 good, 1 a claim is wrong (or the bench could not run), 3 a floor is missed.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path

from ops.bench import machine, plot, report
from ops.bench.costs import Meter
from ops.bench.floors import floors
from ops.bench.parts import Round, warm_up
from ops.bench.plan import Plan
from ops.bench.programme import NEEDS, ORDER, PARTS
from ops.bench.results import Results
from ops.bench.rig import Rig
from ops.bench.shooting import BenchError
from ops.stack import StackError
from ops.stack.config import REPOSITORY

WRONG, MISSED = 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Run the bench and say how it went."""
    options = _parser().parse_args(arguments)
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    plan = Plan.quick() if options.quick else Plan()
    if options.rounds:
        plan = replace(plan, rounds=options.rounds)
    try:
        results = run(plan, options.out, letters=_letters(options.only), keep=options.keep)
    except (BenchError, StackError, FileNotFoundError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return WRONG
    return verdict(results, plan)


def run(plan: Plan, out: Path, *, letters: Collection[str] = tuple(PARTS), keep: bool = False) -> Results:
    """Measure on a stack of its own, write results.json and results.png to `out`, print the report."""
    out.mkdir(parents=True, exist_ok=True)
    about = machine.describe()
    print(f"starting a private stack with {plan.students:,} students …", flush=True)
    with Rig.up(out / "stack", students=plan.students, keep=keep) as rig:
        results = measure(rig, plan, letters)
    report.write_json(out / "results.json", results, plan, about)
    plot.draw(out / "results.png", results)
    print(f"\n{report.text(results, plan)}\n\nwritten: {out / 'results.json'}, {out / 'results.png'}")
    return results


def measure(rig: Rig, plan: Plan, letters: Collection[str] = tuple(PARTS)) -> Results:
    """Every part in turn, `plan.rounds` times."""
    results = Results()
    wanted = _with_needs(letters)
    warm_up(Round(rig, plan))
    for number in range(1, plan.rounds + 1):
        turn = Round(rig, plan)
        for part in (part for part in ORDER if any(part in PARTS[letter] for letter in wanted)):
            if plan.judged:
                rig.wait_for_quiet()
            result = part(turn)
            result.round = number
            results.all.append(result)
            print(report.one_line(result), flush=True)
    results.memory = [asdict(one) for one in Meter(rig.stack).memory()]
    return results


def _with_needs(letters: Collection[str]) -> set[str]:
    wanted = set(letters)
    while more := {need for letter in wanted for need in NEEDS.get(letter, "")} - wanted:
        wanted |= more
    return wanted


def verdict(results: Results, plan: Plan) -> int:
    """The exit status."""
    if results.broken or any(result.numbers.get("other") for result in results.all):
        return WRONG
    missed = plan.judged and any(floor.holds is False for floor in floors(results))
    return MISSED if missed else 0


def _letters(text: str) -> tuple[str, ...]:
    letters = tuple(text.split(",")) if text else tuple(PARTS)
    unknown = set(letters) - set(PARTS)
    if unknown:
        raise SystemExit(f"bench: no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    return letters


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.bench", description=__doc__)
    parser.add_argument("command", choices=["run"])
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it runs")
    parser.add_argument("--only", default="", help="parts, for example c,d (what they need runs too)")
    parser.add_argument("--rounds", type=int, help="rounds (default: 3)")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "var" / "bench", help="folder for the results")
    parser.add_argument("--keep", action="store_true", help="keep the stack's folder, to look at its logs")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
