"""Settle: one decision per claim, whatever comes twice, late or out of order; and the walls behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.settle import Settled, settle
from app.lectures.freezing import set_frozen
from app.lectures.models import KIND
from tests.functional.admission.conftest import Hall, MakeId


def claim(lecture: int, user: int, at: int, *, key: str = "key-00000001", **fields: object) -> Claim:
    action = str(fields.pop("action", "book"))
    made = claim_id(user, action, KIND, lecture, key)
    known = {"hold": "seat" if action == "book" else "none", **fields}
    return Claim(id=made, kind=KIND, action=action, user_id=user, offering_id=lecture, admitted_at=at, **known)  # type: ignore[arg-type]


def decide(hall: Hall, *claims: Claim) -> Settled:
    with hall.services.db.transaction() as session:
        return settle(session, hall.engine.kinds, hall.services.ids, claims, hall.services.clock.epoch_ms())


def states(done: Settled) -> dict[str, str]:
    return {standing.id: standing.state for standing in done.standings}


@pytest.fixture
def lecture(make: MakeId) -> int:
    return make(capacity=1, waitlist_capacity=1)


@pytest.fixture
def at(hall: Hall) -> int:
    return hall.services.clock.epoch_ms()


def test_a_claim_is_decided_once(hall: Hall, lecture: int, at: int) -> None:
    one = claim(lecture, 1, at)
    assert states(decide(hall, one, one)) == {one.id: "confirmed"}
    again = decide(hall, one)
    assert (again.outbox_id, again.standings, again.decided) == (None, [], [one])


def test_a_repeat_past_redis_costs_nobody_the_place_of_the_first_try(hall: Hall, lecture: int, at: int) -> None:
    """Both in one batch, the repeat first: Redis was away when it was sent."""
    first = claim(lecture, 1, at, sequence=1)
    repeat, newcomer = replace(first, admitted_at=at - 9, hold="any", sequence=0), claim(lecture, 2, at + 5)
    late = replace(first, admitted_at=at + 9, hold="any", sequence=0)
    for copies in ((repeat, newcomer, first), (first, newcomer, late)):
        with hall.services.db.transaction() as session:
            done = settle(session, hall.engine.kinds, hall.services.ids, copies, at + 10)
            assert states(done) == {first.id: "confirmed", newcomer.id: "waitlisted"}
            session.rollback()


def test_lectures_are_settled_beside_each_other(hall: Hall, make: MakeId, at: int) -> None:
    """However small the tables are: a plan that reads through them would wait for everybody else's rows."""
    busy, other = make(capacity=5), make(capacity=1, waitlist_capacity=5)
    booked, waiting = claim(other, 1, at), claim(other, 2, at + 1, hold="line")
    decide(hall, booked, waiting)
    with hall.services.db.transaction() as first, hall.services.db.transaction() as second:
        settle(first, hall.engine.kinds, hall.services.ids, [claim(busy, 1, at)], at)
        second.execute(text("SET innodb_lock_wait_timeout = 1"))
        cancel = claim(other, 1, at + 2, action="cancel", target=booked.id)
        settled = settle(second, hall.engine.kinds, hall.services.ids, [cancel], at)
    assert states(settled)[waiting.id] == "confirmed"


def test_capacity_line_and_refusal_in_order_of_admission(hall: Hall, lecture: int, at: int) -> None:
    late, first, second = claim(lecture, 3, at + 2), claim(lecture, 1, at), claim(lecture, 2, at + 1)
    assert states(decide(hall, late, first, second)) == {
        first.id: "confirmed",
        second.id: "waitlisted",
        late.id: "rejected",
    }


def test_a_cancellation_that_overtakes_its_booking_leaves_a_tombstone(hall: Hall, lecture: int, at: int) -> None:
    booking = claim(lecture, 1, at)
    cancel = claim(lecture, 1, at + 1, action="cancel", target=booking.id)
    assert states(decide(hall, cancel)) == {booking.id: "cancelled", cancel.id: "confirmed"}
    assert decide(hall, booking).standings == []


def test_a_cancelled_seat_goes_to_the_first_waiter_in_the_same_transaction(hall: Hall, lecture: int, at: int) -> None:
    booking, waiting = claim(lecture, 1, at), claim(lecture, 2, at + 1, hold="line")
    decide(hall, booking, waiting)
    done = decide(hall, claim(lecture, 1, at + 2, action="cancel", target=booking.id))
    assert states(done)[booking.id] == "cancelled"
    assert states(done)[waiting.id] == "confirmed"


