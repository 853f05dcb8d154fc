"""Editing while students book: versions, sizes, promotions, cancelling, closing."""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import gevent
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.admission.engine import Engine
from app.admission.errors import CapacityTakenError
from app.admission.models import ClaimRow, OutboxRow, SeatPool
from app.auth.models import Account
from app.errors import ConflictError
from app.extensions.services import Services
from app.lectures import editing, judging
from app.lectures.booking import book
from app.lectures.editing import edit_lecture
from app.lectures.models import Lecture, LectureBooking
from app.seating.models import SeatReservation
from blueprints.lecture_admin.schemas import LectureChangeSchema
from ops.stack import Stack
from tests.factories import actor_for, make_place
from tests.functional.lectures.conftest import Desk, Hall, Maker, without_redis


def url(lecture_id: int) -> str:
    return f"/api/manage/lectures/{lecture_id}"


def pools(services: Services, lecture_id: int) -> dict[str, tuple[int, int, int, int]]:
    """MariaDB's sizes: pool → (capacity, taken, line capacity, waiting)."""
    with services.db.transaction() as session:
        rows = session.scalars(select(SeatPool).where(SeatPool.offering_id == lecture_id))
        return {row.pool: (row.capacity, row.taken, row.line_capacity, row.waiting) for row in rows}


def test_any_field(make: Maker, desk: Desk) -> None:
    lecture_id = make().lecture.id
    changes = {"title": "新题目", "speaker": "李四", "summary": "简介", "place": "图书馆"}
    lecture = desk.patch(url(lecture_id), changes).json
    assert {name: lecture[name] for name in changes} == changes
    assert lecture["version"] == 2
    assert desk.patch(url(lecture_id), changes).json["version"] == 2  # nothing new
    assert desk.patch(url(lecture_id), {}).json["version"] == 2


def test_a_version_that_is_gone_is_a_conflict(make: Maker, desk: Desk) -> None:
    lecture_id = make().lecture.id
    assert desk.patch(url(lecture_id), {"title": "a", "version": 1}).status_code == 200
    answer = desk.patch(url(lecture_id), {"title": "b", "version": 1})
    assert (answer.status_code, answer.json["code"], answer.json["version"]) == (409, "conflict", 2)
    assert desk.get(url(lecture_id)).json["title"] == "a"
    assert desk.patch(url(lecture_id), {"state": "cancelled", "version": 1}).status_code == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"capacity": -1},
        {"title": None},
        {"version": 0, "title": "a"},
        {"id": "1"},
        {"closes_at": "2000-01-01T00:00:00Z"},
    ],
)
def test_bad_changes(make: Maker, desk: Desk, changes: dict[str, Any]) -> None:
    lecture_id = make().lecture.id
    assert desk.patch(url(lecture_id), changes).status_code == 422
    assert desk.get(url(lecture_id)).json["version"] == 1


def test_unknown_lectures(desk: Desk, engine: Engine) -> None:
    for lecture_id in ("5", "9223372036854775807", "9223372036854775808", "99999999999999999999", "-1", "x", "１"):
        assert desk.get(f"/api/manage/lectures/{lecture_id}").status_code == 404
        assert desk.patch(f"/api/manage/lectures/{lecture_id}", {"title": "a"}).status_code == 404


def test_more_seats_go_to_those_who_wait_and_then_to_all(
    make: Maker, desk: Desk, hall: Hall, services: Services
) -> None:
    lecture_id = make(capacity=2, waitlist_capacity=3).lecture.id
    claims = hall.book(lecture_id, hall.students(4))
    assert [one.state for one in claims] == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    lecture = desk.patch(url(lecture_id), {"capacity": 5}).json
    assert (lecture["seats_left"], lecture["waiting"]) == (1, 0)
    assert pools(services, lecture_id) == {"0": (5, 4, 3, 0)}
    assert hall.live_seats(lecture_id) == {"0": (1, 0)}
    promoted = [hall.engine.status.ask(one.id).standing for one in claims[2:]]
    assert [(one.state, one.reason) for one in promoted if one] == [("confirmed", "promoted")] * 2


