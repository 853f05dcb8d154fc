"""A reserved seat that comes free goes to those it is reserved for who wait in the general line, before any newcomer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text

from app.admission.claims import Claim, Standing, claim_id
from app.admission.engine import Engine
from app.admission.outbox import Effects
from app.admission.promoting import heirs_of
from app.admission.store_wire import Resize
from app.auth.models import Account
from app.lectures.booking import book, cancel
from app.lectures.models import KIND
from app.org.audience import Audience
from app.org.models import SchoolClass
from app.seating.reservations import ReservationDraft
from ops.drills.checker import Checker
from tests.factories import Place, actor_for, make_place
from tests.functional.lectures.conftest import Desk, Hall, Maker
from tests.functional.lectures.test_editing import pools, url


@dataclass
class Full:
    """A lecture with one seat for all and one reserved for `place`, both taken; a stranger waits, then one of `place`."""

    lecture: int
    place: Place
    owner: Account
    stranger: Standing
    heir: Standing


@pytest.fixture
def full(make: Maker, hall: Hall) -> Full:
    place = make_place(hall.services)
    kept = ReservationDraft("本院", 1, Audience(colleges=frozenset({place.college_id})))
    lecture = make(capacity=2, waitlist_capacity=5, reservations=(kept,)).lecture.id
    [owner, late] = hall.students(2, place=place)
    [first, stranger] = hall.students(2)
    hall.book(lecture, [owner, first])
    waiting = hall.book(lecture, [stranger, late])
    assert [(one.state, one.pool) for one in waiting] == [("waitlisted", "0")] * 2
    return Full(lecture, place, owner, *waiting)


def another_class(hall: Hall, place: Place) -> Place:
    """Of the same major."""
    number = hall.services.ids.next_id()
    with hall.services.db.transaction() as session:
        named = {"grade": place.grade, "class_no": 2, "name": "软工2402班", "graduation_credits": 160}
        session.add(SchoolClass(id=number, major_id=place.major_id, **named))
    return replace(place, class_id=number)


def at(hall: Hall, claim: Standing) -> tuple[str, str, str]:
    now = hall.engine.status.ask(claim.id).standing
    assert now is not None
    return now.state, now.pool, now.reason


def counted(hall: Hall, full: Full) -> None:
    """Redis and MariaDB agree, nothing is under way, and no heir waits while a seat is free."""
    assert list(Checker(hall.services, hall.engine).wrong([], [full.lecture])) == []
    redis: Any = hall.engine.store.redis
    assert redis.zcard(f"sr:line:{KIND}:{full.lecture}:0") == pools(hall.services, full.lecture)["0"][3]


def test_a_cancelled_reserved_seat_is_handed_on_in_the_same_transaction(hall: Hall, full: Full) -> None:
    cancel(hall.engine, actor_for(hall.services, full.owner), full.lecture, "key-cancel")
    hall.settle()
    assert at(hall, full.heir) == ("confirmed", "r1", "promoted")
    assert at(hall, full.stranger) == ("waitlisted", "0", "")
    assert pools(hall.services, full.lecture) == {"0": (1, 1, 5, 1), "r1": (1, 1, 0, 0)}
    counted(hall, full)
    assert hall.engine.store.redis.zcard("sr:pending") == 0


def test_a_general_seat_goes_to_the_first_in_the_line(hall: Hall, full: Full, desk: Desk) -> None:
    desk.patch(url(full.lecture), {"capacity": 3})
    assert at(hall, full.stranger) == ("confirmed", "0", "promoted")
    assert at(hall, full.heir) == ("waitlisted", "0", "")
    counted(hall, full)


def test_more_reserved_seats_go_to_heirs(hall: Hall, full: Full, desk: Desk) -> None:
    kept = [{**desk.get(url(full.lecture)).json["reservations"][0], "seats": 3}]
    desk.patch(url(full.lecture), {"capacity": 4, "reservations": kept})
    assert at(hall, full.heir) == ("confirmed", "r1", "promoted")
    assert at(hall, full.stranger) == ("waitlisted", "0", "")
    counted(hall, full)


def test_a_reservation_that_is_new_is_offered_by_the_watch(hall: Hall, full: Full, desk: Desk) -> None:
    kept = desk.get(url(full.lecture)).json["reservations"]
    fresh = {"name": "2024", "seats": 1, "grades": [full.place.grade]}
    desk.patch(url(full.lecture), {"capacity": 3, "reservations": [*kept, fresh]})
    assert hall.engine.offers.make() == 1
    assert hall.engine.offers.make() == 0  # it is under way
    assert hall.live_seats(full.lecture)["r2"] == (0, 0)
    hall.settle()
    # both are of that year: the first in the line
    assert at(hall, full.stranger) == ("confirmed", "r2", "promoted")
    assert hall.engine.offers.make() == 0
    counted(hall, full)


def test_an_heir_behind_one_who_is_shut_out_gets_the_seat(hall: Hall, full: Full, desk: Desk) -> None:
    """A restriction that came later excludes the first heir; who looks for one must look further."""
    [other] = hall.students(1, place=another_class(hall, full.place))
    [later] = hall.book(full.lecture, [other])
    assert later.state == "waitlisted"
    shut = {"mode": "except", "classes": [str(full.place.class_id)]}
    desk.patch(url(full.lecture), {"restriction": shut})
    with hall.services.db.reading() as session:
        assert [one.id for one in heirs_of(session, hall.engine.kinds[KIND], (KIND, full.lecture, "r1"), 1)] == [
            later.id
        ]


def test_a_seat_whose_claim_is_rejected_is_withheld_for_heirs(
    hall: Hall, engine: Engine, full: Full, desk: Desk
) -> None:
    """It never was anybody's in MariaDB, so no transaction hands it on; a newcomer must not get it all the same."""
    cancel(engine, actor_for(hall.services, full.owner), full.lecture, "key-cancel")
    cancel(engine, actor_for(hall.services, account_of(hall, full.heir)), full.lecture, "key-cancel")
    hall.settle()
    [brief, heir, newcomer] = hall.students(3, place=full.place)
    booked = book(engine, actor_for(hall.services, brief), full.lecture, "key-brief")
    [waiting] = settle_only(hall, full.lecture, heir)
    assert waiting.state == "waitlisted"
    cancel(engine, actor_for(hall.services, brief), full.lecture, "key-cancel")
    hall.settle([one for one in hall.pending() if one.action == "cancel"])  # leaves a tombstone
    assert hall.live_seats(full.lecture)["r1"] == (0, 0)
    hall.book(full.lecture, [newcomer])
    assert at(hall, waiting) == ("confirmed", "r1", "promoted")
    standing = engine.status.ask(booked.claim_id).standing
    assert standing is not None
    assert standing.state == "cancelled"
    counted(hall, full)


