"""A rehearsal, as operators run it but small: what it reports of an opening, and that it notices a claim that was lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.admission.models import ClaimRow
from app.operations.report_views import view
from ops.drills import books, history
from ops.drills.books import Books
from ops.drills.offerings import Offerings
from ops.drills.site import OneHost
from ops.rehearsal import report, run
from ops.rehearsal.place import HostPlace
from ops.rehearsal.plan import Plan
from tests.campus import Campus

STUDENTS, LECTURES, SEATS = 60, 2, 20


@pytest.fixture
def place(campus: Campus) -> HostPlace:
    """The campus, with as many students as press."""
    return HostPlace(
        OneHost(campus.stack, campus.services, Books(campus.services, campus.engine), campus.students(STUDENTS))
    )


@pytest.fixture
def plan() -> Plan:
    """Sixty students for forty seats."""
    return Plan.of(students=STUDENTS, lectures=LECTURES, seats=SEATS, over=0.5, within=60.0, seed=4)


def test_an_opening_is_measured_and_checked(place: HostPlace, plan: Plan, tmp_path: Path) -> None:
    result = run.rehearse(place, plan, tmp_path)
    assert result.violations == []
    assert (result.seen.pressed, result.seen.untold) == (STUDENTS, 0)
    # On a busy machine Redis may be too slow for some: then MariaDB rejects what was accepted without it.
    assert 0 < result.seen.outcomes["confirmed"] <= LECTURES * SEATS
    assert sum(result.seen.outcomes.values()) == STUDENTS
    assert result.decided >= result.seen.accepted
    asked = [wish.answers[0].asked_at for wish in history.read(tmp_path / run.HISTORY).wishes]
    # Some 0.5 s, and more where they do not all get to press in that time.
    assert 0 < result.drain_s <= result.seen.worst_wait_s + max(asked) - min(asked) + 0.1
    assert {"web", "claims", "redis", "mariadb", "crowd", "watch", "others"} <= result.cpu_s.keys()
    assert result.looks
    page = report.save(result, tmp_path)
    assert "没有任何违反" in page.read_text("utf-8")
    kept: dict[str, Any] = orjson.loads(page.with_suffix(".json").read_bytes())
    assert kept["held"]
    assert kept["plan"]["students"] == STUDENTS
    shown = view("rehearsals", page.stem, kept)  # on the operators' pages
    assert (shown["held"], shown["id"]) == (True, page.stem)
    assert not [*tmp_path.glob("*.order"), *tmp_path.glob("watch-*")], (
        "tokens are left nowhere, nor what was only for us"
    )


class Forgetful(Books):
    """What must never happen: a decision is not in the books any more when they are looked into, at rest."""

    def wrong(self, path: Path, offerings: Offerings) -> list[str]:
        assert super().wrong(path, offerings) == []
        those = ClaimRow.offering_id.in_(offerings.lectures)
        confirmed = select(ClaimRow).where(those, ClaimRow.state == "confirmed").limit(1)
        with self._services.db.transaction() as session:
            session.delete(session.scalars(confirmed).one())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                books, "AT_REST_WITHIN_S", 15.0
            )  # a machine that stood still has cost every ZooKeeper session
            return super().wrong(path, offerings)


def test_a_lost_claim_is_noticed(campus: Campus, place: HostPlace, plan: Plan, tmp_path: Path) -> None:
    place.site.books = Forgetful(campus.services, campus.engine)
    result = run.rehearse(place, plan, tmp_path)
    campus.forget(history.read(tmp_path / run.HISTORY))
    assert any("is not decided" in one for one in result.violations), result.violations
    assert report.document(result)["counts"]["lost"] > 0
    assert campus.verify(lectures=[]) == []
