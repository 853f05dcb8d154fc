"""/api/admin/controls: who may, what is refused, what remains of a change."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth.models import Account
from app.auth.permissions import Role
from app.controls.changing import change_control
from app.controls.models import ControlChange, ControlRow
from app.controls.reading import FRESH_S, Controls
from app.controls.registry import REGISTRY
from app.errors import ConflictError
from app.extensions.services import Services
from ops.stack import Stack
from tests.factories import actor_for, bearer, make_account, make_student

PATH = "/api/admin/controls"
KEEP = f"{PATH}/audit_keep_days"


@pytest.fixture
def admin(services: Services) -> Account:
    return make_account(services, Role.SUPER_ADMIN, username="root1")


@pytest.fixture
def headers(services: Services, admin: Account) -> dict[str, str]:
    return bearer(services, admin)


def wish(value: Any, version: int, reason: str = "因审计要求") -> dict[str, Any]:
    return {"value": value, "version": version, "reason": reason}


def test_only_super_admins(client: FlaskClient, services: Services) -> None:
    others = [{}, *(bearer(services, make_account(services, role)) for role in (Role.MANAGER, Role.TEACHER))]
    others.append(bearer(services, make_student(services)))
    for headers, status in zip(others, (401, 403, 403, 403), strict=True):
        assert client.get(PATH, headers=headers).status_code == status
        assert client.get(f"{KEEP}/history", headers=headers).status_code == status
        assert client.put(KEEP, headers=headers, json=wish(30, 0)).status_code == status
    with services.db.transaction() as session:
        assert session.scalar(select(func.count(ControlRow.id))) == 0


def test_defaults_hold_until_somebody_changes_them(client: FlaskClient, headers: dict[str, str]) -> None:
    items = client.get(PATH, headers=headers).json["items"]
    assert {item["key"]: item["value"] for item in items} == {key: one.default for key, one in REGISTRY.items()}
    assert {item["version"] for item in items} == {0}
    assert items[0] == {
        "key": "audit_keep_days",
        "kind": "number",
        "label": "Days for which the request log is kept",
        "value": 180,
        "default": 180,
        "bounds": {"minimum": 7, "maximum": 3650},
        "version": 0,
        "changed_at": None,
        "changed_by": None,
    }


def test_every_change_is_in_the_history(client: FlaskClient, headers: dict[str, str], admin: Account) -> None:
    for version, value in enumerate((30, 60, 60)):
        answer = client.put(KEEP, headers=headers, json=wish(value, version, f" reason {version} "))
        assert (answer.status_code, answer.json["value"], answer.json["version"]) == (200, value, version + 1)
        assert answer.json["changed_by"] == "root1"
    first = client.get(f"{KEEP}/history", headers=headers, query_string={"limit": 2}).json
    rest = client.get(
        f"{KEEP}/history", headers=headers, query_string={"limit": 2, "cursor": first["next_cursor"]}
    ).json
    assert rest["next_cursor"] is None
    changes = first["items"] + rest["items"]
    assert [(one["version"], one["old"], one["new"], one["reason"]) for one in changes] == [
        (3, 60, 60, "reason 2"),
        (2, 30, 60, "reason 1"),
        (1, 180, 30, "reason 0"),
    ]
    assert {(one["account_id"], one["username"]) for one in changes} == {(str(admin.id), "root1")}


def test_a_stale_version_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.put(KEEP, headers=headers, json=wish(30, 0)).status_code == 200
    for version in (0, 2):
        answer = client.put(KEEP, headers=headers, json=wish(40, version))
        assert (answer.status_code, answer.json["code"], answer.json["version"]) == (409, "conflict", 1)
    items = client.get(PATH, headers=headers).json["items"]
    assert (items[0]["value"], items[0]["version"]) == (30, 1)


def test_a_change_that_comes_twice_is_one(client: FlaskClient, headers: dict[str, str], services: Services) -> None:
    """As Nginx sends it again, when the first program made it and died before its answer."""
    first, again = (client.put(KEEP, headers=headers, json=wish(30, 0)) for _ in range(2))
    assert (again.status_code, again.json) == (200, first.json)
    assert client.put(KEEP, headers=headers, json=wish(30, 0, "another reason")).status_code == 409
    other = bearer(services, make_account(services, Role.SUPER_ADMIN, username="root2"))
    assert client.put(KEEP, headers=other, json=wish(30, 0)).status_code == 409
    assert len(client.get(f"{KEEP}/history", headers=headers).json["items"]) == 1


@pytest.mark.parametrize("version", [0, 1])
def test_of_many_at_once_one_wins(services: Services, admin: Account, version: int) -> None:
    actor, conflicts = actor_for(services, admin), []
    for number in range(version):
        change_control(services, actor, "audit_keep_days", 100, version=number, reason="first")

    def change(value: int) -> None:
        try:
            change_control(services, actor, "audit_keep_days", value, version=version, reason="at once")
        except ConflictError as error:
            conflicts.append(error)

    gevent.joinall([gevent.spawn(change, 10 + number) for number in range(6)], raise_error=True)
    assert len(conflicts) == 5
    with services.db.transaction() as session:
        row = session.scalars(select(ControlRow)).one()
        changes = session.scalars(select(ControlChange).order_by(ControlChange.version)).all()
    assert (row.version, len(changes), changes[-1].new) == (version + 1, version + 1, row.value)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (wish(6, 0), "value"),
        (wish("30", 0), "value"),
        (wish(30, 0, "  "), "reason"),
        (wish(30, 0, "x" * 501), "reason"),
        (wish(30, -1), "version"),
        ({"value": 30, "version": 0}, "reason"),
        ({"value": 30, "reason": "x"}, "version"),
        ({"version": 0, "reason": "x"}, "value"),
    ],
)
def test_bad_input_names_itself(client: FlaskClient, headers: dict[str, str], body: Any, field: str) -> None:
    answer = client.put(KEEP, headers=headers, json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_setting_nobody_registered(client: FlaskClient, headers: dict[str, str]) -> None:
    for answer in (
        client.put(f"{PATH}/rate", headers=headers, json=wish(1, 0)),
        client.get(f"{PATH}/rate/history", headers=headers),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "control_not_found")


def test_a_process_sees_a_change_within_seconds(services: Services, admin: Account) -> None:
    here, there = Controls(services), Controls(services)
    assert (here.number("audit_keep_days"), there.get("maintenance_notice")) == (180, {"zh": "", "en": ""})
    change_control(services, actor_for(services, admin), "audit_keep_days", 30, version=0, reason="x")
    with gevent.Timeout(FRESH_S + 20):
        while (here.known("audit_keep_days"), there.get("audit_keep_days")) != (30, 30):
            gevent.sleep(0.1)


def test_a_value_of_another_version_of_the_application(services: Services) -> None:
    with services.db.transaction() as session:
        session.add(ControlRow(id=1, key="audit_keep_days", value="for ever", version=1))
        session.add(ControlRow(id=2, key="gone", value=1, version=1))
    assert Controls(services).get("audit_keep_days") == 180


def test_mariadb_is_away_and_settings_stay(services: Services, admin: Account, stack: Stack) -> None:
    controls, database = Controls(services), stack.service("mariadb")
    change_control(services, actor_for(services, admin), "audit_keep_days", 30, version=0, reason="x")
    assert controls.get("audit_keep_days") == 30
    database.kill(stay_down=True)
    try:
        controls._read_at = -100.0
        assert (controls.get("audit_keep_days"), Controls(services).get("audit_keep_days")) == (30, 180)
    finally:
        database.start()
        database.wait_ready()
