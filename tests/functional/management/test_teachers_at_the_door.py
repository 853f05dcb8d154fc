"""A manager lets a teacher check in, and takes that back. Nobody gives what he has not himself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.auth.permissions import Permission, Role
from app.extensions.services import Services
from tests.factories import PASSWORD, make_account, make_place
from tests.functional.lectures.conftest import Hall, Maker, engine, hall, make, manager
from tests.functional.lectures.test_check_in import URL, ticket
from tests.functional.management.conftest import Desk, DeskOf, code

__all__ = ["engine", "hall", "make", "manager"]

T = "/api/manage/teachers"
GIVEN = ["checkin"]
SignIn = Callable[[], Desk]


@pytest.fixture
def fields(services: Services) -> dict[str, Any]:
    college = str(make_place(services).college_id)
    return {"teacher_no": "T001", "display_name": "陈教授", "college_id": college, "password": PASSWORD}


@pytest.fixture
def sign_in(client: FlaskClient) -> SignIn:
    """The teacher signs in: what somebody may do stands in the token."""

    def signed() -> Desk:
        answer = client.post("/api/auth/login", json={"username": "t001", "password": PASSWORD})
        assert answer.status_code == 200, answer.json
        return Desk(client, {"Authorization": f"Bearer {answer.json['access_token']}"})

    return signed


def test_a_teacher_at_the_door(
    desk: Desk,
    sign_in: SignIn,
    fields: dict[str, Any],
    client: FlaskClient,
    services: Services,
    hall: Hall,
    make: Maker,
) -> None:
    starts_at = services.clock.now() + timedelta(minutes=30)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "closes_at": starts_at}
    [student] = hall.students(1)
    [claim] = hall.book(make(title="火星", **times).lecture.id, [student])
    scanned = {"ticket": ticket(client, services, student, claim)}
    teacher = desk.make(T, **fields)
    assert sign_in().post(URL, scanned).status_code == 403
    found = desk.patch(f"{T}/{teacher}", {"permissions": GIVEN, "version": 1}).json
    assert (found["permissions"], found["version"]) == (["checkin", "teaching:read"], 2)
    mine = sign_in()
    assert mine.get("/api/me").json["permissions"] == ["checkin", "teaching:read"]
    assert mine.post(URL, scanned).json["claim_id"] == claim.id
    assert mine.get("/api/manage/lectures").status_code == 403
    assert desk.patch(f"{T}/{teacher}", {"permissions": []}).json["permissions"] == ["teaching:read"]
    assert sign_in().post(URL, scanned).status_code == 403


def test_from_the_beginning(desk: Desk, sign_in: SignIn, fields: dict[str, Any]) -> None:
    teacher = desk.make(T, **fields, permissions=GIVEN)
    assert desk.get(T).json["items"][0]["permissions"] == ["checkin", "teaching:read"]
    assert sign_in().post(URL, {"ticket": "no ticket"}).status_code != 403
    assert desk.patch(f"{T}/{teacher}", {"title": "教授"}).json["permissions"] == ["checkin", "teaching:read"]


def test_what_one_has_not_himself_one_cannot_give(
    desk: Desk, desk_of: DeskOf, services: Services, fields: dict[str, Any]
) -> None:
    left = desk_of(make_account(services, Role.MANAGER, permissions=[Permission.STUDENTS_MANAGE.value]))
    assert code(left.post(T, {**fields, "permissions": GIVEN})) == (403, "forbidden")
    teacher = left.make(T, **fields, permissions=[])
    assert code(left.patch(f"{T}/{teacher}", {"permissions": GIVEN})) == (403, "forbidden")
    desk.patch(f"{T}/{teacher}", {"permissions": GIVEN})
    assert left.patch(f"{T}/{teacher}", {"title": "教授"}).json["permissions"] == ["checkin", "teaching:read"]
    assert left.patch(f"{T}/{teacher}", {"permissions": []}).json["permissions"] == ["teaching:read"]


def test_nor_get_by_a_new_password(desk: Desk, desk_of: DeskOf, services: Services, fields: dict[str, Any]) -> None:
    """Whoever is told it could sign in as the one who may."""
    left = desk_of(make_account(services, Role.MANAGER, permissions=[Permission.STUDENTS_MANAGE.value]))
    teacher = desk.make(T, **fields, permissions=GIVEN)
    assert code(left.post(f"{T}/{teacher}/reset-password", {})) == (403, "forbidden")
    assert desk.post(f"{T}/{teacher}/reset-password", {}).status_code == 200
    desk.patch(f"{T}/{teacher}", {"permissions": []})
    assert left.post(f"{T}/{teacher}/reset-password", {}).status_code == 200


@pytest.mark.parametrize("wrong", [["ops"], ["teaching:read"], ["checkin", "checkin"], "checkin", None])
def test_nothing_else_can_be_given(desk: Desk, fields: dict[str, Any], wrong: Any) -> None:
    assert desk.post(T, {**fields, "permissions": wrong}).status_code == 422


def test_nor_to_a_student(desk: Desk, services: Services) -> None:
    wish = {"student_no": "2024000001", "display_name": "张三", "class_id": str(make_place(services).class_id)}
    assert desk.post("/api/manage/students", {**wish, "permissions": GIVEN}).status_code == 422
