"""sr_apply: one rule for every effect, idempotent by version, and the guards it stands on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.admission.claims import Standing, claim_id
from app.admission.engine import Engine
from app.admission.errors import CapacityTakenError
from app.admission.resizing import Change
from app.admission.store import Applied, library
from app.admission.store_wire import Resize
from app.lectures.models import KIND
from tests.functional.admission.conftest import Hall, MakeId
from tests.functional.admission.test_admit import admit, wish


def apply(engine: Engine, *items: Standing | Resize) -> Applied:
    return engine.epochs.fenced(lambda fence: engine.store.apply(items, fence=fence))


def booked(lecture: int, user: int, state: str = "confirmed", version: int = 1) -> Standing:
    made = claim_id(user, "book", KIND, lecture, "key-00000001")
    return Standing(made, KIND, lecture, user, "0", "book", state, version, admitted_at=user, sequence=user)


def seats(hall: Hall, lecture: int) -> tuple[int, int]:
    return hall.live_seats(lecture)["0"]


def test_confirming_a_pending_claim_moves_no_seat(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3)
    admit(engine, wish(1, lecture))
    apply(engine, booked(lecture, 1))
    apply(engine, booked(lecture, 1))
    assert seats(hall, lecture) == (2, 0)
    assert engine.store.redis.zcard("sr:pending") == 0


def test_a_claim_redis_never_heard_of_is_adopted(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3)
    apply(engine, booked(lecture, 1))
    assert seats(hall, lecture) == (2, 0)
    assert [verdict.name for verdict in admit(engine, wish(1, lecture, "key-00000002"))] == ["claimed"]


def test_a_rejected_claim_gives_its_seat_back_once(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3)
    admit(engine, wish(1, lecture))
    apply(engine, booked(lecture, 1, "rejected"))
    apply(engine, booked(lecture, 1, "rejected"))
    assert seats(hall, lecture) == (3, 0)


def test_a_late_confirmation_after_a_cancellation_does_nothing(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3)
    apply(engine, booked(lecture, 1, "cancelled", version=2))
    apply(engine, booked(lecture, 1, "confirmed", version=1))
    assert seats(hall, lecture) == (3, 0)


def test_without_the_version_check_the_late_confirmation_takes_a_seat_for_ever(
    engine: Engine, make: MakeId, hall: Hall
) -> None:
    guard = "if f[2] and tonumber(f[2]) >= i.version then return nil end"
    assert guard in library()
    lecture = make(capacity=3)
    engine.store.redis.function_load(library().replace(guard, ""), replace=True)
    try:
        apply(engine, booked(lecture, 1, "cancelled", version=2))
        apply(engine, booked(lecture, 1, "confirmed", version=1))
        assert seats(hall, lecture) == (2, 0)
    finally:
        engine.store.install()


def test_a_seat_handed_on_is_never_free_in_between(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=1)
    admit(engine, wish(1, lecture), wish(2, lecture))
    apply(engine, booked(lecture, 1), booked(lecture, 2, "waitlisted"))
    applied = apply(engine, booked(lecture, 1, "cancelled", 2), booked(lecture, 2, "confirmed", 2))
    assert applied.promotions == []
    assert seats(hall, lecture) == (0, 0)


def test_a_free_seat_is_withheld_from_newcomers_while_somebody_waits(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=1)
    admit(engine, wish(1, lecture), wish(2, lecture))
    apply(engine, booked(lecture, 1), booked(lecture, 2, "waitlisted"))
    applied = apply(engine, booked(lecture, 1, "cancelled", 2))
    (promotion,) = applied.promotions
    assert (promotion.action, promotion.hold) == ("promote", "seat")
    assert seats(hall, lecture) == (0, 1)
    assert [verdict.fields[3] for verdict in admit(engine, wish(3, lecture))] == [b"line"]


def test_without_withholding_a_newcomer_overtakes(engine: Engine, make: MakeId, hall: Hall) -> None:
    withhold, nobody_waits = "  withhold(now_ms(), touched, promotions)\n", " and p.waiting + p.queued <= 0 then"
    assert withhold in library()
    assert nobody_waits in library()
    text = library().replace(withhold, "").replace(nobody_waits, " then")
    lecture = make(capacity=1)
    engine.store.redis.function_load(text, replace=True)
    try:
        admit(engine, wish(1, lecture), wish(2, lecture))
        apply(engine, booked(lecture, 1), booked(lecture, 2, "waitlisted"), booked(lecture, 1, "cancelled", 2))
        assert [verdict.fields[3] for verdict in admit(engine, wish(3, lecture))] == [b"seat"]
    finally:
        engine.store.install()


def test_sizes_are_versioned(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3, waitlist_capacity=0)
    grown = Resize(KIND, lecture, "0", capacity=5, line_capacity=1, version=2)
    apply(engine, grown)
    apply(engine, grown, replace(grown, capacity=100, version=1))
    assert seats(hall, lecture) == (5, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(["others", "own"])), ids="-".join)
@pytest.mark.parametrize("failed", [False, True], ids=["committed", "failed"])
def test_a_withdrawal_and_the_sizes_of_others_commute(
    engine: Engine, make: MakeId, hall: Hall, order: Sequence[str], failed: bool
) -> None:
    """Another process's size of before comes while three seats are out: late, or just in between."""
    lecture = make(capacity=10, waitlist_capacity=4)
    change = Change(KIND, lecture, "0", capacity=9, line_capacity=2)
    engine.resizer.withdraw(change, "w", capacity=12, line_capacity=4)
    engine.resizer.withdraw(change, "w", capacity=12, line_capacity=4)  # its answer was lost
    assert seats(hall, lecture) == (7, 0)
    for whose in order:
        if whose == "others":
            apply(engine, Resize(KIND, lecture, "0", capacity=12, line_capacity=4, version=2))
        elif failed:
            engine.resizer.restore(change, "w")
            engine.resizer.restore(change, "w")
        else:
            own = Resize(KIND, lecture, "0", capacity=9, line_capacity=2, version=3, withdrawal="w")
            apply(engine, own, own)
    [counted] = engine.epochs.fenced(lambda fence: engine.store.counters(KIND, [lecture], fence=fence))
    assert counted == {"0": (12, 0, 0, 4) if failed else (9, 0, 0, 2)}


def test_a_withdrawal_takes_no_more_than_is_free(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3)
    admit(engine, wish(1, lecture))
    with pytest.raises(CapacityTakenError):
        engine.resizer.withdraw(Change(KIND, lecture, "0", 0, 5), "w", capacity=3, line_capacity=5)
    assert seats(hall, lecture) == (2, 0)


def test_seats_that_come_back_are_withheld_from_newcomers_while_somebody_waits(
    engine: Engine, make: MakeId, hall: Hall
) -> None:
    lecture = make(capacity=1)
    change = Change(KIND, lecture, "0", capacity=0, line_capacity=5)
    engine.resizer.withdraw(change, "w", capacity=1, line_capacity=5)
    admit(engine, wish(1, lecture))
    apply(engine, booked(lecture, 1, "waitlisted"))
    engine.resizer.restore(change, "w")
    assert [verdict.fields[3] for verdict in admit(engine, wish(2, lecture))] == [b"line"]


def test_an_unloaded_offering_is_named_and_loaded_by_the_applier(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=3)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    assert apply(engine, booked(lecture, 1)).deferred == {(KIND, lecture)}
    hall.book(lecture, hall.students(1))
    assert seats(hall, lecture) == (2, 0)
