"""Every wish of an opening, checked against MariaDB and Redis. Plain SQL and plain arithmetic, none of the engine's rules.

What students were told is one side, what is stored the other; and no student may sit in two rooms at once, in one course
twice, beyond the credits allowed, or without what the course needs. tests/functional/ops/test_selection_bench.py spoils
rows and answers, and wants to see each of these found.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from app.catalogue.models import KIND
from ops.bench import audit
from ops.bench.audit import Findings
from ops.bench.rig import Rig
from ops.bench.selection.carts import Wish
from ops.bench.selection.term import BenchTerm

_CHUNK = 1000
# What a later step may make of what a student was told at an earlier one.
_LATER = {"waitlisted": {"confirmed", "cancelled", "expired"}, "confirmed": {"cancelled"}}
_HOLDS = {"confirmed": "seat", "waitlisted": "line"}


@dataclass(slots=True)
class _Stored:
    """Of one term. `pools`: section → (capacity, taken, waiting)."""

    claims: dict[str, Any]
    enrolments: list[Any]
    pools: dict[int, tuple[int, int, int]]


def check(rig: Rig, term: BenchTerm, wishes: Sequence[Wish], *, unanswered: int = 0) -> Findings:
    """Wait until nothing is pending any more (30 s at most), then compare. `unanswered`: wishes whose outcome the
    generator could not hear."""
    _wait_until_settled(rig)
    stored = _read(rig, term)
    findings = Findings(checked=len(wishes))
    _seats(findings, term, stored)
    _told(findings, wishes, stored, unanswered)
    _rolls(findings, stored)
    for person, rows in _by_student(stored).items():
        _one_timetable(findings, person, rows, term)
    _credits(rig, findings, term, stored)
    _entitled(rig, findings, stored)
    _redis(rig, findings, term, wishes, stored)
    return findings


def _seats(findings: Findings, term: BenchTerm, stored: _Stored) -> None:
    claims = Counter((row.offering_id, row.state) for row in stored.claims.values())
    rolls = Counter((row.section_id, row.state) for row in stored.enrolments)
    for section, seats in term.capacities.items():
        _, taken, waiting = stored.pools.get(section, (0, -1, -1))
        most = max(claims[section, "confirmed"], rolls[section, "confirmed"], taken)
        findings.add("oversold", most - seats, f"section {section}: {most} of {seats} seats")
        if taken != claims[section, "confirmed"] or waiting != claims[section, "waitlisted"]:
            findings.add(
                "contradicted", 1, f"section {section}: taken {taken}, waiting {waiting}, not what claims hold"
            )


def _told(findings: Findings, wishes: Sequence[Wish], stored: _Stored, unanswered: int) -> None:
    for wish in wishes:
        row = stored.claims.get(wish.claim)
        if not wish.final:
            findings.add("untold", 1, f"claim {wish.claim}: told {wish.told or 'nothing'} at the end")
        if wish.told == "refused":
            if row is not None and row.state != "rejected":
                findings.add("contradicted", 1, f"claim {wish.claim}: refused ({wish.reason}), stored {row.state}")
        elif row is None:
            findings.add("lost", bool(wish.told), f"claim {wish.claim} was accepted and never decided")
        elif wish.final and not _follows(wish, row):
            findings.add("contradicted", 1, f"claim {wish.claim}: told {wish.told}, stored {row.state}")
    for claim, count in Counter(wish.claim for wish in wishes).items():
        findings.add("duplicated", count - 1, f"claim {claim} was the answer to {count} wishes")
    others = stored.claims.keys() - {wish.claim for wish in wishes}
    findings.add("contradicted", len(others) - unanswered, f"nobody was told of {list(others)[:3]}")


def _follows(wish: Wish, row: Any) -> bool:
    """True when what is stored is what was told, or a later step of it."""
    if row.version > wish.version:
        return row.state in _LATER.get(wish.told, ())
    return bool(row.state == wish.told and row.version == wish.version)


def _rolls(findings: Findings, stored: _Stored) -> None:
    """Every claim that holds something has one enrolment that says the same, and the other way round."""
    states = {row.claim_id: row.state for row in stored.enrolments}
    findings.add("duplicated", len(stored.enrolments) - len(states), "a claim with two enrolments")
    for claim, row in stored.claims.items():
        held = states.pop(claim, None)
        if held != (row.state if row.state in _HOLDS else None):
            findings.add("contradicted", 1, f"claim {claim} is {row.state}, its enrolment {held}")
    findings.add("contradicted", len(states), f"enrolments without a claim: {list(states)[:3]}")


def _one_timetable(findings: Findings, person: int, rows: Sequence[Any], term: BenchTerm) -> None:
    when = {one.section_id: one.when for one in term.options}
    taken = 0
    for row in rows:
        if row.state == "confirmed":
            bits = when.get(row.section_id, 0)
            findings.add("clashes", bool(taken & bits), f"student {person}: section {row.section_id} clashes")
            taken |= bits
    for course, count in Counter(row.course_id for row in rows).items():
        findings.add("duplicated", count - 1, f"student {person} holds {count} sections of course {course}")
    for section, count in Counter(row.section_id for row in rows).items():
        findings.add("duplicated", count - 1, f"student {person} is {count} times in section {section}")


def _credits(rig: Rig, findings: Findings, term: BenchTerm, stored: _Stored) -> None:
    used: dict[int, Decimal] = defaultdict(Decimal)
    for row in stored.enrolments:
        if row.state == "confirmed":
            used[row.student_id] += row.worth
    query = "SELECT student_id, credit_limit, used FROM term_credit WHERE term_id = :term"
    for row in _select(rig, query, term=term.term_id):
        mine = used.pop(row.student_id, Decimal(0))
        over = max(mine, row.used) > row.credit_limit
        findings.add("over_cap", over, f"student {row.student_id}: {mine} of {row.credit_limit} credits")
        if row.used != mine:
            findings.add("contradicted", 1, f"student {row.student_id}: {row.used} credits noted, {mine} used")
    findings.add("over_cap", len(used), f"students without a credit account: {list(used)[:3]}")


def _entitled(rig: Rig, findings: Findings, stored: _Stored) -> None:
    needs: dict[int, set[int]] = defaultdict(set)
    for row in _select(rig, "SELECT course_id, prerequisite_id FROM course_prerequisite WHERE is_deleted = 0"):
        needs[row.course_id].add(row.prerequisite_id)
    passed: dict[int, set[int]] = defaultdict(set)
    for row in _select(rig, "SELECT student_id, course_id FROM completed_course WHERE passed = 1"):
        passed[row.student_id].add(row.course_id)
    for row in stored.enrolments:
        missing = needs.get(row.course_id, set()) - passed.get(row.student_id, set())
        findings.add("unentitled", bool(missing), f"student {row.student_id}: course {row.course_id} needs {missing}")


def _redis(rig: Rig, findings: Findings, term: BenchTerm, wishes: Sequence[Wish], stored: _Stored) -> None:
    """What the status route would say, the seats the gate would give away, and what the accounts hold."""
    store, epochs = rig.engine.store, rig.engine.epochs
    for chunk in _chunks([wish.claim for wish in wishes if wish.claim in stored.claims]):
        live = epochs.fenced(lambda fence, chunk=chunk: store.standings(chunk, fence=fence))  # type: ignore[misc]
        for claim, standing in zip(chunk, live, strict=True):
            if standing is not None and standing.state != stored.claims[claim].state:
                said = f"claim {claim}: Redis says {standing.state}, stored {stored.claims[claim].state}"
                findings.add("contradicted", 1, said)
    sections = list(term.capacities)
    counters = epochs.fenced(lambda fence: store.seats(KIND, sections, fence=fence))
    for section, pools in zip(sections, counters, strict=True):
        capacity, taken, waiting = stored.pools[section]
        if pools and pools["0"] != (capacity - taken, waiting):
            findings.add("contradicted", 1, f"section {section}: Redis has {pools['0']}, stored {taken} of {capacity}")
    _accounts(rig, findings, term, {wish.student for wish in wishes}, stored)


def _accounts(rig: Rig, findings: Findings, term: BenchTerm, students: Iterable[int], stored: _Stored) -> None:
    held = {person: {row.section_id: _HOLDS[row.state] for row in rows} for person, rows in _by_student(stored).items()}
    for chunk in _chunks(sorted(students)):
        pipeline = rig.services.redis.pipeline(transaction=False)
        for person in chunk:
            pipeline.hgetall(f"sr:a:{KIND}:{term.term_id}:{person}")
        for person, fields in zip(chunk, pipeline.execute(), strict=True):
            live = {int(k[2:]): v.partition(b"|")[0].decode() for k, v in fields.items() if k.startswith(b"h:")}
            if live != held.get(person, {}):
                findings.add("contradicted", 1, f"student {person}: Redis's account is not what is stored")


def _wait_until_settled(rig: Rig) -> None:
    deadline = time.monotonic() + audit.SETTLE_WITHIN_S
    query = "SELECT COUNT(*) AS open FROM outbox WHERE done_at IS NULL"
    while time.monotonic() < deadline:
        if rig.services.redis.zcard("sr:pending") == 0 and _select(rig, query)[0].open == 0:
            return
        time.sleep(0.2)


def _by_student(stored: _Stored) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in stored.enrolments:
        found[row.student_id].append(row)
    return found


def _read(rig: Rig, term: BenchTerm) -> _Stored:
    claims = (
        "SELECT c.id, c.offering_id, c.user_id, c.state, c.version FROM claim AS c JOIN section AS s "
        "ON s.id = c.offering_id WHERE c.kind = 'section' AND c.action = 'book' AND s.term_id = :term"
    )
    rolls = (
        "SELECT e.student_id, e.section_id, s.course_id, e.claim_id, e.state, k.credits AS worth FROM enrolment AS e "
        "JOIN section AS s ON s.id = e.section_id JOIN course AS k ON k.id = s.course_id "
        "WHERE s.term_id = :term AND e.state IN ('confirmed', 'waitlisted')"
    )
    pools = (
        "SELECT p.offering_id, p.capacity, p.taken, p.waiting FROM seat_pool AS p JOIN section AS s "
        "ON s.id = p.offering_id WHERE p.kind = 'section' AND s.term_id = :term"
    )
    return _Stored(
        {row.id: row for row in _select(rig, claims, term=term.term_id)},
        list(_select(rig, rolls, term=term.term_id)),
        {
            row.offering_id: (row.capacity, row.taken, row.waiting)
            for row in _select(rig, pools, term=term.term_id)
        },
    )  # fmt: skip


def _select(rig: Rig, query: str, **values: Any) -> Sequence[Any]:
    with rig.services.db.reading() as session:
        return session.execute(text(query), values).all()


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(items), _CHUNK):
        yield items[at : at + _CHUNK]
