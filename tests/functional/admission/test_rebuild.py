"""The watch: an emptied or restarted Redis is built anew from MariaDB and counts the same."""

from __future__ import annotations

from time import time
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.admission import rebuild, reconcile
from app.admission.engine import Engine
from app.admission.outbox import Effects
from app.admission.resizing import Change
from app.admission.settle import settle
from app.admission.store_wire import Resize
from app.extensions.named_lock import named_lock
from app.lectures.booking import book
from app.lectures.models import KIND
from app.org.audience import Audience
from app.seating.reservations import ReservationDraft
from tests.factories import actor_for, make_place
from tests.functional.admission.conftest import Hall, MakeId, finish_outbox
from tests.functional.admission.test_admit import admit, wish


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No consumer runs here, so nothing would pass the barriers; no other worker, so nobody has to switch."""
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)


def test_a_healthy_redis_is_left_alone(engine: Engine) -> None:
    assert engine.watch.tick() == "fine"


def test_an_emptied_redis_counts_the_same_afterwards(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=2, waitlist_capacity=3)
    students = hall.students(4)
    before = hall.book(lecture, students)
    seats = hall.live_seats(lecture)
    engine.store.redis.flushdb()
    assert engine.watch.tick() == "rebuilt"
    assert hall.live_seats(lecture) == seats == {"0": (0, 2)}
    assert [engine.status.ask(one.id).standing for one in before] == before
    assert engine.reconciler.differences() == []


def test_another_run_of_the_server_is_not_trusted(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=2)
    hall.book(lecture, hall.students(1))
    engine.store.redis.set("sr:run", "another")
    engine.store.redis.hset(f"sr:o:{KIND}:{lecture}", "s:0", 77)
    assert engine.watch.tick() == "rebuilt"
    assert hall.live_seats(lecture) == {"0": (1, 0)}


def test_a_claim_on_its_way_during_a_rebuild_is_adopted_and_known(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=1, waitlist_capacity=0)
    (student,) = hall.students(1)
    actor = actor_for(hall.services, student)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    engine.store.redis.set("sr:draining", 1)
    first = book(engine, actor, lecture, "key-00000001")
    assert first.sequence is None
    engine.store.redis.delete("sr:draining")
    engine.loader.load(KIND, lecture)
    assert book(engine, actor, lecture, "key-00000001") == first
    hall.settle()
    standing = engine.status.ask(first.claim_id).standing
    assert standing is not None
    assert standing.state == "confirmed"
    assert hall.live_seats(lecture) == {"0": (0, 0)}


def test_counters_that_drifted_are_mended_when_seen_twice(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=5)
    hall.book(lecture, hall.students(1))
    finish_outbox(hall)
    engine.store.redis.hincrby(f"sr:o:{KIND}:{lecture}", "s:0", -2)
    assert engine.reconciler.repair() == 0
    assert engine.reconciler.repair() == 1
    assert hall.live_seats(lecture) == {"0": (4, 0)}


def test_nothing_is_mended_before_a_rebuild_has_done_its_last_step(engine: Engine, make: MakeId, hall: Hall) -> None:
    """A late first step of a claim that has ended meanwhile stands in Redis until the replay: that is no drift."""
    lecture = make(capacity=5)
    finish_outbox(hall)
    engine.store.redis.hincrby(f"sr:o:{KIND}:{lecture}", "s:0", -2)
    (found,) = engine.reconciler.differences()
    filling = f"sr:filling:{engine.store.stored_fence()[0]}"
    engine.store.redis.set(filling, 1)
    assert [engine.reconciler.repair() for _ in range(3)] == [0, 0, 0]
    assert not engine.epochs.fenced(
        lambda fence: engine.store.repair(
            found.size, seen=found.seen, taken=found.taken, waiting=found.waiting, fence=fence
        )
    )
    engine.store.redis.delete(filling)
    assert [engine.reconciler.repair() for _ in range(2)] == [0, 1]


@pytest.fixture
def overtaken(engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at MariaDB and the one at Redis a booking is settled, in both."""
    lecture, real, students = make(capacity=5), engine.store.counters, hall.students(9)
    finish_outbox(hall)

    def counters(*args: Any, **options: Any) -> Any:
        hall.book(lecture, [students.pop()])
        finish_outbox(hall)
        return real(*args, **options)

    monkeypatch.setattr(engine.store, "counters", counters)


@pytest.mark.usefixtures("overtaken")
def test_what_is_settled_while_it_is_compared_is_no_difference(engine: Engine) -> None:
    assert engine.reconciler.differences() == []


@pytest.mark.usefixtures("overtaken")
def test_nor_is_it_one_to_a_host_whose_clock_is_ahead(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "time", lambda: time() + 300)
    assert engine.reconciler.differences() == []


@pytest.mark.usefixtures("overtaken")
def test_second_look_off_it_is_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.reconciler, "_at_rest", lambda *_: 0)
    assert len(engine.reconciler.differences()) == 1


