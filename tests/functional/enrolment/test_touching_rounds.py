"""A round that begins as another ends: Redis goes over to it by its own clock, and nobody is told "closed" in between.

The keeper's pass that describes the sections anew does not run here at all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import gevent
import pytest
from sqlalchemy import text

from app.admission.errors import ClosedError, FrozenError, NothingToCancelError, NotOpenError
from app.enrolment import sheets
from app.enrolment.rounds.describing import describe_term
from app.enrolment.swapping import swap
from app.extensions import clock
from app.extensions.campus_time import learn_once
from app.extensions.clock import CampusClock, from_epoch_ms, machine_ms
from tests.factories import actor_for
from tests.functional.enrolment.conftest import Registry

SOON = timedelta(seconds=1.5)
LATER = timedelta(seconds=8)  # where something must have happened before


def change(registry: Registry, number: int, **fields: Any) -> None:
    """A round, before any section is loaded."""
    sets = ", ".join(f"{name} = :{name}" for name in fields)
    where = {"term": registry.term, "number": number}
    with registry.services.db.transaction() as session:
        query = f"UPDATE selection_round SET {sets} WHERE term_id = :term AND round_no = :number"
        session.execute(text(query), {**fields, **where})


def touching(registry: Registry, after: timedelta = timedelta(0), within: timedelta = SOON, **second: Any) -> float:
    """The round of now ends soon, the second one begins `after` that. Returns when the first one is over."""
    ends = from_epoch_ms(CampusClock().epoch_ms()) + within
    change(registry, 1, closes_at=ends.replace(tzinfo=None), drop_until=ends.replace(tzinfo=None))
    registry.open_round(2, ends + after, **second)
    return ends.timestamp()


def until(moment: float) -> None:
    gevent.sleep(max(0.0, moment - CampusClock().epoch_ms() / 1000) + 0.05)


def test_the_next_round_counts_from_the_moment_the_first_is_over(registry: Registry) -> None:
    over = touching(registry)
    student, first, second = registry.student(), registry.section(), registry.section()
    assert registry.settled(student, first).state == "confirmed"
    until(over)
    assert registry.settled(student, second).state == "confirmed"
    registry.drop(student, first)  # the second round's deadline is later
    registry.hall.settle()
    assert registry.holds(student) == {second: "confirmed"}
    with pytest.raises(NothingToCancelError):
        registry.drop(student, first)


def test_a_swap_goes_over_by_the_clock_too(registry: Registry) -> None:
    """The worker's copies of the sheets are of before: they name the first round."""
    over = touching(registry)
    student, first, second = registry.student(), registry.section(), registry.section()
    assert registry.settled(student, first).state == "confirmed"
    assert all(registry.engine.sheets.get("section", one) for one in (first, second))
    query = text("SELECT id FROM selection_round WHERE term_id = :term AND round_no = 2")
    with registry.services.db.transaction() as session:
        second_round = session.scalar(query, {"term": registry.term})
    until(over)
    actor = actor_for(registry.services, student)
    swap(registry.engine, actor, second_round, drop_id=first, take_id=second, key="key-of-the-swap")
    registry.hall.settle()
    assert registry.holds(student) == {second: "confirmed"}


def test_it_opens_at_its_own_time(registry: Registry) -> None:
    over = touching(registry, timedelta(hours=1))
    student, section = registry.student(), registry.section()
    until(over)
    with pytest.raises(NotOpenError) as raised:
        registry.enrol(student, section)
    assert raised.value.data["opens_at"] == from_epoch_ms(round(over * 1000) + 3_600_000).isoformat()


def test_it_has_its_own_brake(registry: Registry) -> None:
    over = touching(registry, within=LATER, frozen=True)
    student, section = registry.student(), registry.section()
    registry.enrol(student, registry.section())
    until(over)
    with pytest.raises(FrozenError):
        registry.enrol(student, section)


def test_a_fair_one_sets_aside(registry: Registry) -> None:
    over = touching(registry, mode="fair", fair_seconds=60, seed="00" * 32)
    student, section = registry.student(), registry.section(capacity=0, line=0)
    until(over)
    claim = registry.enrol(student, section)  # nobody is refused before the draw
    assert registry.engine.store.redis.sismember("sr:aside", claim)


def test_after_the_last_one_it_is_closed(registry: Registry) -> None:
    over = touching(registry)
    change(registry, 2, state="draft")
    student, section = registry.student(), registry.section()
    until(over)
    with pytest.raises(ClosedError):
        registry.enrol(student, section)


def test_as_it_was_the_second_round_waited_for_the_keeper(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_following", lambda *_: None)
    over = touching(registry, within=LATER)
    student, section = registry.student(), registry.section()
    until(over)
    with pytest.raises(ClosedError):
        registry.enrol(student, section)


@pytest.mark.parametrize("known", [True, False])
def test_a_host_whose_clock_is_ahead_does_not_end_a_round(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """It describes the sections to Redis, for everybody. `known`: whether its programs have learnt the campus's time."""
    touching(registry, within=timedelta(minutes=1))
    student, section = registry.student(), registry.section()
    registry.services.redis.set(f"sr:rounds:{registry.term}", "of before")
    with monkeypatch.context() as patch:
        patch.setattr(CampusClock, "_offset_ms", None)
        if known:
            learn_once(registry.services.db)
        patch.setattr(clock, "machine_ms", lambda: machine_ms() + 300_000)
        describe_term(registry.services, registry.engine, registry.term)
    if known:
        assert registry.settled(student, section).state == "confirmed"
    else:
        with pytest.raises(NotOpenError):
            registry.enrol(student, section)