@pytest.mark.parametrize("guard", [True, False])
def test_nobody_is_promoted_into_a_lecture_that_is_over(
    make: Maker, desk: Desk, hall: Hall, services: Services, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    lecture_id = make(capacity=1, waitlist_capacity=3).lecture.id
    waiting = hall.book(lecture_id, hall.students(2))[1]
    now = services.clock.now()
    hours = {"opens_at": 5, "closes_at": 4, "starts_at": 3, "ends_at": 2}
    with services.db.transaction() as session:
        times = {name: now - timedelta(hours=ago) for name, ago in hours.items()}
        session.execute(update(Lecture).where(Lecture.id == lecture_id).values(**times))
    if not guard:
        monkeypatch.setattr(judging, "_too_late", lambda *_: {})
    assert desk.patch(url(lecture_id), {"capacity": 2}).status_code == 200
    hall.settle()
    found = hall.engine.status.ask(waiting.id).standing
    assert found is not None
    expected = ("expired", "lecture_over") if guard else ("confirmed", "promoted")  # what the guard keeps away
    assert (found.state, found.reason) == expected


def test_fewer_seats_never_below_what_is_taken(make: Maker, desk: Desk, hall: Hall, services: Services) -> None:
    lecture_id = make(capacity=5).lecture.id
    hall.book(lecture_id, hall.students(3))
    answer = desk.patch(url(lecture_id), {"capacity": 2})
    assert (answer.status_code, answer.json["code"], answer.json["taken"]) == (409, "capacity_taken", 3)
    assert hall.live_seats(lecture_id) == {"0": (2, 0)}
    assert desk.patch(url(lecture_id), {"capacity": 3}).json["seats_left"] == 0
    assert hall.live_seats(lecture_id) == {"0": (0, 0)}
    assert pools(services, lecture_id) == {"0": (3, 3, 5, 0)}


def test_seats_of_claims_on_their_way_are_taken_too(make: Maker, desk: Desk, hall: Hall) -> None:
    """Admitted, answered 202, not settled: MariaDB still sees the seat free, Redis does not."""
    lecture_id = make(capacity=1).lecture.id
    [student] = hall.students(1)
    book(hall.engine, actor_for(hall.services, student), lecture_id, "key-12345678")
    assert desk.patch(url(lecture_id), {"capacity": 0}).status_code == 409
    [claim] = hall.settle()
    assert claim.state == "confirmed"


def test_what_was_withdrawn_comes_back_when_the_edit_fails(make: Maker, desk: Desk, hall: Hall) -> None:
    make(place="礼堂")
    lecture_id = make(capacity=8).lecture.id
    answer = desk.patch(url(lecture_id), {"capacity": 3, "place": "礼堂", "guard_room": True})
    assert answer.json["code"] == "room_taken"
    assert hall.live_seats(lecture_id) == {"0": (8, 0)}
    assert desk.get(url(lecture_id)).json["capacity"] == 8


def test_fewer_seats_wait_for_redis(make: Maker, desk: Desk, services: Services, stack: Stack) -> None:
    """Seats that Redis may be giving away are not taken from under it; everything else can be edited meanwhile."""
    lecture_id = make(capacity=8).lecture.id
    with without_redis(stack):
        answer = desk.patch(url(lecture_id), {"capacity": 3})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        assert pools(services, lecture_id)["0"][0] == 8
        assert desk.patch(url(lecture_id), {"capacity": 9, "title": "新"}).json["seats_left"] == 9
    with services.db.transaction() as session:
        assert session.scalars(select(OutboxRow.id).where(OutboxRow.done_at.is_(None))).one()  # the relay's work


def test_reservations_change_with_their_pools(make: Maker, desk: Desk, hall: Hall, services: Services) -> None:
    place = make_place(services)
    college = str(place.college_id)
    lecture_id = make(capacity=10).lecture.id
    kept = {"name": "本院", "seats": 4, "colleges": [college]}
    lecture = desk.patch(url(lecture_id), {"reservations": [kept]}).json
    assert pools(services, lecture_id) == {"0": (6, 0, 5, 0), "r1": (4, 0, 0, 0)}
    assert hall.live_seats(lecture_id) == {"0": (6, 0), "r1": (4, 0)}
    [claim] = hall.book(lecture_id, hall.students(1, place=place))
    assert claim.pool == "r1"
    # as the page sends it back, with one more seat
    again = [{**lecture["reservations"][0], "seats": 5}]
    assert desk.patch(url(lecture_id), {"reservations": again}).json["pools"][0]["capacity"] == 5
    assert hall.live_seats(lecture_id) == {"0": (5, 0), "r1": (4, 0)}
    # somebody sits there: it cannot be taken back whole
    answer = desk.patch(url(lecture_id), {"reservations": []})
    assert (answer.status_code, answer.json["code"]) == (409, "capacity_taken")
    assert hall.live_seats(lecture_id) == {"0": (5, 0), "r1": (4, 0)}


def test_a_reservation_nobody_used_can_be_taken_back(make: Maker, desk: Desk, hall: Hall, services: Services) -> None:
    kept = {"name": "2024级", "seats": 4, "grades": [2024]}
    lecture_id = make(capacity=10).lecture.id
    desk.patch(url(lecture_id), {"reservations": [kept]})
    lecture = desk.patch(url(lecture_id), {"reservations": []}).json
    assert [(one["pool"], one["capacity"]) for one in lecture["pools"]] == [("0", 10)]
    assert hall.live_seats(lecture_id) == {"0": (10, 0), "r1": (0, 0)}
    with services.db.transaction() as session:
        assert session.scalars(select(SeatReservation)).all() == []
    # a new one does not get the old one's pool
    assert desk.patch(url(lecture_id), {"reservations": [kept]}).json["reservations"][0]["pool"] == "r2"


def test_close_now(make: Maker, desk: Desk, hall: Hall, services: Services) -> None:
    lecture_id = make().lecture.id
    lecture = desk.post(f"{url(lecture_id)}/close").json
    assert (lecture["phase"], lecture["version"]) == ("closed", 2)
    assert desk.post(f"{url(lecture_id)}/close").json["version"] == 2
    closes = hall.engine.store.redis.hget(f"sr:o:lecture:{lecture_id}", "closes")
    assert abs(int(closes) - services.clock.epoch_ms()) < 10_000  # type: ignore[arg-type]
    now = services.clock.now()
    later = make(opens_at=now + timedelta(hours=1)).lecture.id
    answer = desk.post(f"{url(later)}/close")
    assert (answer.status_code, answer.json["code"]) == (409, "lecture_not_opened")


def test_cancelling_ends_every_booking(make: Maker, desk: Desk, hall: Hall, services: Services) -> None:
    lecture_id = make(capacity=2, waitlist_capacity=2, place="礼堂").lecture.id
    claims = hall.book(lecture_id, hall.students(4))
    lecture = desk.patch(url(lecture_id), {"state": "cancelled"}).json
    assert (lecture["state"], lecture["version"]) == ("cancelled", 2)
    with services.db.transaction() as session:
        rows = session.execute(select(ClaimRow.state, ClaimRow.reason, ClaimRow.active)).all()
        assert set(map(tuple, rows)) == {("cancelled", "lecture_cancelled", None)}
        assert set(session.scalars(select(LectureBooking.state))) == {"cancelled"}
    assert pools(services, lecture_id) == {"0": (2, 0, 2, 0)}
    assert hall.live_seats(lecture_id) == {"0": (2, 0)}
    told = [hall.engine.status.ask(one.id).standing for one in claims]
    assert {(one.state, one.reason) for one in told if one} == {("cancelled", "lecture_cancelled")}
    assert hall.settle() == []  # no promotion was set off
    # it stays cancelled, and its room is free
    assert desk.patch(url(lecture_id), {"state": "cancelled"}).json["version"] == 2
    assert desk.patch(url(lecture_id), {"title": "a"}).json["code"] == "lecture_cancelled"
    assert desk.post(f"{url(lecture_id)}/close").json["code"] == "lecture_cancelled"
    make(place="礼堂")


def test_a_claim_on_its_way_is_refused_when_the_lecture_is_cancelled(make: Maker, desk: Desk, hall: Hall) -> None:
    lecture_id = make().lecture.id
    [student] = hall.students(1)
    book(hall.engine, actor_for(hall.services, student), lecture_id, "key-12345678")
    desk.patch(url(lecture_id), {"state": "cancelled"})
    [claim] = hall.settle()
    assert (claim.state, claim.reason) == ("rejected", "not_published")
    assert hall.live_seats(lecture_id) == {"0": (10, 0)}


def test_cancelling_takes_no_other_change_along(make: Maker, desk: Desk) -> None:
    lecture_id = make().lecture.id
    assert desk.patch(url(lecture_id), {"state": "cancelled", "title": "a"}).status_code == 422


def test_drafts_are_published_and_taken_back_while_nobody_has_booked(make: Maker, desk: Desk, hall: Hall) -> None:
    lecture_id = make(state="draft").lecture.id
    assert desk.client.get(f"/api/lectures/{lecture_id}").status_code == 404
    desk.patch(url(lecture_id), {"state": "published"})
    assert desk.client.get(f"/api/lectures/{lecture_id}").status_code == 200
    desk.patch(url(lecture_id), {"state": "draft"})
    desk.patch(url(lecture_id), {"state": "published"})
    hall.engine.sheets._known.clear()
    hall.book(lecture_id, hall.students(1))
    answer = desk.patch(url(lecture_id), {"state": "draft"})
    assert (answer.status_code, answer.json["code"]) == (409, "lecture_booked")


@pytest.mark.parametrize("alone", [True, False], ids=["one-at-a-time", "all-at-once"])
def test_managers_and_students_at_once(
    make: Maker,
    hall: Hall,
    engine: Engine,
    services: Services,
    manager: Account,
    monkeypatch: pytest.MonkeyPatch,
    alone: bool,
) -> None:
    """Six managers size the lecture while forty students book it: in the end Redis and MariaDB count alike.

    With the lock or without: it is a courtesy to managers, the counters do not need it.
    """
    if not alone:
        monkeypatch.setattr(editing, "sizing_alone", lambda *_: nullcontext())
    lecture_id = make(capacity=20, waitlist_capacity=40).lecture.id
    students = [actor_for(services, one) for one in hall.students(40)]
    boss = actor_for(services, manager)

    def resize(capacity: int) -> None:
        with suppress(CapacityTakenError, ConflictError):
            edit_lecture(services, engine, boss, lecture_id, {"capacity": capacity})

    bookings = [gevent.spawn(book, engine, one, lecture_id, "key-12345678") for one in students]
    edits = [gevent.spawn(resize, capacity) for capacity in (30, 15, 25, 10, 35, 18)]
    gevent.joinall([*bookings, *edits], raise_error=True)
    for _ in range(20):
        if not hall.settle():
            break
    [(capacity, taken, _, waiting)] = pools(services, lecture_id).values()
    assert taken == min(40, capacity)
    assert waiting == 40 - taken
    assert hall.live_seats(lecture_id) == {"0": (capacity - taken, waiting)}
    assert hall.stored(lecture_id).capacity == capacity


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted(LectureChangeSchema().fields)


def test_whatever_is_sent_is_answered(make: Maker, desk: Desk) -> None:
    """Any JSON in any field: taken, refused or in conflict; never a failure, and the lecture stays readable."""
    lecture_id = make().lecture.id

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
    def attempt(changes: dict[str, Any]) -> None:
        try:
            sent = orjson.dumps(changes)
        except TypeError:  # a lone surrogate: orjson writes none
            sent = json.dumps(changes).encode()
        headers = {**desk.headers, "Content-Type": "application/json"}
        answer = desk.client.patch(url(lecture_id), headers=headers, data=sent)
        assert answer.status_code in {200, 400, 409, 422}, answer.json
        assert desk.get(url(lecture_id)).status_code == 200

    attempt()
