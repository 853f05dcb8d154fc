"""From the ticket to the door."""

from __future__ import annotations

import uuid
from datetime import timedelta

import gevent
import pytest
from flask.testing import FlaskClient

from app.admission.claims import Standing
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.lectures.booking import cancel
from app.lectures.check_in import check_in
from app.lectures.tickets import TicketMill
from tests.clock import TravelClock
from tests.factories import actor_for, bearer, make_account
from tests.functional.lectures.conftest import Desk, Hall, Maker, desk_of

URL = "/api/check-ins"


@pytest.fixture
def door(client: FlaskClient, services: Services) -> Desk:
    """Somebody who may check in and nothing else."""
    return desk_of(client, services, make_account(services, Role.CHECKIN))


@pytest.fixture
def soon(make: Maker, services: Services) -> int:
    """A lecture that begins in half an hour."""
    starts_at = services.clock.now() + timedelta(minutes=30)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "closes_at": starts_at}
    return make(title="火星", capacity=2, **times).lecture.id


def ticket(client: FlaskClient, services: Services, student: Account, claim: Standing) -> str:
    answer = desk_of(client, services, student).get(f"/api/claims/{claim.id}/ticket")
    assert answer.status_code == 200, answer.json
    assert answer.json["qr_svg"].startswith("<svg")
    assert answer.json["lecture"]["title"] == "火星"
    found: str = answer.json["ticket"]
    return found


def test_the_first_scan_counts(client: FlaskClient, door: Desk, hall: Hall, services: Services, soon: int) -> None:
    [student] = hall.students(1, display_name="王芳")
    [claim] = hall.book(soon, [student])
    code = ticket(client, services, student, claim)
    first = door.post(URL, {"ticket": code}).json
    assert (first["display_name"], first["title"], first["repeated"]) == ("王芳", "火星", False)
    assert (first["claim_id"], first["lecture_id"]) == (claim.id, str(soon))
    again = door.post(URL, {"ticket": f" {code}\n"}).json
    assert again == {**first, "repeated": True}
    mine = desk_of(client, services, student).get(f"/api/claims/{claim.id}/ticket").json
    assert mine["checked_in_at"] == first["checked_in_at"]


def test_two_doors_at_once(client: FlaskClient, hall: Hall, services: Services, soon: int) -> None:
    [student] = hall.students(1)
    [claim] = hall.book(soon, [student])
    code = ticket(client, services, student, claim)
    actor = actor_for(services, make_account(services, Role.CHECKIN))
    scans = [gevent.spawn(check_in, services, actor, code) for _ in range(8)]
    gevent.joinall(scans, raise_error=True)
    assert sorted(one.value.repeated for one in scans) == [False] + [True] * 7
    assert len({one.value.checked_in_at for one in scans}) == 1


def test_the_window(client: FlaskClient, hall: Hall, services: Services, soon: int, clock: TravelClock) -> None:
    [student] = hall.students(1)
    [claim] = hall.book(soon, [student])
    code = ticket(client, services, student, claim)
    account = make_account(services, Role.CHECKIN)
    for ahead, status in ((-31 * 60, 403), (-29 * 60, 200), (90 * 60 + 1, 403), (90 * 60 - 2, 200)):
        clock.advance(ahead)
        answer = desk_of(client, services, account).post(URL, {"ticket": code})
        assert answer.status_code == status, (ahead, answer.json)
        if status == 403:
            assert answer.json["code"] == "check_in_closed"
        clock.advance(-ahead)


def test_only_confirmed_bookings(client: FlaskClient, door: Desk, hall: Hall, services: Services, soon: int) -> None:
    students = hall.students(3)
    claims = hall.book(soon, students)
    waiting = desk_of(client, services, students[2]).get(f"/api/claims/{claims[2].id}/ticket")
    assert (waiting.status_code, waiting.json["code"]) == (409, "ticket_not_confirmed")
    code = ticket(client, services, students[0], claims[0])
    cancel(hall.engine, actor_for(services, students[0]), soon, "key-cancel-1")
    hall.settle()
    answer = door.post(URL, {"ticket": code})
    assert (answer.status_code, answer.json["state"]) == (409, "cancelled")


def test_who_has_come_keeps_the_seat(
    client: FlaskClient, door: Desk, hall: Hall, services: Services, soon: int
) -> None:
    students = hall.students(2)
    claims = hall.book(soon, students)
    door.post(URL, {"ticket": ticket(client, services, students[0], claims[0])})
    for student in students:
        cancel(hall.engine, actor_for(services, student), soon, "key-cancel-1")
    answers = {one.user_id: (one.state, one.reason) for one in hall.settle() if one.action == "cancel"}
    assert answers == {students[0].id: ("rejected", "checked_in"), students[1].id: ("confirmed", "")}
    assert hall.live_seats(soon) == {"0": (1, 0)}


def test_somebody_elses_ticket(client: FlaskClient, hall: Hall, services: Services, soon: int) -> None:
    one, other = hall.students(2)
    [claim] = hall.book(soon, [one])
    for claim_id in (claim.id, str(uuid.uuid4())):
        answer = desk_of(client, services, other).get(f"/api/claims/{claim_id}/ticket")
        assert (answer.status_code, answer.json["code"]) == (404, "ticket_not_found")
    assert client.get(f"/api/claims/{claim.id}/ticket").status_code == 401
    assert desk_of(client, services, one).get("/api/claims/nonsense/ticket").status_code == 404


@pytest.mark.parametrize("text", ["x", "讲座", "a" * 54, "é" * 54])
def test_forged_tickets(door: Desk, soon: int, text: str) -> None:
    answer = door.post(URL, {"ticket": text})
    assert (answer.status_code, answer.json["code"]) == (422, "ticket_invalid")


def test_a_ticket_of_nothing(door: Desk, hall: Hall, services: Services, soon: int) -> None:
    mill = TicketMill(services.settings.secret_key)
    for code in (mill.sign(str(uuid.uuid4()), soon), mill.sign(str(uuid.uuid4()), 5)):
        assert door.post(URL, {"ticket": code}).json["code"] == "ticket_invalid"


@pytest.mark.parametrize(
    "json", [{}, {"ticket": None}, {"ticket": ""}, {"ticket": "a\x00b"}, {"ticket": "x" * 201}, []]
)
def test_bad_bodies(door: Desk, json: object) -> None:
    assert door.post(URL, json).status_code == 422


def test_who_may_check_in(client: FlaskClient, services: Services, door: Desk, soon: int) -> None:
    for role, status in ((Role.STUDENT, 403), (Role.TEACHER, 403), (Role.MANAGER, 422)):
        headers = bearer(services, make_account(services, role))
        assert client.post(URL, json={"ticket": "x"}, headers=headers).status_code == status
    # and a check-in account may do nothing else
    assert door.get("/api/manage/lectures").status_code == 403
    assert door.get(f"/api/manage/lectures/{soon}/bookings").status_code == 403
