"""Every claim, checked against MariaDB and Redis after each part. Plain SQL, none of the engine's own queries.

What students were told is one side, what is stored is the other. A check that cannot fail proves nothing:
tests/functional/ops/test_bench.py deletes, doubles and changes rows and wants to see each found.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, text

from app.admission.claims import Standing
from app.lectures.models import KIND
from ops.bench.offerings import Offerings
from ops.bench.rig import Rig

SETTLE_WITHIN_S = 30.0
PROMISES = ("oversold", "lost", "duplicated", "contradicted", "clashes", "over_cap", "unentitled", "untold")
_CHUNK = 1000


@dataclass(slots=True)
class Told:
    """What the answers said.

    `claims`: every claim id of a 202, as often as it came, with the last state told ("pending" when nothing later).
    `refused`: ids of claims that were refused for certain. `unanswered`: requests whose outcome nobody was told.
    """

    claims: list[tuple[str, str]] = field(default_factory=list)
    refused: Collection[str] = ()
    unanswered: int = 0


@dataclass(slots=True)
class Findings:
    """How often each promise was broken; all 0 is the only good answer. `examples` says where.

    The last four are those of course selection (ops/bench/selection/check.py).
    """

    oversold: int = 0
    lost: int = 0
    duplicated: int = 0
    contradicted: int = 0
    clashes: int = 0
    over_cap: int = 0
    unentitled: int = 0
    untold: int = 0
    checked: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        return sum(getattr(self, name) for name in PROMISES)

    def add(self, what: str, count: int, example: str) -> None:
        """Count a violation; the first few examples are kept."""
        if count > 0:
            setattr(self, what, getattr(self, what) + count)
            if len(self.examples) < 10:
                self.examples.append(f"{what}: {example}")


@dataclass(slots=True)
class _Stored:
    rows: dict[str, Any]
    taken: dict[int, int]
    bookings: list[Any]


def audit(rig: Rig, offerings: Offerings, told: Told) -> Findings:
    """Wait until nothing is pending any more (30 s at most), then compare."""
    wanted = [claim for claim, _ in told.claims]
    live = _wait_until_settled(rig, offerings, wanted)
    stored = _read(rig, offerings)
    findings = Findings(checked=len(set(wanted)) + len(told.refused))
    _seats(findings, offerings, stored)
    _told(findings, told, stored)
    _doubles(findings, told, stored)
    _bookings(findings, stored)
    _redis(rig, findings, offerings, stored, live)
    return findings


def audit_baseline(rig: Rig, offerings: Offerings, accepted: int, unanswered: int) -> Findings:
    """The same promise for the baseline: as many bookings as 201s, none too many, none twice."""
    findings = Findings(checked=accepted)
    lectures = _select(rig, "SELECT id, taken FROM bench_lecture WHERE id IN :ids", list(offerings))
    pairs = Counter(
        (row.lecture_id, row.student_id)
        for row in _select(rig, "SELECT lecture_id, student_id FROM bench_booking WHERE lecture_id IN :ids", offerings)
    )
    per_lecture = Counter(lecture for lecture, _ in pairs.elements())
    for row in lectures:
        most = max(per_lecture[row.id], row.taken)
        findings.add("oversold", most - offerings[row.id], f"lecture {row.id}: {most} of {offerings[row.id]}")
    findings.add("lost", accepted - pairs.total(), f"{accepted} accepted, {pairs.total()} stored")
    findings.add("contradicted", pairs.total() - accepted - unanswered, f"{pairs.total()} stored, {accepted} told")
    findings.add("duplicated", pairs.total() - len(pairs), "a student twice in a lecture")
    return findings


def _seats(findings: Findings, offerings: Offerings, stored: _Stored) -> None:
    confirmed = Counter(row.offering_id for row in stored.rows.values() if row.state == "confirmed")
    booked = Counter(row.lecture_id for row in stored.bookings if row.state == "confirmed")
    for number, capacity in offerings.items():
        taken = stored.taken.get(number, -1)
        most = max(confirmed[number], booked[number], taken)
        findings.add("oversold", most - capacity, f"lecture {number}: {most} of {capacity} seats")
        if taken != confirmed[number]:
            findings.add("contradicted", 1, f"lecture {number}: taken {taken}, confirmed {confirmed[number]}")


def _told(findings: Findings, told: Told, stored: _Stored) -> None:
    known = {claim for claim, _ in told.claims}
    for claim, state in told.claims:
        row = stored.rows.get(claim)
        if row is None:
            findings.add("lost", 1, f"claim {claim} was accepted and never decided")
        elif state not in {"pending", "-", row.state}:
            findings.add("contradicted", 1, f"claim {claim}: told {state}, stored {row.state}")
    for claim in told.refused:
        row = stored.rows.get(claim)
        if row is not None and row.state != "rejected":
            findings.add("contradicted", 1, f"claim {claim}: refused, stored {row.state}")
    others = [claim for claim in stored.rows if claim not in known and claim not in told.refused]
    findings.add("contradicted", len(others) - told.unanswered, f"nobody was told of {others[:3]}")


def _doubles(findings: Findings, told: Told, stored: _Stored) -> None:
    seats = Counter((row.offering_id, row.user_id) for row in stored.rows.values() if row.state == "confirmed")
    for (offering, user), count in seats.items():
        findings.add("duplicated", count - 1, f"student {user} has {count} seats in {offering}")
    for claim, count in Counter(claim for claim, _ in told.claims).items():
        findings.add("duplicated", count - 1, f"claim {claim} was the answer to {count} requests")
    for claim, count in Counter(row.claim_id for row in stored.bookings).items():
        findings.add("duplicated", count - 1, f"claim {claim} has {count} bookings")


def _bookings(findings: Findings, stored: _Stored) -> None:
    states = {row.claim_id: row.state for row in stored.bookings}
    for claim, row in stored.rows.items():
        held = states.pop(claim, None)
        if row.state in {"confirmed", "waitlisted"} and held != row.state:
            findings.add("contradicted", 1, f"claim {claim} is {row.state}, its booking {held}")
    findings.add("contradicted", len(states), f"bookings without a claim: {list(states)[:3]}")


def _redis(
    rig: Rig, findings: Findings, offerings: Offerings, stored: _Stored, live: Mapping[str, Standing | None]
) -> None:
    """What GET /api/claims would say, and the seats that the gate would give away."""
    for claim, standing in live.items():
        row = stored.rows.get(claim)
        if standing is not None and row is not None and standing.state != row.state:
            findings.add("contradicted", 1, f"claim {claim}: Redis says {standing.state}, stored {row.state}")
    for number, seats in _seats_left(rig, offerings).items():
        if seats is not None and seats != offerings[number] - stored.taken.get(number, 0):
            findings.add("contradicted", 1, f"lecture {number}: Redis has {seats} seats left")


def _wait_until_settled(rig: Rig, offerings: Offerings, claims: Sequence[str]) -> dict[str, Standing | None]:
    """The claims' standings in Redis, once none of them is pending and the counters agree with MariaDB."""
    deadline = time.monotonic() + SETTLE_WITHIN_S
    while True:
        live: dict[str, Standing | None] = {}
        for at in range(0, len(claims), _CHUNK):
            chunk = claims[at : at + _CHUNK]
            live.update(zip(chunk, _standings(rig, chunk), strict=True))
        pending = any(standing is not None and standing.state == "pending" for standing in live.values())
        if (not pending and _counters_agree(rig, offerings)) or time.monotonic() > deadline:
            return live
        time.sleep(0.2)