def test_an_offering_whose_seats_are_not_stored_yet_is_not_loaded(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=5)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    with hall.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET kind = 'elsewhere' WHERE offering_id = :id"), {"id": lecture})
    assert not engine.loader.load(KIND, lecture)
    with hall.services.db.transaction() as session:
        session.execute(
            text("UPDATE seat_pool SET kind = :kind WHERE offering_id = :id"), {"kind": KIND, "id": lecture}
        )
    assert engine.loader.load(KIND, lecture)
    assert hall.live_seats(lecture) == {"0": (5, 0)}


def test_of_many_offerings_each_has_its_turn(
    engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.admission.reconcile.AT_ONCE", 2)
    lectures = [make(capacity=5) for _ in range(5)]
    finish_outbox(hall)
    for lecture in (lectures[0], lectures[4]):
        engine.store.redis.hincrby(f"sr:o:{KIND}:{lecture}", "s:0", -2)
    # 1 and 2 (one differs); 3 and 4 with the suspect, mended; 5; 1 and 2 with the suspect 5, mended.
    assert [engine.reconciler.repair() for _ in range(5)] == [0, 1, 0, 1, 0]
    assert all(hall.live_seats(lecture) == {"0": (5, 0)} for lecture in lectures)


def test_a_repair_that_comes_after_a_newer_size_changes_nothing(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=5)
    finish_outbox(hall)
    engine.store.redis.hincrby(f"sr:o:{KIND}:{lecture}", "s:0", -2)
    (found,) = engine.reconciler.differences()
    smaller = Resize(KIND, lecture, "0", 3, 0, found.size.version + 1)
    assert engine.applier.apply(Effects(resizes=[smaller]))
    engine.store.redis.hset(f"sr:o:{KIND}:{lecture}", "s:0", found.seen[0])  # as if it had come to the same number

    def repair(size: Resize) -> bool:
        return engine.epochs.fenced(
            lambda fence: engine.store.repair(size, seen=found.seen, taken=0, waiting=0, fence=fence)
        )

    assert not repair(found.size)
    assert repair(smaller)
    assert hall.live_seats(lecture) == {"0": (3, 0)}


def test_data_of_another_release_is_rebuilt(engine: Engine) -> None:
    assert engine.watch.tick() == "fine"
    engine.store.redis.set("sr:format", "1")
    assert engine.watch.tick() == "rebuilt"
    assert engine.watch.tick() == "fine"


def test_a_recorded_claim_that_only_the_sweep_publishes_draws_from_its_reserved_pool(
    engine: Engine, make: MakeId, hall: Hall
) -> None:
    place = make_place(hall.services)
    kept = ReservationDraft("本院", 1, Audience(colleges=frozenset({place.college_id})))
    lecture = make(capacity=3, reservations=(kept,))
    (student,) = hall.students(1, place=place)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    engine.store.redis.set("sr:draining", 1)
    admission = book(engine, actor_for(hall.services, student), lecture, "key-00000001")
    (swept,) = hall.pending_of([admission.claim_id])
    assert (swept.hold, swept.pools) == ("any", ("r1", "0"))
    engine.store.redis.delete("sr:draining")
    (settled,) = hall.settle()
    assert (settled.state, settled.pool) == ("confirmed", "r1")
    assert hall.live_seats(lecture) == {"0": (2, 0), "r1": (0, 0)}


def test_what_a_dead_process_had_withdrawn_is_given_back(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=5, waitlist_capacity=5)
    change = Change(KIND, lecture, "0", capacity=5, line_capacity=1)
    engine.resizer.withdraw(change, "w", capacity=5, line_capacity=5)
    finish_outbox(hall)
    assert [engine.reconciler.repair() for _ in range(3)] == [0, 1, 0]
    engine.resizer.restore(change, "w")  # it was not dead, only slow
    counted = engine.epochs.fenced(lambda fence: engine.store.counters(KIND, [lecture], fence=fence))
    assert counted == [{"0": (5, 0, 0, 5)}]


def test_the_sweep_brings_home_a_claim_whose_effect_was_lost(
    engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.admission.maintenance.SWEEP_AGE_MS", -1000)
    lecture = make(capacity=5)
    (student,) = hall.students(1)
    admission = book(engine, actor_for(hall.services, student), lecture, "key-00000001")
    pending = hall.pending_of([admission.claim_id])
    with hall.services.db.transaction() as session:
        settle(session, engine.kinds, hall.services.ids, pending, hall.services.clock.epoch_ms())
    assert engine.store.redis.zcard("sr:pending") == 1
    assert engine.keeper.sweep() == 1
    assert engine.store.redis.zcard("sr:pending") == 0
    standing = engine.status.ask(admission.claim_id).standing
    assert standing is not None
    assert standing.state == "confirmed"


def test_claims_that_cannot_progress_do_not_keep_the_others_from_the_sweep(
    engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.admission.maintenance.SWEEP_BATCH", 3)
    lecture = make(capacity=20)
    claims = [wish(user, lecture) for user in range(1, 11)]
    admit(engine, *claims)
    hall.services.clock.advance(10)  # type: ignore[attr-defined]
    published: list[str] = []
    publish = engine.courier.publish
    monkeypatch.setattr(
        engine.courier, "publish", lambda some, **_: published.extend(c.id for c in some) or publish(some)
    )
    passes = [engine.keeper.sweep() for _ in range(5)]
    assert passes == [3, 3, 3, 1, 0]
    assert sorted(published) == sorted(claim.id for claim in claims)
    hall.services.clock.advance(4)  # type: ignore[attr-defined]
    assert engine.keeper.sweep() == 3  # once more, after their pause
    assert engine.keeper._rounds._tries.keys() == {claim.id for claim in claims}
    hall.settle()
    assert [engine.keeper.sweep(), engine.keeper.sweep()] == [0, 0]
    assert not engine.keeper._rounds._tries


def test_a_drift_that_promotes_for_ever_is_mended_too(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=1, waitlist_capacity=2)
    hall.book(lecture, hall.students(2))
    finish_outbox(hall)
    engine.store.redis.hincrby(f"sr:o:{KIND}:{lecture}", "s:0", 1)
    for _ in range(3):  # Redis sees a free seat and somebody who waits; MariaDB has no seat to give
        apply_nothing_new(engine, hall, lecture)
        finish_outbox(hall)
        engine.reconciler.repair()
    assert hall.live_seats(lecture) == {"0": (0, 1)}
    hall.settle()
    finish_outbox(hall)
    assert engine.reconciler.differences() == []
    assert engine.store.redis.zcard("sr:pending") == 0


def apply_nothing_new(engine: Engine, hall: Hall, lecture: int) -> None:
    """Touch the pool, so that Redis looks for a free seat; then settle what it makes of that."""
    size = Resize(KIND, lecture, "0", capacity=1, line_capacity=2, version=1)
    engine.epochs.fenced(lambda fence: engine.store.apply([size], fence=fence))
    hall.settle()


@pytest.mark.parametrize("step", ["hand_over_due", "load_all", "replay_recent"])
def test_a_rebuild_that_fails_when_redis_is_open_already_is_finished_at_the_next_tick(
    engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Before, the next tick found an open Redis and called it fine: late effects and fair lots were nobody's business."""
    lecture = make(capacity=5)
    hall.book(lecture, hall.students(2))
    part = {"hand_over_due": engine.accounts, "load_all": engine.loader, "replay_recent": engine.keeper}[step]
    done: list[str] = []
    work = getattr(part, step)

    def failing() -> object:
        done.append(step)
        if len(done) == 1:
            raise OperationalError("SELECT", {}, Exception("MariaDB went away"))
        return work()

    monkeypatch.setattr(part, step, failing)
    engine.store.redis.flushdb()
    with pytest.raises(OperationalError):
        engine.watch.tick()
    epoch = engine.store.stored_fence()
    assert [engine.watch.tick(), engine.watch.tick()] == ["filled", "fine"]
    assert (len(done), engine.store.stored_fence()) == (2, epoch)
    assert hall.live_seats(lecture) == {"0": (3, 0)}


def test_what_another_process_is_filling_is_left_to_it(engine: Engine) -> None:
    epoch, _ = engine.store.stored_fence()
    engine.store.redis.set(f"sr:filling:{epoch}", 1)
    with named_lock(engine.watch._db, "seatrush.rebuild"):
        assert engine.watch.tick() == "filled"
        assert engine.store.redis.exists(f"sr:filling:{epoch}")
    assert [engine.watch.tick(), engine.watch.tick()] == ["filled", "fine"]


def test_what_everybody_asks_for_is_loaded_first(
    engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, asked, busy = make(capacity=5), make(capacity=5), make(capacity=5)
    students = hall.students(3)
    hall.book(asked, students[:1])
    hall.book(busy, students)
    hall.settle()
    order: list[int] = []
    load = engine.store.load_each
    monkeypatch.setattr(
        engine.store,
        "load_each",
        lambda whole, **fence: order.extend(sheet.offering_id for sheet, _ in whole) or load(whole, **fence),
    )
    engine.watch.rebuild()
    assert order.index(busy) < order.index(asked) < order.index(quiet)


def test_what_is_asked_for_most_is_only_an_order(
    engine: Engine, make: MakeId, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture = make(capacity=3)

    def away() -> None:
        raise OperationalError("away", {}, Exception("away"))

    monkeypatch.setattr(engine.keeper, "busiest", away)
    engine.watch.rebuild()
    assert hall.live_seats(lecture) == {"0": (3, 0)}
