"""A rebuild whose lock went with its connection is overtaken by another: what it does late is refused."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event
from sqlalchemy import text

from app.admission import rebuild
from app.admission.engine import Engine
from app.extensions.services import Services
from app.offerings import build_engine
from tests.waiting import until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other worker has to switch."""
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)


class Drain:
    """A rebuild's, which takes as long as the test wants."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self._over = Event()
        self.begun = Event()
        monkeypatch.setattr(engine.watch, "_drain", self._wait)
        self._rebuilding = gevent.spawn(engine.watch.rebuild)
        assert self.begun.wait(20)

    def _wait(self, _epoch: int) -> None:
        self.begun.set()
        assert self._over.wait(20)

    def ends(self) -> BaseException | None:
        """The rebuild goes on to its end; what it raised."""
        self._over.set()
        self._rebuilding.join(timeout=20)
        assert self._rebuilding.dead
        return self._rebuilding.exception


def lose_the_lock(services: Services) -> None:
    """As when the proxy goes over to another writer."""
    with services.db.transaction() as session:
        holder = session.scalar(text("SELECT IS_USED_LOCK('seatrush.rebuild')"))
        session.execute(text(f"KILL {holder}"))
    until(lambda: not used(services), "the end of the lock")


def used(services: Services) -> object:
    with services.db.transaction() as session:
        return session.scalar(text("SELECT IS_USED_LOCK('seatrush.rebuild')"))


@pytest.mark.parametrize("guarded", [True, False])
def test_a_late_rebuild_does_not_open_the_gate_of_the_next(
    engine: Engine, services: Services, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:  # it catches up with the other's epoch, as others do
        opening = engine.store.open
        monkeypatch.setattr(engine.store, "open", lambda **_: engine.epochs.fenced(lambda fence: opening(fence=fence)))
    first = Drain(engine, monkeypatch)
    lose_the_lock(services)
    second = Drain(build_engine(services), monkeypatch)
    assert first.ends() is not None  # also because it cannot release what it lost
    assert engine.store.draining() is guarded
    assert second.ends() is None
    assert engine.store.stored_fence()[0] == 3
    assert not engine.store.unfinished()