def test_one_can_book_again_after_a_cancellation_even_in_the_same_batch(hall: Hall, lecture: int, at: int) -> None:
    booking = claim(lecture, 1, at)
    decide(hall, booking)
    cancel = claim(lecture, 1, at + 1, action="cancel", target=booking.id)
    again = claim(lecture, 1, at + 2, key="key-00000002")
    assert states(decide(hall, again, cancel)) == {
        booking.id: "cancelled",
        cancel.id: "confirmed",
        again.id: "confirmed",
    }


def test_a_second_live_booking_is_refused(hall: Hall, lecture: int, at: int) -> None:
    decide(hall, claim(lecture, 1, at))
    done = decide(hall, claim(lecture, 1, at + 1, key="key-00000002"))
    assert [(one.state, one.reason) for one in done.standings] == [("rejected", "already_claimed")]


def test_somebody_elses_booking_cannot_be_cancelled(hall: Hall, lecture: int, at: int) -> None:
    booking = claim(lecture, 1, at)
    decide(hall, booking)
    done = decide(hall, claim(lecture, 2, at + 1, action="cancel", target=booking.id))
    assert [(one.state, one.reason) for one in done.standings] == [("rejected", "nothing_to_cancel")]


def test_the_window_is_judged_by_the_time_of_admission(hall: Hall, make: MakeId, at: int) -> None:
    lecture = make()
    done = decide(hall, claim(lecture, 1, at - 3_600_000), claim(lecture, 2, at))
    assert [(one.state, one.reason) for one in done.standings] == [("rejected", "not_open"), ("confirmed", "")]


def test_a_frozen_lecture_takes_only_what_redis_admitted_before(
    hall: Hall, engine: Engine, make: MakeId, at: int
) -> None:
    lecture = make()
    promised, undecided = claim(lecture, 1, at), claim(lecture, 2, at, hold="any")
    set_frozen(hall.services, engine, lecture, frozen=True)
    done = decide(hall, promised, undecided)
    assert {(one.id, one.state, one.reason) for one in done.standings} == {
        (promised.id, "confirmed", ""),
        (undecided.id, "rejected", "frozen"),
    }
    cancel = claim(lecture, 1, at + 1, action="cancel", target=promised.id)
    assert states(decide(hall, cancel))[cancel.id] == "confirmed"


def test_a_direct_claim_does_not_overtake_those_who_wait(hall: Hall, make: MakeId, at: int) -> None:
    lecture = make(capacity=1, waitlist_capacity=5)
    first, waiting = claim(lecture, 1, at), claim(lecture, 2, at + 1, hold="line")
    decide(hall, first, waiting)
    with hall.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET capacity = 2 WHERE offering_id = :id"), {"id": lecture})
    direct = claim(lecture, 3, at + 2, hold="any")
    assert states(decide(hall, direct)) == {direct.id: "waitlisted"}


def test_the_check_constraint_is_the_last_wall(hall: Hall, lecture: int) -> None:
    with pytest.raises((IntegrityError, OperationalError)), hall.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET taken = capacity + 1 WHERE offering_id = :id"), {"id": lecture})


def test_the_unique_key_is_the_last_wall_against_two_live_claims(hall: Hall, lecture: int, at: int) -> None:
    one = claim(lecture, 1, at)
    decide(hall, one)
    with pytest.raises(IntegrityError), hall.services.db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO claim (id, kind, action, user_id, offering_id, pool, state, active, version, admitted_at,"
                " decided_at) SELECT :id, kind, action, user_id, offering_id, pool, state, active, version, admitted_at,"
                " decided_at FROM claim WHERE id = :old"
            ),
            {"id": replace(one, id=claim_id(9, "book", KIND, lecture, "other")).id, "old": one.id},
        )


def test_barriers_are_decided_without_effects(hall: Hall, engine: Engine, at: int) -> None:
    barrier = Claim(claim_id(0, "promote", "barrier", 0, "k"), "barrier", "promote", 0, 0, hold="none", admitted_at=at)
    assert decide(hall, barrier).standings == []
    assert engine.status.ask(barrier.id).standing is not None
