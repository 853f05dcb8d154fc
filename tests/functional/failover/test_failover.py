"""The primary is killed, or a replica that missed the last claims takes over: the gate's promises hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import gevent
import pytest

from app.admission import store
from app.admission.deadletters import queue_depths
from app.admission.engine import Engine
from app.admission.errors import SoldOutError
from app.auth.models import Account
from app.errors import SeatrushError
from app.lectures.booking import book
from tests.factories import actor_for
from tests.functional.failover.conftest import Hall, MakeId
from tests.lua_guards import library_without
from tests.redis_trio import Trio
from tests.waiting import until

CAPACITY = 20


@dataclass
class Rush:
    """Students who book one lecture and repeat by the same key until they are told 202 or that it is sold out."""

    hall: Hall
    lecture: int
    accepted: dict[int, str] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)

    def come(self, student: Account) -> None:
        actor, key = actor_for(self.hall.services, student), f"key-{student.id}"
        while student.id not in self.accepted and student.id not in self.refused:
            try:
                self.accepted[student.id] = book(self.hall.engine, actor, self.lecture, key, waitlist=False).claim_id
            except SoldOutError:
                self.refused.add(student.id)
            except SeatrushError:
                gevent.sleep(0.1)

    def all_come(self, students: list[Account]) -> None:
        gevent.joinall([gevent.spawn(self.come, one) for one in students], raise_error=True, timeout=150)

    def states(self) -> dict[int, str]:
        """Where each accepted claim stands, as its student is told; waits for the last decision."""
        engine = self.hall.engine

        def all_told() -> bool:
            told = [engine.status.ask(one).standing for one in self.accepted.values()]
            return all(one is not None and one.state != "pending" for one in told)

        until(all_told, "a decision for every claim")
        return {user: engine.status.ask(one).standing.state for user, one in self.accepted.items()}  # type: ignore[union-attr]


def queued(hall: Hall) -> int:
    """Messages in the claim queues."""
    settings = hall.services.settings
    return sum(queue_depths(settings.amqp_url, settings.claim_queues).values())


def gate_open(engine: Engine) -> Callable[[], bool]:
    def opened() -> bool:
        epoch, run = engine.store.stored_fence()
        return epoch > 1 and run == engine.store.run_id() and not engine.store.unfinished()

    return opened


@pytest.mark.usefixtures("consumers")
def test_the_primary_is_killed_and_no_claim_is_lost(trio: Trio, hall: Hall, make: MakeId) -> None:
    rush = Rush(hall, make(capacity=CAPACITY, waitlist_capacity=0))
    before, meanwhile, after = (hall.students(10) for _ in range(3))
    rush.all_come(before)
    old = trio.primary()
    old.kill()
    rush.all_come(meanwhile)
    assert len(rush.accepted) == CAPACITY  # nobody who came in time was sent away
    trio.await_other_than(old)
    until(gate_open(hall.engine), "an open gate")
    rush.all_come(after)
    assert set(rush.states().values()) == {"confirmed"}
    assert rush.refused == {one.id for one in after}
    assert hall.live_seats(rush.lecture) == {"0": (0, 0)}
    assert hall.engine.reconciler.differences() == []


@dataclass
class LeftBehind:
    """A lecture of two seats. The first student is confirmed and known everywhere; the second one's claim is in the queue and
    was known to the primary alone, which died; then a replica that never heard of it took over."""

    rush: Rush
    second: Account
    newcomer: Account

    def press(self) -> str:
        """The newcomer presses, then the second student repeats. Returns the second one's claim."""
        claim = self.rush.accepted.pop(self.second.id)
        self.rush.come(self.newcomer)
        self.rush.come(self.second)
        return claim


@pytest.fixture
def leave_behind(trio: Trio, hall: Hall, make: MakeId, empty_queues: None) -> Callable[[], LeftBehind]:
    def happened() -> LeftBehind:
        rush = Rush(hall, make(capacity=2, waitlist_capacity=0))
        first, second, newcomer = hall.students(3)
        rush.all_come([first])
        hall.settle()
        assert trio.primary().client().wait(2, 5000) == 2
        old = trio.cut_replication()
        rush.all_come([second])
        until(lambda: hall.engine.courier.replay_spool() == 0 and queued(hall) >= 2, "claim in the queue")
        old.kill()
        trio.heal_replication(old)
        trio.await_other_than(old)
        return LeftBehind(rush, second, newcomer)

    return happened


def test_a_replica_that_missed_a_claim_sells_its_seat_to_nobody(
    leave_behind: Callable[[], LeftBehind], request: pytest.FixtureRequest, hall: Hall
) -> None:
    found = leave_behind()
    claim, rush = found.press(), found.rush
    request.getfixturevalue("consumers")
    until(gate_open(hall.engine), "an open gate")
    assert rush.refused == set()
    assert rush.accepted[found.second.id] == claim
    states = rush.states()
    assert states.pop(found.newcomer.id) == "rejected"  # the queue had two claims for the two seats before
    assert set(states.values()) == {"confirmed"}
    assert hall.live_seats(rush.lecture) == {"0": (0, 0)}
    assert hall.engine.reconciler.differences() == []


def test_run_fence_off_it_refuses_somebody_who_is_confirmed_later(
    leave_behind: Callable[[], LeftBehind],
    request: pytest.FixtureRequest,
    hall: Hall,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoiled = library_without("run")
    with monkeypatch.context() as patched:
        patched.setattr(store, "library", lambda: spoiled)
        hall.engine.store.install()
    found = leave_behind()
    claim = found.press()
    request.getfixturevalue("consumers")  # they install the whole library again
    until(lambda: hall.engine.status.ask(claim).standing, "a decision")
    until(gate_open(hall.engine), "an open gate")
    standing = hall.engine.status.ask(claim).standing
    assert found.rush.refused == {found.second.id}
    assert standing is not None
    assert standing.state == "confirmed"
