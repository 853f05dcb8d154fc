"""A row of the outbox that nobody can read (damaged, of another release) stops neither the relay nor a rebuild nor notices."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text

from app.admission.engine import Engine
from app.admission.outbox import OUTBOX
from app.admission.settle import settle
from app.lectures.booking import book
from app.notices.outcomes import OutcomeNotices
from tests.clock import TravelClock
from tests.factories import actor_for
from tests.functional.admission.conftest import Hall, MakeId, finish_outbox

UNREADABLE = (b"\xff", b"[]", b"{}", b'{"claims":[{"id":"promoted","promoted":1}],"resizes":[],"offerings":[]}')


@pytest.fixture
def between(engine: Engine, make: MakeId, hall: Hall) -> str:
    """A claim that is decided, whose effects stand between rows that nobody can read: its id."""
    lecture, (student,) = make(), hall.students(1)
    finish_outbox(hall)
    admission = book(engine, actor_for(hall.services, student), lecture, "key-00000001")
    pending = hall.pending_of([admission.claim_id])
    _put(hall)
    with hall.services.db.transaction() as session:
        settle(session, engine.kinds, hall.services.ids, pending, hall.services.clock.epoch_ms())
    _put(hall)
    return admission.claim_id


def _put(hall: Hall) -> None:
    with hall.services.db.transaction() as session:
        rows = [{"id": hall.services.ids.next_id(), "payload": payload} for payload in UNREADABLE]
        session.execute(insert(OUTBOX), rows)


def unfinished(hall: Hall) -> list[bytes]:
    with hall.services.db.transaction() as session:
        return list(session.scalars(text("SELECT payload FROM outbox WHERE done_at IS NULL ORDER BY id")))


def test_the_relay_does_the_others_and_leaves_them(
    engine: Engine, hall: Hall, between: str, clock: TravelClock
) -> None:
    clock.advance(10)
    assert engine.keeper.relay() == 1
    assert engine.store.redis.zcard("sr:pending") == 0
    assert unfinished(hall) == [*UNREADABLE, *UNREADABLE]
    assert engine.keeper.relay() == 0


def test_a_rebuild_replays_the_others(engine: Engine, between: str) -> None:
    assert engine.keeper.busiest()
    assert engine.keeper.replay_recent() == 1
    assert engine.store.redis.zcard("sr:pending") == 0


@pytest.mark.usefixtures("between")
def test_notices_pass_over_them(engine: Engine, hall: Hall) -> None:
    assert OutcomeNotices(hall.services, engine).follow() == 0
