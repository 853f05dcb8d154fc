"""The bench end to end at a tiny size, and its checker: each kind of wrong claim must be found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from ops.bench import machine, plot, report
from ops.bench.__main__ import WRONG, measure, verdict
from ops.bench.audit import Told, audit, audit_baseline
from ops.bench.floors import floors
from ops.bench.offerings import Offerings, bookings, open_baseline, open_lectures, plain
from ops.bench.parts import BASELINE, FILLERS, fill
from ops.bench.plan import Plan
from ops.bench.programme import ORDER, PARTS
from ops.bench.results import Results
from ops.bench.rig import Rig
from ops.bench.shooting import shoot

PLAN = Plan.tiny()
EVERY_PART = {function.__name__ for functions in PARTS.values() for function in functions}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig.up(tmp_path_factory.mktemp("bench") / "stack", students=PLAN.students) as running:
        yield running


@pytest.fixture(scope="module")
def results(rig: Rig) -> Results:
    return measure(rig, PLAN)


def test_every_part_runs_and_every_claim_is_right(results: Results) -> None:
    assert set(results.parts()) == EVERY_PART
    checked = {result.part: result.findings.checked for result in results.all if result.findings}
    assert checked["accepted"] == checked["hot"] == checked["status"] == PLAN.claims
    assert checked["sold_out"] == PLAN.claims + FILLERS * PLAN.lectures
    assert checked["crowd"] == PLAN.crowd
    assert results.broken == 0
    assert verdict(results, PLAN) == 0


def test_rates_and_costs_are_measured(results: Results) -> None:
    for result in results.all:
        assert sum(result.cpu_ms.values()) > 0 or result.part == "rules_in_redis"
        assert result.numbers.get("unanswered", 0) == result.numbers.get("unfinished", 0) == 0
        if result.part not in {"crowd", "pace", "ceiling_pace", "rules_in_redis"}:
            assert result.numbers["per_s"] > 0
    crowd = results.of("crowd")[0]
    assert crowd.numbers["told"] == PLAN.crowd
    assert crowd.statuses["202"] == PLAN.crowd_seats
    assert {row["group"] for row in results.memory} >= {"web", "claims", "redis", "rabbitmq", "zookeeper", "mariadb"}


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part.__name__ for part in ORDER} == EVERY_PART
    assert len(ORDER) == len(EVERY_PART)


def test_table_json_and_plot(results: Results, tmp_path: Path) -> None:
    said = report.text(results, PLAN)
    assert all(report.TITLES[part] in said for part in EVERY_PART)
    assert "oversold 0, lost 0, duplicated 0, contradicted 0" in said
    assert all(floor.value is not None and floor.name in said for floor in floors(results))
    report.write_json(tmp_path / "results.json", results, PLAN, machine.describe())
    document = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert document["broken"] == 0
    assert {floor["name"] for floor in document["floors"]} == {floor.name for floor in floors(results)}
    plot.draw(tmp_path / "results.png", results)
    assert (tmp_path / "results.png").read_bytes().startswith(b"\x89PNG")


# -- the checker ------------------------------------------------------------------------------------------------


@dataclass
class Books:
    """Some confirmed claims, and hands that may spoil them."""

    rig: Rig
    offerings: Offerings
    told: Told

    @property
    def claim(self) -> str:
        return self.told.claims[0][0]

    def spoil(self, *statements: str) -> None:
        with self.rig.services.db.transaction() as session:
            for statement in statements:
                session.execute(text(statement), {"claim": self.claim})


@pytest.fixture
def books(rig: Rig) -> Books:
    offerings = open_lectures(rig, 2, 3)
    return Books(rig, offerings, Told(fill(rig, offerings, rig.students[:3])))


# A second seat of the same student in the same lecture. The unique keys refuse an active one, so it hides.
SECOND_CLAIM = (
    "INSERT INTO claim (id, kind, action, user_id, offering_id, pool, state, active, version, admitted_at, decided_at) "
    "SELECT UUID(), kind, action, user_id, offering_id, pool, state, NULL, version, admitted_at, decided_at "
    "FROM claim WHERE id = :claim"
)
SPOILT: dict[str, tuple[str, tuple[str, ...]]] = {
    "a claim that was accepted has no row": ("lost", ("DELETE FROM claim WHERE id = :claim",)),
    "a student has two seats": ("duplicated", (SECOND_CLAIM,)),
    "a lecture has more seats taken than it has": ("oversold", (SECOND_CLAIM,)),
    "told confirmed, stored rejected": ("contradicted", ("UPDATE claim SET state = 'rejected' WHERE id = :claim",)),
    "a confirmed claim has no booking": ("contradicted", ("DELETE FROM lecture_booking WHERE claim_id = :claim",)),
    "the counter is not the number of seats": (
        "contradicted",
        ("UPDATE seat_pool SET taken = 2 WHERE offering_id = (SELECT offering_id FROM claim WHERE id = :claim)",),
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_the_checker_finds(case: str, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.bench.audit.SETTLE_WITHIN_S", 1.0)
    assert audit(books.rig, books.offerings, books.told).broken == 0
    what, statements = SPOILT[case]
    books.spoil(*statements)
    findings = audit(books.rig, books.offerings, books.told)
    assert getattr(findings, what) >= 1
    assert any(example.startswith(what) for example in findings.examples)


MISTOLD: dict[str, tuple[str, Callable[[Books], Told]]] = {
    "accepted twice": ("duplicated", lambda books: Told([*books.told.claims, books.told.claims[0]])),
    "refused, but stored": ("contradicted", lambda books: Told(books.told.claims[1:], {books.claim})),
    "stored, but nobody was told": ("contradicted", lambda books: Told(books.told.claims[1:])),
    "told another state": ("contradicted", lambda books: Told([(books.claim, "rejected"), *books.told.claims[1:]])),
}


@pytest.mark.parametrize("case", MISTOLD)
def test_the_checker_finds_wrong_answers(case: str, books: Books) -> None:
    what, tell = MISTOLD[case]
    assert getattr(audit(books.rig, books.offerings, tell(books)), what) == 1


def test_a_wrong_claim_is_exit_status_1(books: Books, results: Results) -> None:
    books.spoil("DELETE FROM claim WHERE id = :claim")
    spoilt = Results()
    spoilt.all = [*results.all, results.of("accepted")[0]]
    spoilt.all[-1].findings, kept = audit(books.rig, books.offerings, books.told), spoilt.all[-1].findings
    try:
        assert verdict(spoilt, PLAN) == WRONG
    finally:
        spoilt.all[-1].findings = kept


def test_the_baseline_is_checked_too(rig: Rig) -> None:
    offerings = open_baseline(rig, 1, 5)
    volley = shoot(rig.port, plain(rig, rig.students[:5], offerings, BASELINE % "guarded"), connections=5)
    assert volley.statuses == {"201": 5}
    assert audit_baseline(rig, offerings, 5, 0).broken == 0
    assert audit_baseline(rig, offerings, 6, 0).lost == 1
    assert audit_baseline(rig, offerings, 4, 0).contradicted == 1
    assert audit_baseline(rig, dict.fromkeys(offerings, 4), 5, 0).oversold == 1


def test_requests_are_used_once(rig: Rig) -> None:
    offerings = open_lectures(rig, 2, 50)
    shots = bookings(rig, rig.students[:80], offerings)
    volley = shoot(rig.port, shots, connections=16)
    assert volley.statuses == {"202": 80}
    assert sorted(claim for claim, _ in volley.claims) == sorted(shot.claim for shot in shots)
    assert audit(rig, offerings, Told(volley.claims)).broken == 0
