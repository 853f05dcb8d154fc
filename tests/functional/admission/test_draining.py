"""A rebuild whose spools do not drain in time: what waits in the queues is decided all the same before Redis refuses again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from app.admission import rebuild
from app.admission.engine import Engine
from app.admission.spool import Spool
from app.extensions.services import Services
from tests.functional.admission.conftest import MakeId
from tests.functional.admission.test_settle import claim
from tests.functional.admission.test_write_offs import consuming, standing


@pytest.fixture
def stuck(engine: Engine, make: MakeId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The spool of this host holds a claim that nobody sends on; a lecture."""
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 3.0)
    spool, lecture = Spool(tmp_path), make(capacity=5)
    spool.append([claim(lecture, 1, 0)])
    monkeypatch.setattr(engine.watch, "_spool", spool)
    return lecture


def test_queues_are_waited_for_when_spools_took_all_their_time(engine: Engine, services: Services, stuck: int) -> None:
    waits = claim(stuck, 2, services.clock.epoch_ms())
    with consuming(services, engine):
        assert not engine.courier.publish([waits])
        engine.watch.rebuild()
    assert standing(services, waits.id).state == "confirmed"
    with services.db.transaction() as session:
        barriers = session.scalar(text("SELECT COUNT(*) FROM claim WHERE kind = 'barrier'"))
    assert barriers == services.settings.claim_queues
    assert not engine.store.draining()
