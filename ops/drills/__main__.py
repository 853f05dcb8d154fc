"""`python -m ops.drills run NAME…`: drills on a private system of this machine. `list` names them."""

from __future__ import annotations

from gevent import monkey

# Before every other import, as in wsgi.py: the load is thousands of greenlets.
# ruff: noqa: E402
monkey.patch_all()

import argparse
import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from math import ceil
from pathlib import Path
from random import randrange
from tempfile import mkdtemp
from typing import Any

import orjson

from ops.drills import goodput, load, marking, report
from ops.drills.books import Books
from ops.drills.catalogue import DRILLS, Drill
from ops.drills.chaos import STRIKES, chaos
from ops.drills.ending import end_in_order
from ops.drills.lab_catalogue import LAB_DRILLS
from ops.drills.lab_chaos import LAB_STRIKES
from ops.drills.lab_site import three_hosts
from ops.drills.lab_slow import relay
from ops.drills.offerings import Offerings
from ops.drills.processors import for_servers
from ops.drills.run import run
from ops.drills.site import Site, one_host
from ops.stack import StackError
from ops.stack.config import REPOSITORY
from ops.stack.servers.nginx import CLAIMS_EACH_PROCESSOR

FOLDER = REPOSITORY / "var" / "drills"
# Two to three minutes each: what a single loss of a server is to students.
SHORT = (
    "nginx-killed",
    "web-killed",
    "claims-killed",
    "redis-killed",
    "rabbitmq-killed",
    "mariadb-killed",
    "zookeeper-killed",
)
# Goodput wants fifteen seconds of five times the peak.
STUDENTS, STUDENTS_IN_A_RUSH = 12_000, 30_000
SPARE = 1.25  # of those who come while chaos lasts: it begins later, and ends when all is whole


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when an invariant is broken, 2 when a drill could not be done."""
    options = _parser().parse_args(arguments)
    options.students = options.students or _students(options)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for library in ("pika", "kazoo"):  # they say of each try that it failed
        logging.getLogger(library).setLevel(logging.CRITICAL)
    return int(COMMANDS[options.command](options))


def _students(options: argparse.Namespace) -> int:
    """How many a campus made for this command needs."""
    if options.command == "goodput":
        return STUDENTS_IN_A_RUSH
    return max(STUDENTS, _lasting(options)) if "chaos" in options.names else STUDENTS


def _lasting(options: argparse.Namespace) -> int:
    """Who comes while chaos lasts."""
    seconds: float = options.minutes * 60
    students: float = options.rate * seconds * SPARE
    return ceil(students)


def _list(_: argparse.Namespace) -> int:
    everywhere = {name: one.title for name, one in DRILLS.items()}
    for name, title in {**everywhere, **{name: f"{one.title} (--lab)" for name, one in LAB_DRILLS.items()}}.items():
        print(f"{name:22} {title}")
    print(f"{'chaos':22} random faults (--minutes, --seed)")
    return 0


def _load(options: argparse.Namespace) -> int:
    load.run(load.Order.load(Path(options.names[0])))
    return 0


def _marking(_: argparse.Namespace) -> int:
    marking.run()
    return 0


def _run(options: argparse.Namespace) -> int:
    options.lab = options.lab or any(name in LAB_DRILLS for name in options.names)
    by_chance: Drill[Any] = chaos(options.minutes, LAB_STRIKES) if options.lab else chaos(options.minutes, STRIKES)
    known: dict[str, Drill[Any]] = {**DRILLS, **(LAB_DRILLS if options.lab else {}), by_chance.name: by_chance}
    names = options.names or [name for name in known if (options.all and name != "chaos") or name in SHORT]
    try:
        if unknown := [name for name in names if name not in known]:
            raise StackError(f"no drill {unknown[0]!r} here; `python -m ops.drills list` names them")
        options.reports = options.reports.resolve()
        options.reports.mkdir(parents=True, exist_ok=True)
        return 1 if _all([known[name] for name in names], options) else 0
    except (StackError, OSError) as error:
        print(f"seatrush: {error}", file=sys.stderr)
        return 2


def _all(drills: list[Drill[Any]], options: argparse.Namespace) -> int:
    """How many were broken."""
    broken = 0
    with _site(options) as site:
        needed = _lasting(options) if any(one.name == "chaos" for one in drills) else 0
        if len(site.students) < needed:  # the load would end long before
            raise StackError(
                f"{options.minutes:g} minutes of chaos are {needed:,} students, and the campus has {len(site.students):,}"
            )
        for drill in drills:
            results = []
            for _ in range(options.times):
                result = run(site, drill, options.reports, per_second=options.rate, seed=options.seed)
                results.append(result)
                print(report.line(result), flush=True)
                page, *_ = [report.save(result, folder) for folder in (options.reports, *site.shown)]
                print(f"{'':22} {page}", flush=True)
                for sentence in result.violations[:10]:
                    print(f"{'':22} {sentence}", flush=True)
                broken += bool(result.violations)
            if len(results) > 1:
                print(report.medians(results), flush=True)
    return broken


def _goodput(options: argparse.Namespace) -> int:
    folder = options.reports.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _site(options, for_servers() * CLAIMS_EACH_PROCESSOR) as site:
            found = goodput.goodput(
                lambda rate: goodput.measured(site, folder, rate, options.seed), options.rate, goodput.most(site)
            )
    except (StackError, OSError) as error:
        print(f"seatrush: {error}", file=sys.stderr)
        return 2
    (folder / "goodput.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    print(goodput.line(found), flush=True)
    return 0 if found.holds else 1


def _site(options: argparse.Namespace, claims_at_once: int | None = None) -> AbstractContextManager[Site]:
    end_in_order()
    print(f"seed {options.seed}", flush=True)
    if options.lab:
        return three_hosts(options.root, students=options.students)
    return one_host(Path(mkdtemp(prefix="drill-")), students=options.students, claims_at_once=claims_at_once)


def _books(options: argparse.Namespace) -> int:
    """A question about the books, answered as JSON: for a host of the lab."""
    question, *words = options.names
    books = Books.of_environment()
    answers: dict[str, Callable[[], object]] = {
        "students": books.students,
        "offerings": books.offerings,
        "opened": lambda: books.opened(*map(int, words)),
        "decided": lambda: books.decided([int(one) for one in words]),
        "open": lambda: books.wait_open(float(words[0])),
        "wrong": lambda: books.wrong(Path(words[0]), Offerings.of(orjson.loads(words[1]))),
    }
    sys.stdout.write(orjson.dumps(answers[question]()).decode())
    return 0


def _relay(options: argparse.Namespace) -> int:
    host, port = options.names
    relay(host, int(port))
    return 0


COMMANDS = {
    "list": _list,
    "run": _run,
    "goodput": _goodput,
    "load": _load,
    "marking": _marking,
    "books": _books,
    "relay": _relay,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.drills", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", help="drills (run; default: the loss of each server)")
    parser.add_argument(
        "--lab",
        action="store_true",
        help="on the three hosts of the lab (what only they can show is done there anyway)",
    )
    parser.add_argument(
        "--root", type=Path, default=REPOSITORY / "var" / "lab", help="the lab's folder (default: var/lab)"
    )
    parser.add_argument("--times", type=int, default=1, help="each drill so many times (default: 1)")
    parser.add_argument("--all", action="store_true", help="every drill but chaos")
    parser.add_argument("--rate", type=float, default=60.0, help="students a second (default: 60)")
    parser.add_argument(
        "--students", type=int, help=f"of the demo campus (default: {STUDENTS}, for goodput {STUDENTS_IN_A_RUSH})"
    )
    parser.add_argument("--minutes", type=float, default=15.0, help="how long chaos lasts (default: 15)")
    parser.add_argument("--seed", type=int, default=randrange(1_000_000), help="of students and chaos (default: any)")
    parser.add_argument("--reports", type=Path, default=FOLDER, help="where reports are kept (default: var/drills)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
