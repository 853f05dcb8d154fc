"""The feed of seat counts: what moved is announced once, and nothing else is looked at."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.admission.effects import EVENTS
from app.admission.engine import Engine
from app.admission.store import EpochError
from tests.functional.admission.conftest import MakeId
from tests.functional.admission.test_admit import admit, wish
from tests.functional.admission.test_apply import apply, booked


@pytest.fixture
def events(engine: Engine) -> Any:
    """Everything that is announced from here on."""
    listener = engine.store.redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(EVENTS)
    listener.get_message(timeout=1)
    yield listener
    listener.close()


def heard(events: Any) -> list[tuple[str, int, int]]:
    found = []
    while message := events.get_message(timeout=1.0):
        one = orjson.loads(message["data"])
        if isinstance(one, dict) and one["type"] == "offering":
            found.append((one["offering_id"], one["seats_left"], one["waiting"]))
    return found


def test_what_moved_is_announced_once(engine: Engine, make: MakeId, events: Any) -> None:
    one, other = make(capacity=3), make(capacity=5)
    assert engine.seats_feed.publish() == 2
    assert sorted(heard(events)) == sorted([(str(one), 3, 0), (str(other), 5, 0)])
    admit(engine, wish(1, one), wish(2, one))
    assert engine.seats_feed.publish() == 1
    assert heard(events) == [(str(one), 1, 0)]
    assert engine.seats_feed.publish() == 0


def test_a_decision_that_frees_a_seat_is_announced(engine: Engine, make: MakeId, events: Any) -> None:
    lecture = make(capacity=1, waitlist_capacity=0)
    admit(engine, wish(1, lecture))
    engine.seats_feed.publish()
    apply(engine, booked(lecture, 1))
    assert engine.seats_feed.publish() == 0  # touched, but the counts are what they were
    apply(engine, booked(lecture, 1, "cancelled", version=2))
    assert engine.seats_feed.publish() == 1
    assert heard(events) == [(str(lecture), 0, 0), (str(lecture), 1, 0)]


def test_old_counts_are_not_announced(engine: Engine, make: MakeId, events: Any) -> None:
    make()
    engine.store.redis.set("sr:run", "another")
    with pytest.raises(EpochError):
        engine.seats_feed.publish()
    assert heard(events) == []