def test_an_offer_that_nobody_can_take_is_made_once(hall: Hall, engine: Engine, make: Maker) -> None:
    place = make_place(hall.services)
    kept = ReservationDraft("本院", 1, Audience(colleges=frozenset({place.college_id})))
    lecture = make(capacity=1, waitlist_capacity=5, reservations=(kept,)).lecture.id
    [stranger] = hall.students(1)
    [waiting] = hall.book(lecture, [stranger])
    [brief, newcomer] = hall.students(2, place=place)
    book(engine, actor_for(hall.services, brief), lecture, "key-brief")
    cancel(engine, actor_for(hall.services, brief), lecture, "key-cancel")
    hall.settle([one for one in hall.pending() if one.action == "cancel"])
    assert [one.action for one in hall.pending()] == ["promote"]
    hall.settle()
    assert hall.pending() == []
    assert engine.offers.make() == 0
    [claim] = hall.book(lecture, [newcomer])
    assert (claim.state, claim.pool) == ("confirmed", "r1")
    assert at(hall, waiting)[0] == "waitlisted"


def test_a_direct_claim_does_not_overtake_an_heir(hall: Hall, engine: Engine, full: Full) -> None:
    with hall.services.db.transaction() as session:
        session.execute(
            text("UPDATE seat_pool SET capacity = 2, version = 2 WHERE offering_id = :id AND pool = 'r1'"),
            {"id": full.lecture},
        )
    assert engine.applier.apply(Effects(resizes=[Resize(KIND, full.lecture, "r1", 2, 0, 2)]))
    [newcomer] = hall.students(1, place=full.place)
    made, now = claim_id(newcomer.id, "book", KIND, full.lecture, "key"), hall.services.clock.epoch_ms()
    direct = Claim(made, KIND, "book", newcomer.id, full.lecture, ("r1", "0"), "0", "any", admitted_at=now)
    [settled] = hall.settle([direct])
    assert (settled.state, settled.pool) == ("waitlisted", "0")
    assert engine.offers.make() == 1
    hall.settle()
    assert at(hall, full.heir) == ("confirmed", "r1", "promoted")
    counted(hall, full)


def settle_only(hall: Hall, lecture: int, student: Account) -> list[Standing]:
    """Book and settle this one, leaving the others on their way."""
    made = book(hall.engine, actor_for(hall.services, student), lecture, f"key-{student.id}").claim_id
    return hall.settle([one for one in hall.pending() if one.id == made])


def account_of(hall: Hall, claim: Standing) -> Account:
    with hall.services.db.transaction() as session:
        return session.get_one(Account, claim.user_id)
