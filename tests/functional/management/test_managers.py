"""/api/admin/managers: permissions per manager, and that nobody locks everybody out."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import Account
from app.auth.permissions import GRANTABLE, Permission, Role
from app.extensions.services import Services
from tests.factories import PASSWORD, make_account, make_student
from tests.functional.management.conftest import Desk, DeskOf, code

M = "/api/admin/managers"
ALL = sorted(one.value for one in GRANTABLE)


@pytest.fixture
def admin(services: Services) -> Account:
    return make_account(services, Role.SUPER_ADMIN, username="root")


@pytest.fixture
def desk(admin: Account, desk_of: DeskOf) -> Desk:
    return desk_of(admin)


def sign_in(client: FlaskClient, username: str, password: str) -> dict[str, Any]:
    found = client.post("/api/auth/login", json={"username": username, "password": password})
    assert found.status_code == 200, found.json
    return dict(found.json)


def test_a_manager_may_what_is_left_to_him(desk: Desk, client: FlaskClient, services: Services) -> None:
    answer = desk.post(M, {"username": "Wang", "display_name": "王老师", "permissions": ["courses:manage"]})
    made = answer.json
    assert (answer.status_code, made["username"], made["role"]) == (201, "wang", "manager")
    assert (made["permissions"], made["chosen"]) == (["courses:manage"], True)
    signed = sign_in(client, "wang", made["password"])
    assert signed["user"]["permissions"] == ["courses:manage"]
    own = Desk(client, {"Authorization": f"Bearer {signed['access_token']}"})
    assert own.get("/api/manage/colleges").status_code == 403
    assert own.get("/api/manage/lectures").status_code == 403

    changed = desk.patch(f"{M}/{made['id']}", {"permissions": ["org:manage"], "version": 1}).json
    assert (changed["permissions"], changed["version"]) == (["org:manage"], 2)
    assert own.get("/api/manage/colleges").status_code == 403  # the token's, until it is renewed
    renewed = client.post("/api/auth/refresh").json
    own = Desk(client, {"Authorization": f"Bearer {renewed['access_token']}"})
    assert own.get("/api/manage/colleges").status_code == 200
    assert own.get("/api/me").json["permissions"] == ["org:manage"]
    assert desk.patch(f"{M}/{made['id']}", {"permissions": None}).json["permissions"] == ALL
    assert desk.patch(f"{M}/{made['id']}", {"permissions": []}).json["permissions"] == []


def test_existing_managers_have_all_of_it(desk: Desk, services: Services) -> None:
    account = make_account(services, Role.MANAGER)
    found = desk.get(f"{M}/{account.id}").json
    assert (found["permissions"], found["chosen"]) == (ALL, False)


def test_the_list(desk: Desk, admin: Account, services: Services) -> None:
    make_account(services, Role.MANAGER, username="anna", display_name="安娜")
    make_account(services, Role.CHECKIN, username="door")
    make_student(services)
    make_account(services, Role.TEACHER)
    names = [one["username"] for one in desk.get(M).json["items"]]
    assert names == ["anna", "door", "root"]
    page = desk.get(M, limit=2).json
    assert [one["username"] for one in desk.get(M, cursor=page["next_cursor"]).json["items"]] == ["root"]
    for query in ({"q": "AN"}, {"q": "安"}, {"role": "manager"}):
        assert [one["username"] for one in desk.get(M, **query).json["items"]] == ["anna"]
    for account in (make_student(services), make_account(services, Role.TEACHER)):
        for answer in (
            desk.get(f"{M}/{account.id}"),
            desk.patch(f"{M}/{account.id}", {"display_name": "x"}),
            desk.delete(f"{M}/{account.id}"),
            desk.post(f"{M}/{account.id}/reset-password"),
        ):
            assert code(answer) == (404, "manager_not_found")


def test_nobody_locks_themselves_out(desk: Desk, admin: Account) -> None:
    own = f"{M}/{admin.id}"
    assert code(desk.delete(own)) == (409, "own_account")
    for changes in ({"role": "manager"}, {"account_status": "disabled"}):
        assert code(desk.patch(own, changes)) == (409, "own_account")
    assert desk.patch(own, {"display_name": "根"}).json["display_name"] == "根"


@pytest.mark.parametrize("guarded", [True, False])
def test_two_admins_who_remove_each_other(
    desk: Desk, admin: Account, services: Services, desk_of: DeskOf, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    other = make_account(services, Role.SUPER_ADMIN)
    if not guarded:
        monkeypatch.setattr("app.auth.managers.deleting.check_admins", lambda session: None)
    tries = [gevent.spawn(desk.delete, f"{M}/{other.id}"), gevent.spawn(desk_of(other).delete, f"{M}/{admin.id}")]
    answers = [one.get(timeout=20) for one in tries]
    with services.db.transaction() as session:
        left = select(Account.id).where(Account.role == "super_admin", Account.is_deleted.is_(False))
        assert len(session.scalars(left).all()) == (1 if guarded else 0)
    if guarded:
        assert sorted(one.status_code for one in answers) == [204, 409]
        assert next(one for one in answers if one.status_code == 409).json["code"] == "last_admin"


def test_disabling_and_deleting_end_sessions(desk: Desk, client: FlaskClient, services: Services) -> None:
    account = make_account(services, Role.MANAGER, username="zhao")
    sign_in(client, "zhao", PASSWORD)
    assert desk.patch(f"{M}/{account.id}", {"account_status": "disabled"}).json["version"] == 2
    assert client.post("/api/auth/refresh").status_code == 401
    desk.patch(f"{M}/{account.id}", {"account_status": "active"})
    sign_in(client, "zhao", PASSWORD)
    assert desk.patch(f"{M}/{account.id}", {"role": "checkin"}).json["permissions"] == ["checkin"]
    assert client.post("/api/auth/refresh").status_code == 401
    told = desk.post(f"{M}/{account.id}/reset-password").json["password"]
    sign_in(client, "zhao", told)
    assert desk.delete(f"{M}/{account.id}").status_code == 204
    assert client.post("/api/auth/refresh").status_code == 401
    assert code(client.post("/api/auth/login", json={"username": "zhao", "password": told})) == (
        401,
        "invalid_credentials",
    )
    assert code(desk.post(M, {"username": "zhao", "display_name": "x"})) == (409, "username_taken")


def test_only_super_admins(services: Services, desk_of: DeskOf) -> None:
    for account in (make_account(services, Role.MANAGER), make_student(services), make_account(services, Role.CHECKIN)):
        one = desk_of(account)
        assert one.get(M).status_code == 403
        assert one.post(M, {}).status_code == 403
        for answer in (one.get(f"{M}/1"), one.patch(f"{M}/1", {}), one.delete(f"{M}/1")):
            assert answer.status_code == 403
        assert one.post(f"{M}/1/reset-password").status_code == 403


def test_what_cannot_be(desk: Desk) -> None:
    good = {"username": "good", "display_name": "好"}
    for wrong in (
        {"role": "student"},
        {"role": "super_admin", "permissions": ["org:manage"]},
        {"permissions": [Permission.OPS.value]},
        {"permissions": [Permission.ACCOUNTS_MANAGE.value]},
        {"username": "不行"},
        {"username": ""},
        {"password": "short"},
    ):
        assert desk.post(M, {**good, **wrong}).status_code == 422, wrong
