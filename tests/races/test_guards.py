"""A check that cannot fail proves nothing: with each guard off, the same races end in a violation the checker names.

Redis's guards are taken out of the function library, those of settle out of a consumer in this process, those of
MariaDB out of the tables. What is spoiled is thrown away afterwards; the last test of each kind shows the guard on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import text

from app.admission import ledger
from app.admission.claims import Claim
from app.admission.courier import envelopes
from app.admission.outbox import Effects
from app.admission.rows import decided
from app.extensions.broker import DEAD
from ops.drills.crowd import Crowd
from ops.drills.wishes import Wish
from tests.campus import Campus
from tests.stacks import frozen


@pytest.fixture
def crowd(campus: Campus) -> Iterator[Crowd]:
    """A crowd whose lectures are thrown away afterwards."""
    made = campus.crowd()
    yield made
    campus.forget(made)
    campus.purge(DEAD)
    assert campus.verify(lectures=[]) == []


# -- Redis ------------------------------------------------------------------------------------------------------------


def late_confirmation(campus: Campus, crowd: Crowd) -> None:
    """The effect of a booking comes a second time, after its cancellation."""
    lecture, (student,) = campus.lecture(capacity=2), campus.students(1)
    booking = crowd.wish(student, lecture)
    crowd.pursue(booking)
    with campus.services.db.transaction() as session:
        late = decided(session, [booking.claim_id])[booking.claim_id]
    crowd.pursue(crowd.wish(student, lecture, "cancel"))
    campus.until(lambda: campus.live_seats(lecture) == {"0": (2, 0)}, "the seat's return")
    campus.engine.applier.apply(Effects(claims=[late]))


def direct_claim(campus: Campus, crowd: Crowd, students: int = 1) -> None:
    """Claims that Redis never heard of are decided: a seat for one, nothing for the others."""
    lecture = campus.lecture(capacity=1)
    for student in campus.students(students):
        wish = crowd.wish(student, lecture)
        publish(campus, claim_of(campus, wish))
        campus.until(partial(campus.decided, wish.claim_id), "the decision")


def orphan_of_a_dead_worker(campus: Campus, crowd: Crowd) -> None:
    """A worker dies with an admitted claim that nobody published; its student cancels it while somebody waits."""
    lecture, (first, second) = campus.lecture(capacity=1, waitlist=1), campus.students(2)
    campus.fault("after_admit", "kill")
    crowd.send(crowd.wish(first, lecture))
    campus.fault_met("after_admit")
    with frozen(campus.service("maintenance")):  # else the orphan may be swept before it is cancelled
        assert crowd.pursue(crowd.wish(second, lecture)) == "waitlisted"
        assert crowd.pursue(crowd.wish(first, lecture, "cancel")) == "confirmed"


def test_version_off_a_late_confirmation_takes_a_seat_for_ever(campus: Campus, crowd: Crowd) -> None:
    with campus.lua_without("version"):
        late_confirmation(campus, crowd)
        found = campus.violations_at_rest(crowd)
    assert any("seats left is 1 in Redis, 2 by MariaDB" in one for one in found), found


def test_version_on(campus: Campus, crowd: Crowd) -> None:
    late_confirmation(campus, crowd)
    assert campus.verify(crowd) == []


def test_adopt_off_a_seat_is_sold_that_redis_does_not_miss(campus: Campus, crowd: Crowd) -> None:
    with campus.lua_without("adopt"):
        direct_claim(campus, crowd)
        found = campus.violations_at_rest(crowd)
    assert any("seats left is 1 in Redis, 0 by MariaDB" in one for one in found), found


def test_compare_and_release_off_a_seat_appears_from_nowhere(campus: Campus, crowd: Crowd) -> None:
    """The naive RELEASE gives a seat back whether or not the claim held one."""
    with campus.lua_without("compare_hold"):
        direct_claim(campus, crowd, students=3)
        found = campus.violations_at_rest(crowd)
    assert any("seats left is 2 in Redis, 0 by MariaDB" in one for one in found), found


def test_adopt_and_compare_on(campus: Campus, crowd: Crowd) -> None:
    direct_claim(campus, crowd, students=3)
    assert campus.verify(crowd) == []


def test_withhold_off_somebody_waits_while_a_seat_is_free(campus: Campus, crowd: Crowd) -> None:
    with campus.lua_without("withhold"):
        orphan_of_a_dead_worker(campus, crowd)
        found = campus.violations_at_rest(crowd)
    assert any("1 wait for lecture" in one and "while 1 seats are free" in one for one in found), found


def test_withhold_on(campus: Campus, crowd: Crowd) -> None:
    orphan_of_a_dead_worker(campus, crowd)
    assert campus.verify(crowd) == []


# -- settle and MariaDB ----------------------------------------------------------------------------------------------


def rush_while_redis_is_rebuilt(campus: Campus, crowd: Crowd, *, seats: int, keys: int) -> None:
    """Redis refuses nobody meanwhile: MariaDB decides alone."""
    lecture = campus.lecture(capacity=seats)
    campus.empty_redis()
    wishes = [crowd.wish(student, lecture) for student in campus.students(8) for _ in range(keys)]
    crowd.everyone(partial(crowd.pursue, wish) for wish in wishes)
    campus.until(campus.gate_open, "an open gate")


def two_keys(campus: Campus, crowd: Crowd) -> None:
    """Two claims of a student on one lecture, sent past Redis by workers that did not see each other's marks."""
    lecture, (student,) = campus.lecture(capacity=2), campus.students(1)
    wishes = [crowd.wish(student, lecture) for _ in range(2)]
    for wish in wishes:
        publish(campus, claim_of(campus, wish))
    for wish in wishes:
        campus.until(partial(campus.decided, wish.claim_id), "the decision")


