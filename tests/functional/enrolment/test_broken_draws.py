"""A draw while something goes wrong: it comes to the same, or says so."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from sqlalchemy import text

from app.enrolment.lottery import deciding
from app.enrolment.lottery.deciding import draw_requested
from app.enrolment.lottery.drawing import draw
from app.enrolment.lottery.verifying import faults_of
from app.extensions.redis import RedisError
from tests.functional.enrolment.lottery_round import Lottery


@pytest.mark.parametrize(
    "where", ["before the file", "after the file", "between batches", "before redis", "at the end"]
)
def test_a_draw_that_crashed_goes_on_and_comes_to_the_same(lottery: Lottery, where: str, monkeypatch: Any) -> None:
    registry = lottery.registry
    sections = [registry.section(capacity=2) for _ in range(2)]
    students = [registry.student() for _ in range(7)]
    for student in students:
        lottery.put(student, *sections)
    lottery.close()
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    monkeypatch.setattr(deciding, "AT_ONCE", 2)
    with monkeypatch.context() as broken:
        _break(broken, where)
        with pytest.raises(RuntimeError):
            draw_requested(registry.services, registry.engine)
    assert "won" not in "".join(map(str, lottery.told(students[0]))) or where != "before the file"
    draw_requested(registry.services, registry.engine)
    draw_requested(registry.services, registry.engine)  # nothing is left to do
    file = lottery.file()
    assert draw(file) == file["results"]
    told = sorted(one for student in students for one in lottery.told(student))
    assert told == ["not_drawn"] * 10 + ["won"] * 4
    with registry.services.db.transaction() as session:
        assert session.scalar(text("SELECT SUM(taken) FROM seat_pool")) == 4
        assert session.scalar(text("SELECT COUNT(*) FROM claim WHERE state = 'confirmed'")) == 4
    for student in students:
        states = dict.fromkeys(registry.account(student), "confirmed")
        assert registry.holds(student) == states or where == "before redis"
    registry.services.clock.advance(60)  # type: ignore[attr-defined]
    registry.engine.keeper.relay()
    assert registry.engine.reconciler.differences() == []


def _break(broken: Any, where: str) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError(where)

    if where == "before the file":
        broken.setattr(deciding, "_write", crash)
    elif where == "after the file":
        broken.setattr(deciding, "_enrol_some", crash)
    elif where == "between batches":
        whole, calls = deciding._enrol_some, iter(range(100))
        broken.setattr(deciding, "_enrol_some", lambda *args: whole(*args) if next(calls) < 1 else crash())
    elif where == "before redis":
        broken.setattr(deciding, "tell", crash)
    else:
        broken.setattr(deciding, "_finish", crash)


def test_two_keepers_draw_one_draw(lottery: Lottery) -> None:
    registry = lottery.registry
    sections, students = [registry.section(capacity=2) for _ in range(2)], [registry.student() for _ in range(8)]
    for student in students:
        lottery.put(student, *sections)
    lottery.close()
    lottery.desk.post(f"/api/manage/rounds/{lottery.id}/draw")
    both = [gevent.spawn(draw_requested, registry.services, registry.engine) for _ in range(2)]
    gevent.joinall(both, raise_error=True, timeout=60)
    assert sorted(one for student in students for one in lottery.told(student)) == ["not_drawn"] * 12 + ["won"] * 4
    actions = [one["action"] for one in lottery.desk.get(f"/api/manage/rounds/{lottery.id}/timeline").json["items"]]
    assert actions.count("drawn") == 1
    assert faults_of(lottery.file()) == []
    assert registry.engine.reconciler.differences() == []


def test_who_loses_the_seat_between_draw_and_settle_is_told_so(lottery: Lottery, monkeypatch: Any) -> None:
    """The file says "won"; the truth is settle's, and the wish says it."""
    registry, section = lottery.registry, lottery.registry.section(capacity=1)
    student = registry.student()
    lottery.put(student, section)
    whole = deciding._write

    def then_close_it(session: Any, *args: Any) -> None:
        whole(session, *args)
        session.execute(text("UPDATE seat_pool SET capacity = 0 WHERE offering_id = :id"), {"id": section})

    monkeypatch.setattr(deciding, "_write", then_close_it)
    lottery.draw()
    assert lottery.told(student) == ["sold_out"]
    assert registry.holds(student) == {}


def test_redis_may_be_away_during_a_draw(lottery: Lottery, monkeypatch: Any) -> None:
    registry, section = lottery.registry, lottery.registry.section(capacity=1)
    student = registry.student()
    lottery.put(student, section)

    def away(*_: Any, **__: Any) -> Any:
        raise RedisError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(registry.engine.store, "apply", away)
        lottery.draw()
    assert lottery.told(student) == ["won"]
    assert registry.account(student) == {}
    registry.services.clock.advance(60)  # type: ignore[attr-defined]
    registry.engine.keeper.relay()
    assert registry.account(student) == {section: "seat"}
