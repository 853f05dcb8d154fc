"""A drill, as operators run it: what it reports when the promise is kept, and that it notices when it is not."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, select

from app.admission.claims import Claim
from app.admission.models import ClaimRow
from app.catalogue.models import KIND as SECTION
from app.lectures.models import KIND
from app.operations.report_views import view
from ops.drills import books, history, report, run
from ops.drills.__main__ import SHORT
from ops.drills.books import Books
from ops.drills.catalogue import DRILLS, Drill
from ops.drills.inside import Inside
from ops.drills.marking import Marking
from ops.drills.site import OneHost
from tests.campus import Campus
from tests.waiting import until

RATE = 20.0
STUDENTS = 4000  # more than come in three minutes: on a busy machine it takes a while until all is whole
TOLD_WITHIN_S = 2.0


@pytest.fixture
def site(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> OneHost:
    """The campus, for a short drill."""
    monkeypatch.setattr(run, "BEFORE_S", 3.0)
    monkeypatch.setattr(run, "AFTER_S", 3.0)
    return OneHost(campus.stack, campus.services, Books(campus.services, campus.engine), campus.students(STUDENTS))


def test_a_drill_says_what_it_was_to_students(site: OneHost, tmp_path: Path) -> None:
    result = run.run(site, DRILLS["redis-killed"], tmp_path, per_second=RATE, seed=1)
    assert result.violations == []
    assert result.promised > 0
    assert 0 < result.broken_at < result.healed_at < result.ended_at
    page = report.save(result, tmp_path)
    assert "没有任何违反" in page.read_text("utf-8")
    kept: dict[str, Any] = orjson.loads(page.with_suffix(".json").read_bytes())
    assert kept["counts"] == {"lost": 0, "duplicated": 0, "oversold": 0, "contradicted": 0}
    assert kept["mended"] == result.mended
    assert list(kept["marks_gap_s"]) == ["host"]
    assert sum(step["good"] for step in kept["seen"]["steps"]) > 0
    shown = view("drills", page.stem, kept)  # on the operators' pages
    assert (shown["held"], shown["id"]) == (True, page.stem)
    assert not list(tmp_path.glob("*.order")), "tokens are left nowhere"


@pytest.mark.parametrize("name", [one for one in SHORT if one != "redis-killed"])
def test_the_loss_of_one_server_keeps_every_promise(site: OneHost, tmp_path: Path, name: str) -> None:
    result = run.run(site, DRILLS[name], tmp_path, per_second=RATE, seed=SHORT.index(name) + 10)
    assert result.violations == []
    assert result.promised > 0


def test_for_how_long_no_claim_could_be_marked(campus: Campus, site: OneHost) -> None:
    zookeeper, away_s = campus.service("zookeeper"), 3.0
    # A busy machine makes a mark late, now and then.
    assert any(quiet_gap_s(site, away_s) < away_s / 2 for _ in range(5))
    with Marking(site.inside()) as broken:
        zookeeper.kill(stay_down=True)
        sleep(away_s)
        zookeeper.start()
        zookeeper.wait_ready()
        assert (broken.stop()["host"] or 0.0) >= away_s


def quiet_gap_s(site: OneHost, away_s: float) -> float:
    """The longest gap while nothing is broken."""
    with Marking(site.inside()) as quiet:
        sleep(away_s)
        return quiet.stop()["host"] or away_s


def test_what_does_not_mark_does_not_begin(site: OneHost) -> None:
    nowhere = Inside(("false",), site.stack.environment())
    with pytest.raises(OSError, match="not marked on there"):
        Marking({"there": nowhere})


def lose_a_claim(site: OneHost, _: random.Random) -> None:
    """What must never happen: a claim that was accepted and decided is not in the books any more.

    The drill's first, once its student was told: the newest would be asked for once more, and decided anew.
    """
    begun = site.services.clock.now() - timedelta(seconds=run.BEFORE_S)

    def lost() -> bool:
        told = site.services.clock.now() - timedelta(seconds=TOLD_WITHIN_S)
        those = ClaimRow.kind == KIND, ClaimRow.state == "confirmed", ClaimRow.decided_at.between(begun, told)
        with site.services.db.transaction() as session:
            found = session.scalar(select(ClaimRow.id).where(*those).order_by(ClaimRow.decided_at).limit(1))
            # By its key alone: a look that locked what it passes would stand in the consumers' way.
            return found is not None and session.execute(delete(ClaimRow).where(ClaimRow.id == found)).rowcount == 1

    until(lost, "somebody who is confirmed, as the load goes on")


def test_a_drill_notices_a_claim_that_was_lost(
    campus: Campus, site: OneHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "AT_REST_WITHIN_S", 5.0)
    result = run.run(site, Drill("lost", "", "", lose_a_claim, 0.0), tmp_path, per_second=RATE, seed=2)
    told = history.read(tmp_path / "lost.jsonl")
    sent = next(one for one in told.wishes if one.kind == SECTION and one.told)
    late = Claim(sent.claim_id, SECTION, "book", sent.student.id, sent.lecture_id, cart="late")
    until(lambda: campus.engine.marks.create([late]), "a mark, which goes with what it is about")
    campus.forget(told)
    assert any("is not decided" in one for one in result.violations), result.violations
    assert report.document(result)["counts"]["lost"] > 0
    assert not report.document(result)["held"]
    assert campus.verify(lectures=[]) == []
