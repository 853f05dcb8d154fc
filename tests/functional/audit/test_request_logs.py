"""GET /api/admin/request-logs: who may, what it finds, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.admission.models import ClaimRow
from app.audit.models import RequestLog
from app.auth.permissions import Role
from app.extensions.services import Services
from tests.factories import bearer, make_account, make_student

PATH = "/api/admin/request-logs"
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def admin(services: Services) -> dict[str, str]:
    return bearer(services, make_account(services, Role.SUPER_ADMIN))


@pytest.fixture
def written(services: Services) -> list[int]:
    """Ten rows, a minute apart in pairs of the same moment; the odd ones a manager's, with an error."""
    ids = [services.ids.next_id() for _ in range(10)]
    with services.db.transaction() as session:
        for number, row_id in enumerate(ids):
            odd = number % 2
            session.add(
                RequestLog(
                    id=row_id,
                    side="backend" if odd else "frontend",
                    account_id=7 if odd else 8,
                    username="m" if odd else "s00001",
                    role="manager" if odd else "student",
                    method="PATCH" if odd else "POST",
                    path=f"/api/manage/lectures/{number}" if odd else "/api/lectures/1/bookings",
                    endpoint="x.y",
                    status=409 if odd else 202,
                    request_ip="10.0.0.1",
                    request_id=f"{number:032x}",
                    duration_ms=3,
                    at=NOON + timedelta(minutes=number // 2),
                )
            )
    return ids


def test_only_super_admins(client: FlaskClient, services: Services) -> None:
    assert client.get(PATH).status_code == 401
    for role in (Role.MANAGER, Role.TEACHER, Role.CHECKIN):
        assert client.get(PATH, headers=bearer(services, make_account(services, role))).status_code == 403
    refused = client.get(PATH, headers=bearer(services, make_student(services)))
    assert (refused.status_code, refused.json["code"], refused.json["permission"]) == (403, "forbidden", "audit:read")


def test_newest_first_page_by_page(client: FlaskClient, admin: dict[str, str], written: list[int]) -> None:
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    for _ in range(4):
        body = client.get(PATH, headers=admin, query_string=query).json
        seen += [item["id"] for item in body["items"]]
        query["cursor"] = body["next_cursor"]
    assert body["next_cursor"] is None
    assert seen == [str(row_id) for row_id in reversed(written)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"side": "backend"}, [9, 7, 5, 3, 1]),
        ({"account": "8", "limit": "2"}, [8, 6]),
        ({"method": "PATCH", "path": "/api/manage/lectures/3"}, [3]),
        ({"path": "/api/manage/"}, [9, 7, 5, 3, 1]),
        ({"path": "%"}, []),
        ({"status": "202", "from": "2026-09-01T20:01:00+08:00", "to": "2026-09-01T12:03:00Z"}, [4, 2]),
        ({"request_id": f"{6:032x}"}, [6]),
        ({"account": "9"}, []),
        ({"username": "m"}, [9, 7, 5, 3, 1]),
        ({"username": "nobody"}, []),
        ({"claim": "00000000-0000-4000-8000-000000000000"}, []),
    ],
)
def test_narrowed(
    client: FlaskClient, admin: dict[str, str], written: list[int], query: dict[str, str], numbers: list[int]
) -> None:
    items = client.get(PATH, headers=admin, query_string=query).json["items"]
    assert [written.index(int(item["id"])) for item in items] == numbers


def test_by_the_name_of_an_account(
    client: FlaskClient, services: Services, admin: dict[str, str], written: list[int]
) -> None:
    """The account is found by its name, whatever name the rows carry: they have the one that was typed."""
    make_account(services, id=8, username="s00008")
    items = client.get(PATH, headers=admin, query_string={"username": "S00008"}).json["items"]
    assert [written.index(int(item["id"])) for item in items] == [8, 6, 4, 2, 0]


def test_by_claim(client: FlaskClient, services: Services, admin: dict[str, str], written: list[int]) -> None:
    """Of the claimant's requests about that time those that name the claim."""
    claim_id = "6a1f7c52-0d3e-4a43-9c0a-0f6d7f1f2e3d"
    with services.db.transaction() as session:
        session.add(
            ClaimRow(
                id=claim_id, kind="lecture", action="book", user_id=8, offering_id=1, pool="", state="confirmed",
                active=1, version=2, admitted_at=NOON, decided_at=NOON + timedelta(seconds=1),
            )
        )  # fmt: skip
        for number, moved in ((2, timedelta()), (4, timedelta(days=1)), (3, timedelta())):
            row = session.get_one(RequestLog, written[number])
            row.response_body = f'{{"claim_id":"{claim_id}"}}'
            row.at += moved
    items = client.get(PATH, headers=admin, query_string={"claim": claim_id}).json["items"]
    assert [written.index(int(item["id"])) for item in items] == [2]


def test_one_row_whole(client: FlaskClient, admin: dict[str, str], written: list[int]) -> None:
    (item,) = client.get(PATH, headers=admin, query_string={"request_id": f"{1:032x}"}).json["items"]
    assert item == {
        "id": str(written[1]),
        "at": "2026-09-01T20:00:00+08:00",
        "side": "backend",
        "account_id": "7",
        "username": "m",
        "role": "manager",
        "method": "PATCH",
        "path": "/api/manage/lectures/1",
        "endpoint": "x.y",
        "status": 409,
        "request_ip": "10.0.0.1",
        "request_id": f"{1:032x}",
        "request_body": None,
        "response_body": None,
        "duration_ms": 3,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("side", "both"), ("account", "s1"), ("method", "post"), ("status", "9"), ("from", "today"), ("request_id", "x"),
     ("cursor", "WzFd"), ("limit", "0"), ("claim", "1"), ("username", "张")],
)  # fmt: skip
def test_bad_parameters_name_themselves(client: FlaskClient, admin: dict[str, str], name: str, value: str) -> None:
    answer = client.get(PATH, headers=admin, query_string={name: value})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [name])
