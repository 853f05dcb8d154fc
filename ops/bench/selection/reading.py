"""Part (j): what everybody reads, before and after they have chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ops.bench.parts import Round, shoot_all
from ops.bench.results import Result
from ops.bench.selection.parts import opening, volley_numbers
from ops.bench.selection.term import BenchTerm
from ops.bench.shooting import BenchError, Shot

READS_EACH = 5  # a page is loaded more than once


def timetable(run: Round) -> Result:
    """(j) The students' own enrolments, as the timetable page asks for them.

    Each has asked once before, not counted: a worker that meets a term for the first time describes thousands of sections.
    """
    path = f"/api/me/enrolments?term_id={_chosen(run).term_id}"
    once = [Shot("GET", path, one.token, "-") for one in run.enrolled[: _readers(run)]]
    shoot_all(run, once)
    return _reads(run, "timetable", once * READS_EACH)


def catalogue(run: Round) -> Result:
    """(j) The list of sections, with the filters that people use."""
    term = _chosen(run).term_id
    filters = [f"weekday={day}" for day in range(1, 8)] + [f"q={word}" for word in ("A", "MATH", "EN")] + ["limit=50"]
    paths = [f"/api/sections?term_id={term}&{one}" for one in filters]
    students = run.rig.students
    many = range(run.plan.reads)
    return _reads(
        run, "catalogue", [Shot("GET", paths[at % len(paths)], students[at % len(students)].token, "-") for at in many]
    )


def page_shell(run: Round) -> Result:
    """(j) The page itself, which Nginx has as a file."""
    token = run.rig.students[0].token
    return _reads(run, "page_shell", [Shot("GET", "/lectures", token, "-")] * run.plan.reads)


def _readers(run: Round) -> int:
    return max(1, run.plan.reads // READS_EACH)


def _chosen(run: Round) -> BenchTerm:
    """The term that (h) opened; without (h) one in which only those who read have chosen."""
    if run.term is None:
        small = Round(run.rig, replace(run.plan, cart_students=_readers(run)))
        result = opening(small)
        if small.term is None or (result.findings is not None and result.findings.broken):
            raise BenchError(f"nothing to read: {result.findings}")
        run.term, run.enrolled = small.term, small.enrolled
    return run.term


def _reads(run: Round, name: str, shots: Sequence[Shot]) -> Result:
    volley, cpu = shoot_all(run, shots)
    good = sum(count for status, count in volley.statuses.items() if status.startswith("200"))
    return Result(name, volley_numbers(volley, good), dict(volley.statuses), cpu)
