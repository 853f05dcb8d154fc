"""Reserved seats that nobody took are opened to all at the set time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.admission.engine import Engine
from app.auth.models import Account
from app.extensions import named_lock
from app.extensions.services import Services
from app.lectures.booking import cancel
from app.lectures.reserved import LECTURES
from app.org.audience import Audience
from app.seating.opening import open_reserved
from app.seating.reservations import ReservationDraft
from app.seating.resize_lock import sizing_alone
from tests.clock import TravelClock
from tests.factories import actor_for, make_place
from tests.functional.lectures.conftest import Hall, Maker, desk_of
from tests.functional.lectures.test_editing import pools


def test_free_ones_move_and_those_who_wait_get_them(
    make: Maker,
    hall: Hall,
    services: Services,
    engine: Engine,
    clock: TravelClock,
    client: FlaskClient,
    manager: Account,
) -> None:
    place = make_place(services)
    kept = ReservationDraft("本院", 4, Audience(colleges=frozenset({place.college_id})))
    opens = services.clock.now() + timedelta(hours=1)
    lecture_id = make(capacity=6, waitlist_capacity=5, reservations=(kept,), reserved_until=opens).lecture.id
    hall.book(lecture_id, hall.students(1, place=place))
    others = hall.book(lecture_id, hall.students(3))
    assert [one.state for one in others] == ["confirmed", "confirmed", "waitlisted"]
    assert open_reserved(engine, services, LECTURES, services.clock.now()) == 0

    clock.advance(3601)
    assert open_reserved(engine, services, LECTURES, services.clock.now()) == 3
    assert pools(services, lecture_id) == {"r1": (1, 1, 0, 0), "0": (5, 3, 5, 0)}
    assert hall.live_seats(lecture_id) == {"r1": (0, 0), "0": (2, 0)}
    promoted = engine.status.ask(others[2].id).standing
    assert promoted is not None
    assert (promoted.state, promoted.reason) == ("confirmed", "promoted")
    assert open_reserved(engine, services, LECTURES, services.clock.now()) == 0

    desk = desk_of(client, services, manager)  # an hour has passed: a new token
    lecture = desk.get(f"/api/manage/lectures/{lecture_id}").json
    assert (lecture["capacity"], lecture["seats_left"], lecture["reservations"][0]["seats"]) == (6, 2, 1)
    assert desk.patch(f"/api/manage/lectures/{lecture_id}", {"capacity": 8}).json["pools"][1]["capacity"] == 7


def test_a_seat_that_comes_free_later_moves_too(
    make: Maker, hall: Hall, services: Services, engine: Engine, clock: TravelClock
) -> None:
    place = make_place(services)
    kept = ReservationDraft("本院", 2, Audience(colleges=frozenset({place.college_id})))
    lecture_id = make(capacity=4, reservations=(kept,), reserved_until=services.clock.now()).lecture.id
    clock.advance(1)
    students = hall.students(2, place=place)
    hall.book(lecture_id, students)
    assert open_reserved(engine, services, LECTURES, services.clock.now()) == 0

    cancel(engine, actor_for(services, students[0]), lecture_id, "key-cancel")
    hall.settle()
    assert open_reserved(engine, services, LECTURES, services.clock.now()) == 1
    assert hall.live_seats(lecture_id) == {"r1": (0, 0), "0": (3, 0)}


def test_a_lecture_that_somebody_is_sizing_does_not_keep_the_others_waiting(
    make: Maker,
    services: Services,
    engine: Engine,
    clock: TravelClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(named_lock, "PATIENCE_S", 0)
    kept = ReservationDraft("本院", 2, Audience(colleges=frozenset({make_place(services).college_id})))
    now = services.clock.now()
    first, *others = (make(capacity=4, reservations=(kept,), reserved_until=now).lecture.id for _ in range(3))
    clock.advance(1)
    with sizing_alone(services.db, first):
        assert open_reserved(engine, services, LECTURES, services.clock.now()) == 4
    assert [pools(services, one)["r1"][0] for one in (first, *others)] == [2, 0, 0]
    assert open_reserved(engine, services, LECTURES, services.clock.now()) == 2