def _standings(rig: Rig, claims: Sequence[str]) -> list[Standing | None]:
    return rig.engine.epochs.fenced(lambda fence: rig.engine.store.standings(claims, fence=fence))


def _counters_agree(rig: Rig, offerings: Offerings) -> bool:
    taken = _taken(rig, offerings)
    left = _seats_left(rig, offerings)
    return all(left[number] in {None, capacity - taken.get(number, 0)} for number, capacity in offerings.items())


def _seats_left(rig: Rig, offerings: Offerings) -> dict[int, int | None]:
    ids = list(offerings)
    found = rig.engine.epochs.fenced(lambda fence: rig.engine.store.seats(KIND, ids, fence=fence))
    return {number: pools["0"][0] if "0" in pools else None for number, pools in zip(ids, found, strict=True)}


def _taken(rig: Rig, offerings: Offerings) -> dict[int, int]:
    query = "SELECT offering_id, taken FROM seat_pool WHERE kind = 'lecture' AND offering_id IN :ids"
    return {row.offering_id: row.taken for row in _select(rig, query, offerings)}


def _read(rig: Rig, offerings: Offerings) -> _Stored:
    claims = "SELECT id, offering_id, user_id, state FROM claim WHERE kind = 'lecture' AND offering_id IN :ids"
    booked = "SELECT lecture_id, claim_id, state FROM lecture_booking WHERE lecture_id IN :ids"
    rows = {row.id: row for row in _select(rig, claims, offerings)}
    return _Stored(rows, _taken(rig, offerings), list(_select(rig, booked, offerings)))


def _select(rig: Rig, query: str, ids: Collection[int]) -> Sequence[Any]:
    statement = text(query).bindparams(bindparam("ids", expanding=True))
    with rig.services.db.reading() as session:
        return session.execute(statement, {"ids": list(ids)}).all()