def redelivery(campus: Campus, crowd: Crowd) -> None:
    """A claim that is decided comes out of the queue once more."""
    lecture, (student,) = campus.lecture(capacity=2), campus.students(1)
    wish = crowd.wish(student, lecture)
    crowd.pursue(wish)
    publish(campus, claim_of(campus, wish))
    again = crowd.wish(campus.students(2)[1], lecture)
    crowd.pursue(again)  # behind it in the queue: when this one is decided, so is the other


def test_capacity_off_seats_are_sold_twice(campus: Campus, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.Pool, "free", 1)
    guard = " WHERE p.taken + d.taken <= p.capacity"
    assert guard in ledger._MOVE_POOLS.text
    monkeypatch.setattr(ledger, "_MOVE_POOLS", text(ledger._MOVE_POOLS.text.replace(guard, "")))
    check = "taken >= 0 AND taken <= capacity"
    with (
        campus.altered(
            "ALTER TABLE seat_pool DROP CONSTRAINT ck_seat_pool_taken",
            f"ALTER TABLE seat_pool ADD CONSTRAINT ck_seat_pool_taken CHECK ({check})",
            of=crowd,
        ),
        campus.own_consumer(),
    ):
        rush_while_redis_is_rebuilt(campus, crowd, seats=3, keys=1)
        found = campus.violations_at_rest(crowd)
    assert any(one.startswith("oversold") and "8 confirmed for 3 seats" in one for one in found), found


def test_unique_off_a_student_has_several_seats(campus: Campus, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.Ledger, "holder", lambda self, claim, offering_id=0: None)
    with (
        campus.altered(
            "ALTER TABLE claim DROP INDEX uq_claim_live",
            "ALTER TABLE claim ADD UNIQUE uq_claim_live (kind, offering_id, user_id, active)",
            of=crowd,
        ),
        campus.altered(
            "ALTER TABLE lecture_booking DROP INDEX uq_lecture_booking_live",
            "ALTER TABLE lecture_booking ADD UNIQUE uq_lecture_booking_live (lecture_id, student_id, active)",
            of=crowd,
        ),
        campus.own_consumer(),
    ):
        two_keys(campus, crowd)
        found = campus.violations_at_rest(crowd)
    assert any(one.startswith("2 live bookings of student") for one in found), found


def test_capacity_and_unique_on(campus: Campus, crowd: Crowd) -> None:
    rush_while_redis_is_rebuilt(campus, crowd, seats=3, keys=2)
    two_keys(campus, crowd)
    assert campus.verify(crowd) == []


def test_dedupe_off_a_claim_is_decided_twice(campus: Campus, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.Ledger, "get", lambda self, claim_id: None)
    with campus.own_consumer():
        redelivery(campus, crowd)
        found = campus.violations_at_rest(crowd)
    assert any("was decided twice" in one for one in found), found
    assert any("was told confirmed, stored is rejected" in one for one in found), found


def test_dedupe_on(campus: Campus, crowd: Crowd) -> None:
    redelivery(campus, crowd)
    assert campus.verify(crowd) == []


# -- spool and sweep --------------------------------------------------------------------------------------------------


def test_spool_off_a_promise_is_not_kept(campus: Campus, crowd: Crowd) -> None:
    """The broker is away; what was answered 202 is on the disk only, and the disk forgets."""
    lecture, broker = campus.lecture(capacity=5), campus.service("rabbitmq")
    broker.kill(stay_down=True)
    campus.empty_redis()
    wishes = [crowd.wish(student, lecture) for student in campus.students(5)]
    while not all(wish.promised for wish in wishes):
        crowd.everyone(partial(crowd.send, wish) for wish in wishes if not wish.promised)
    shutil.rmtree(campus.settings.spool_dir)
    campus.empty_redis()
    broker.start()
    broker.wait_ready()
    campus.until(campus.gate_open, "an open gate")
    found = campus.verify(crowd, within=3)
    assert any("was answered 202 and is not decided" in one for one in found), found


def test_sweep_off_a_claim_is_pending_for_ever(campus: Campus, crowd: Crowd) -> None:
    watch = campus.service("maintenance")
    watch.pause()
    orphan_without_cancel(campus, crowd)
    found = campus.verify(crowd, within=4)  # it would be swept after three
    watch.resume()
    assert any(one.startswith("pending in Redis: 1 claims") for one in found), found
    assert campus.verify(crowd) == []  # and with the sweep on again it is decided


def orphan_without_cancel(campus: Campus, crowd: Crowd) -> None:
    lecture, (student,) = campus.lecture(capacity=1), campus.students(1)
    campus.fault("after_admit", "kill")
    crowd.send(crowd.wish(student, lecture))
    campus.fault_met("after_admit")


def claim_of(campus: Campus, wish: Wish) -> Claim:
    """The wish as a worker without Redis publishes it."""
    return Claim(
        wish.claim_id, "lecture", "book", wish.student.id, wish.lecture_id, line_ok=True, admitted_at=campus.now_ms()
    )


def publish(campus: Campus, claim: Claim) -> None:
    assert not campus.services.publisher.publish([message for message, _ in envelopes([claim])], 5)
