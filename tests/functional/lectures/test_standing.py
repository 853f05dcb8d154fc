"""How a lecture stands to one student."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.lectures.booking import book, cancel
from app.org.audience import Audience
from app.seating.reservations import ReservationDraft
from tests.clock import TravelClock
from tests.factories import actor_for, bearer, make_account, make_place
from tests.functional.lectures.conftest import Hall, Maker, desk_of


def standing(client: FlaskClient, services: Services, student: Account, lecture_id: int) -> dict[str, Any]:
    answer = desk_of(client, services, student).get(f"/api/lectures/{lecture_id}/standing")
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_the_life_of_a_booking(make: Maker, hall: Hall, client: FlaskClient, services: Services) -> None:
    lecture_id = make().lecture.id
    [student] = hall.students(1)
    assert standing(client, services, student, lecture_id) == {
        "eligible": True,
        "reason": None,
        "pool": "0",
        "claim": None,
        "can_cancel": False,
        "quota": None,
    }
    claim_id = book(hall.engine, actor_for(services, student), lecture_id, "key-12345678").claim_id
    pending = standing(client, services, student, lecture_id)
    assert (pending["claim"]["claim_id"], pending["claim"]["state"]) == (claim_id, "pending")
    assert pending["can_cancel"]
    hall.settle()
    confirmed = standing(client, services, student, lecture_id)
    assert confirmed["claim"]["state"] == "confirmed"
    assert confirmed["claim"]["offering_title"] == "讲座 1"
    cancel(hall.engine, actor_for(services, student), lecture_id, "key-cancel-1")
    cancelling = standing(client, services, student, lecture_id)
    assert (cancelling["claim"]["claim_id"], cancelling["can_cancel"]) == (claim_id, False)
    hall.settle()
    assert standing(client, services, student, lecture_id)["claim"] is None


def test_position_in_the_line(make: Maker, hall: Hall, client: FlaskClient, services: Services) -> None:
    lecture_id = make(capacity=1).lecture.id
    students = hall.students(3)
    hall.book(lecture_id, students)
    places = [standing(client, services, one, lecture_id)["claim"]["position"] for one in students]
    assert places == [None, 1, 2]


def test_why_not(make: Maker, hall: Hall, client: FlaskClient, services: Services, clock: TravelClock) -> None:
    now = services.clock.now()
    place = make_place(services)
    [student] = hall.students(1, place=place)
    others = make(restriction=Audience("except", colleges=frozenset({place.college_id}))).lecture.id
    found = standing(client, services, student, others)
    assert (found["eligible"], found["reason"], found["pool"]) == (False, "restricted", None)
    later = make(opens_at=now + timedelta(hours=1)).lecture.id
    found = standing(client, services, student, later)
    assert (found["eligible"], found["reason"]) == (True, "not_open")
    over = make(opens_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1)).lecture.id
    assert standing(client, services, student, over)["reason"] == "closed"
    kept = ReservationDraft("本院", 1, Audience(colleges=frozenset({place.college_id})))
    assert standing(client, services, student, make(reservations=(kept,)).lecture.id)["pool"] == "r1"


def test_who_may_ask(make: Maker, client: FlaskClient, services: Services) -> None:
    path = f"/api/lectures/{make().lecture.id}/standing"
    assert client.get(path).status_code == 401
    teacher = make_account(services, Role.TEACHER)
    assert client.get(path, headers=bearer(services, teacher)).status_code == 403
    student = make_account(services, Role.STUDENT)  # an account without a student's record
    found = client.get(path, headers=bearer(services, student)).json
    assert (found["eligible"], found["reason"]) == (False, "not_a_student")
    draft = make(state="draft").lecture.id
    assert client.get(f"/api/lectures/{draft}/standing", headers=bearer(services, student)).status_code == 404
