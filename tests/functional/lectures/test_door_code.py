"""The short form of a ticket, typed at the door."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.admission.claims import Standing
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.factory import create_app
from app.lectures.booking import cancel
from app.lectures.door_code import MOST_WRONG, DoorCodes
from tests.clock import TravelClock
from tests.factories import actor_for, make_account
from tests.functional.lectures.conftest import Desk, Hall, Maker, desk_of

URL = "/api/check-ins"
WRONG = "0000-0000"


@pytest.fixture
def door(client: FlaskClient, services: Services) -> Desk:
    return desk_of(client, services, make_account(services, Role.CHECKIN))


def soon(make: Maker, services: Services, *, minutes: int = 30, title: str = "火星") -> int:
    """A lecture that begins so many minutes from now."""
    starts_at = services.clock.now() + timedelta(minutes=minutes)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "closes_at": starts_at}
    return make(title=title, **times).lecture.id


def ticket(client: FlaskClient, services: Services, student: Account, claim: Standing) -> dict[str, str]:
    answer = desk_of(client, services, student).get(f"/api/claims/{claim.id}/ticket")
    assert answer.status_code == 200, answer.json
    found: dict[str, str] = answer.json
    return found


def start_of_minute(clock: TravelClock) -> None:
    """So that a slow machine does not cross into the next window in the middle."""
    clock.advance(60 - clock.epoch_ms() / 1000 % 60)


def test_the_code_is_the_ticket(client: FlaskClient, door: Desk, hall: Hall, services: Services, make: Maker) -> None:
    students = hall.students(3)
    claims = hall.book(soon(make, services), students)
    tickets = [ticket(client, services, *one) for one in zip(students, claims, strict=True)]
    first = door.post(URL, {"ticket": tickets[1]["door_code"].lower().replace("-", " ")}).json
    assert (first["claim_id"], first["display_name"]) == (claims[1].id, students[1].display_name)
    assert not first["repeated"]
    # typed again, and scanned: the same ticket
    for again in (tickets[1]["door_code"], tickets[1]["ticket"]):
        assert door.post(URL, {"ticket": again}).json == {**first, "repeated": True}
    assert ticket(client, services, students[0], claims[0])["checked_in_at"] is None


def test_a_wrong_code(door: Desk, hall: Hall, services: Services, make: Maker) -> None:
    hall.book(soon(make, services), hall.students(1))
    answer = door.post(URL, {"ticket": WRONG})
    assert (answer.status_code, answer.json["code"]) == (422, "door_code_unknown")


def test_each_lecture_has_its_own_codes(
    client: FlaskClient, door: Desk, hall: Hall, services: Services, make: Maker
) -> None:
    """One person with two tickets: the code says which; that of a lecture whose check-in is not open is good later."""
    [student] = hall.students(1)
    now, next_door, later = soon(make, services), soon(make, services, title="木星"), soon(make, services, minutes=90)
    codes = {one: ticket(client, services, student, *hall.book(one, [student]))["door_code"] for one in (now, later)}
    [claim] = hall.book(next_door, [student])
    assert door.post(URL, {"ticket": ticket(client, services, student, claim)["door_code"]}).json["title"] == "木星"
    assert door.post(URL, {"ticket": codes[now]}).json["lecture_id"] == str(now)
    assert door.post(URL, {"ticket": codes[later]}).json["code"] == "door_code_unknown"
    # made for another lecture, the code of the same claim is no code
    forged = DoorCodes(services.settings.secret_key).of(claim.id, now)
    assert door.post(URL, {"ticket": forged}).json["code"] == "door_code_unknown"


def test_a_cancelled_booking(client: FlaskClient, door: Desk, hall: Hall, services: Services, make: Maker) -> None:
    [student] = hall.students(1)
    lecture = soon(make, services)
    code = ticket(client, services, student, *hall.book(lecture, [student]))["door_code"]
    cancel(hall.engine, actor_for(services, student), lecture, "key-cancel-1")
    hall.settle()
    answer = door.post(URL, {"ticket": code})
    assert (answer.status_code, answer.json["code"], answer.json["state"]) == (409, "ticket_not_confirmed", "cancelled")


def test_guessing_is_limited_for_each_account(
    client: FlaskClient, door: Desk, hall: Hall, services: Services, make: Maker, clock: TravelClock
) -> None:
    start_of_minute(clock)
    [student] = hall.students(1)
    good = ticket(client, services, student, *hall.book(soon(make, services), [student]))
    for _ in range(MOST_WRONG + 5):  # right ones do not count
        assert door.post(URL, {"ticket": good["door_code"]}).status_code == 200
    codes = [door.post(URL, {"ticket": WRONG}).json["code"] for _ in range(MOST_WRONG + 3)]
    assert codes == ["door_code_unknown"] * MOST_WRONG + ["too_many_door_codes"] * 3
    limited = door.post(URL, {"ticket": good["door_code"]})
    assert limited.status_code == 429
    assert 1 <= int(limited.headers["Retry-After"]) <= 60
    # scanning goes on, and so does everybody else
    assert door.post(URL, {"ticket": good["ticket"]}).status_code == 200
    other = desk_of(client, services, make_account(services, Role.CHECKIN))
    assert other.post(URL, {"ticket": good["door_code"]}).status_code == 200


def test_the_limit_holds_without_redis(services: Services, make: Maker, clock: TravelClock) -> None:
    start_of_minute(clock)
    soon(make, services)
    away = replace(services, redis=connect_redis("redis://127.0.0.1:1/0"))
    door = desk_of(create_app(services=away).test_client(), services, make_account(services, Role.CHECKIN))
    codes = [door.post(URL, {"ticket": WRONG}).status_code for _ in range(MOST_WRONG + 2)]
    assert codes == [422] * MOST_WRONG + [429] * 2


def test_only_the_door_may_type(client: FlaskClient, services: Services) -> None:
    student = desk_of(client, services, make_account(services, Role.STUDENT))
    assert student.post(URL, {"ticket": WRONG}).status_code == 403
