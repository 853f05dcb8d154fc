"""During a rebuild everybody finds the same offerings missing: nobody takes settle's locks for what is not to be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import gevent
import pytest
from sqlalchemy import text

from app.admission import loader
from app.admission.engine import Engine
from app.admission.store import SeatStore
from app.lectures.models import KIND
from tests.functional.admission.conftest import Hall, MakeId
from tests.waiting import until


@pytest.fixture
def unloaded(engine: Engine, make: MakeId) -> Iterator[int]:
    lecture = make(capacity=2)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    yield lecture
    engine.store.redis.delete("sr:draining", "sr:partial")


@contextmanager
def settling(hall: Hall, lecture: int) -> Iterator[None]:
    """Its pools are locked meanwhile, as while a batch is settled."""
    with hall.services.db.transaction() as session:
        session.execute(
            text("SELECT id FROM seat_pool WHERE kind = :kind AND offering_id = :id FOR UPDATE"),
            {"kind": KIND, "id": lecture},
        )
        yield


def loads(engine: Engine, lecture: int) -> gevent.Greenlet:
    return gevent.spawn(engine.loader.load, KIND, lecture)


@pytest.fixture
def lockers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with everybody who comes to the locks."""
    came: list[int] = []
    lock = loader._lock_pools
    monkeypatch.setattr(loader, "_lock_pools", lambda *given: (came.append(1), lock(*given)))
    return came


def test_while_draining_nothing_is_locked(engine: Engine, hall: Hall, unloaded: int, lockers: list[int]) -> None:
    engine.store.redis.set("sr:draining", 1)
    with settling(hall, unloaded):
        assert loads(engine, unloaded).get(timeout=5) is False
    assert not lockers


def test_without_the_question_settle_is_waited_for(
    engine: Engine, hall: Hall, unloaded: int, lockers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SeatStore, "to_load", lambda _store, _kind, ids, fence: list(ids))
    engine.store.redis.set("sr:draining", 1)
    with settling(hall, unloaded):
        loading = loads(engine, unloaded)
        until(lambda: lockers, "somebody at the locks")
        assert not loading.ready()
    assert loading.get(timeout=5) is False


def test_what_another_one_loaded_meanwhile_is_not_read_again(
    engine: Engine, hall: Hall, unloaded: int, lockers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, live_of = [], loader.live_of
    monkeypatch.setattr(loader, "live_of", lambda *given: (readers.append(1), live_of(*given))[1])
    with settling(hall, unloaded):
        both = [loads(engine, unloaded) for _ in range(2)]
        until(lambda: len(lockers) == 2, "two at the same locks")
    assert sorted(one.get(timeout=5) for one in both) == [False, True]
    assert hall.live_seats(unloaded) == {"0": (2, 0)}
    assert len(readers) == 1


def test_descriptions_during_a_rebuild_load_nothing(engine: Engine, unloaded: int) -> None:
    engine.store.redis.set("sr:partial", 1)
    assert engine.loader.describe_each(KIND, [unloaded]) == (0, False)
    assert not engine.store.redis.exists(f"sr:o:{KIND}:{unloaded}")
    engine.store.redis.delete("sr:partial")
    assert engine.loader.describe_each(KIND, [unloaded]) == (1, True)


def test_who_finds_it_loaded_by_another_one_tells_it_once_more(
    engine: Engine, hall: Hall, unloaded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one may have read it before the change that is to be told."""
    with hall.services.db.transaction() as session:
        (sheet,) = engine.loader._kinds[KIND].sheets(session, [unloaded])
    before = replace(sheet, version=sheet.version - 1)

    def beaten(_kind: str, _ids: object) -> int:
        engine.epochs.fenced(lambda fence: engine.store.load_each([(before, ())], fence=fence))
        return 0

    monkeypatch.setattr(engine.loader, "load_each", beaten)
    for tell in (engine.loader.describe, lambda kind, one: engine.loader.describe_each(kind, [one])):
        engine.store.redis.delete(f"sr:o:{KIND}:{unloaded}")
        tell(KIND, unloaded)
        assert int(engine.store.redis.hget(f"sr:o:{KIND}:{unloaded}", "version")) == sheet.version
