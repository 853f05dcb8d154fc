"""`python -m ops.rehearsal run`: an opening minute on a private system of this machine, measured and checked."""

from __future__ import annotations

from gevent import monkey

# Before every other import, as in wsgi.py: the clients are gevent's.
# ruff: noqa: E402
monkey.patch_all()

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import randrange
from typing import NoReturn

from ops.drills.ending import end_in_order
from ops.rehearsal import place, report
from ops.rehearsal.place import HostPlace, LabPlace, Place
from ops.rehearsal.plan import Plan, PlanError
from ops.rehearsal.run import rehearse
from ops.rehearsal.watching import watch
from ops.stack import StackError
from ops.stack.config import REPOSITORY

FOLDER = REPOSITORY / "var" / "rehearsals"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when an invariant is broken, 2 when the rehearsal could not be done."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    options = _parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except (StackError, PlanError, OSError) as error:
        print(f"seatrush: {error}", file=sys.stderr)
        return 2


def _watch(options: argparse.Namespace) -> int:
    if options.file is None:
        raise PlanError("watch needs a file")
    watch(options.file)
    return 0


def _run(options: argparse.Namespace) -> int:
    plan = Plan.of(
        students=options.students, lectures=options.lectures, seats=options.seats, over=options.over,
        within=options.within, seed=options.seed,
    )  # fmt: skip
    end_in_order()
    folder = options.reports.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {plan.seed}: {plan.students:,} students, {plan.lectures} lectures of {plan.seats:,} seats", flush=True)
    with _place(options, plan.students) as where:
        result = rehearse(where, plan, folder)
    print(f"{report.text(result)}\n{report.save(result, folder)}", flush=True)
    for sentence in result.violations[:10]:
        print(sentence)
    return 1 if result.violations else 0


@contextmanager
def _place(options: argparse.Namespace, students: int) -> Iterator[Place]:
    if options.lab:
        with place.lab(options.root, students) as lab:
            yield LabPlace(lab)
    else:
        with place.host(students) as host:
            yield HostPlace(host)


COMMANDS = {"run": _run, "watch": _watch}


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"seatrush: {message} (--help lists what there is)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m ops.rehearsal", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("file", nargs="?", type=Path, help="watch: where looks are written, with a host's settings")
    parser.add_argument("--students", type=int, default=30_000, help="who press (default: 30000)")
    parser.add_argument("--lectures", type=int, default=8, help="that open (default: 8)")
    parser.add_argument("--seats", type=int, help="in each lecture (default: one for every second student)")
    parser.add_argument("--over", type=float, default=1.0, help="all press in the first so many seconds (default: 1)")
    parser.add_argument("--within", type=float, default=60.0, help="goal: all are decided in so many s (default: 60)")
    parser.add_argument("--seed", type=int, default=randrange(1_000_000), help="of moments and choices (default: any)")
    parser.add_argument("--lab", action="store_true", help="on the three hosts of the lab")
    parser.add_argument(
        "--root", type=Path, default=REPOSITORY / "var" / "lab", help="the lab's folder (default: var/lab)"
    )
    parser.add_argument("--reports", type=Path, default=FOLDER, help="where reports are kept (default: var/rehearsals)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
