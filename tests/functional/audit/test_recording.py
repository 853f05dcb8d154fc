"""What of a request is in the log, and what is not."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from app.audit.recorder import AT_MOST
from app.audit.rows import COLUMNS
from app.auth.permissions import Role
from app.controls.changing import change_control
from app.extensions.services import Services
from tests.factories import PASSWORD, actor_for, bearer, make_account, make_student
from tests.functional.audit.conftest import Log
from tests.functional.lectures.conftest import Maker

ID = "0123456789abcdef0123456789abcdef"


def test_a_sign_in_and_one_that_failed(client: FlaskClient, services: Services, log: Log) -> None:
    student = make_student(services, username="s00001")
    for password in ("not this one", PASSWORD):
        headers = {"X-Real-IP": "10.9.8.7", "X-Request-ID": ID}
        client.post("/api/auth/login", json={"username": "s00001", "password": password}, headers=headers)
    failed, done = log.delivered(2)
    assert (failed.status, failed.account_id, failed.username, failed.role) == (401, None, "s00001", None)
    assert (done.status, done.account_id, done.username, done.role) == (200, student.id, "s00001", "student")
    for row in (failed, done):
        assert (row.side, row.method, row.path, row.endpoint) == (
            "frontend",
            "POST",
            "/api/auth/login",
            "auth.sign_in",
        )
        assert (row.request_ip, row.request_id) == ("10.9.8.7", ID)
        assert row.request_body == '{"username":"s00001","password":"***"}'
        assert 0 <= row.duration_ms < 10_000
    assert json.loads(failed.response_body or "")["code"] == "invalid_credentials"
    answer = json.loads(done.response_body or "")
    assert (answer["access_token"], answer["user"]["username"]) == ("***", "s00001")


def test_a_booking_and_one_that_failed(client: FlaskClient, services: Services, make: Maker, log: Log) -> None:
    student, lecture_id = make_student(services), make().lecture.id
    headers = {**bearer(services, student), "Idempotency-Key": "key-12345678"}
    path = f"/api/lectures/{lecture_id}/bookings"
    booked = client.post(path, headers=headers, json={"waitlist": False})
    client.post("/api/lectures/7/bookings", headers=headers)
    good, bad = log.delivered(2)
    assert (good.status, good.account_id, good.role, good.side) == (202, student.id, "student", "frontend")
    assert (good.path, good.request_body, good.response_body) == (path, '{"waitlist":false}', booked.text)
    assert (bad.status, bad.path, bad.request_body) == (404, "/api/lectures/7/bookings", None)
    assert json.loads(bad.response_body or "")["code"] == "lecture_not_found"


def test_nothing_of_a_header_is_kept(client: FlaskClient, services: Services, log: Log) -> None:
    headers = bearer(services, make_account(services, Role.MANAGER))
    client.set_cookie("seatrush_refresh", "cookie-that-opens-doors")
    client.post("/api/auth/logout", headers={**headers, "Idempotency-Key": "key-of-this-one"})
    (row,) = log.delivered(1)
    everything = " ".join(str(getattr(row, name)) for name in COLUMNS)
    assert headers["Authorization"].partition(" ")[2] not in everything
    assert "opens-doors" not in everything
    assert (row.status, row.side, row.role) == (204, "backend", "manager")


def test_what_staff_and_students_read(client: FlaskClient, services: Services, log: Log) -> None:
    """Of reads only the staff's, where people are shown; and none when they are not wanted."""
    manager, admin = make_account(services, Role.MANAGER), make_account(services, Role.SUPER_ADMIN)
    for path in ("/api/lectures", "/api/me", "/api/nothing", "/api/ops/status", "/api/manage/lectures"):
        client.get(path, headers=bearer(services, manager))
    client.get("/api/admin/request-logs", headers=bearer(services, make_student(services)))
    looked, refused = log.delivered(2)
    assert (looked.path, looked.side, looked.status, looked.response_body) == (
        "/api/manage/lectures",
        "backend",
        200,
        None,
    )
    assert (refused.path, refused.side, refused.status) == ("/api/admin/request-logs", "frontend", 403)
    assert json.loads(refused.response_body or "")["code"] == "forbidden"
    change_control(services, actor_for(services, admin), "audit_staff_reads", False, version=0, reason="too many")
    controls = log.app.extensions["seatrush.controls"]
    controls._read_at = -100.0
    assert controls.get("audit_staff_reads") is False
    client.get("/api/manage/lectures", headers=bearer(services, manager))
    assert log.recorder.flush()
    assert log.waiting() == 0


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        ("/api/" + "x" * 300, "/api/" + "x" * 250),
        ("/api/%E8%AE%B2%F0%9F%8E%93", "/api/讲🎓"),
        ("/api/%00%1b%ff", "/api/���"),
    ],
)
def test_odd_addresses(client: FlaskClient, log: Log, path: str, stored: str) -> None:
    client.post(path, data=b"\xff\x00 no json", content_type="application/x-thing")
    (row,) = log.delivered(1)
    assert (row.path, row.status, row.endpoint, row.account_id) == (stored, 404, None, None)
    assert row.request_body == "(application/x-thing, 10 bytes)"


def test_many_requests_are_several_messages_and_none_is_missing(client: FlaskClient, log: Log) -> None:
    count = AT_MOST + 20
    for number in range(count):
        client.post(f"/api/nothing/{number}")
    rows = log.delivered(count)
    assert [row.path for row in rows] == [f"/api/nothing/{number}" for number in range(count)]
    assert len({row.id for row in rows}) == count
