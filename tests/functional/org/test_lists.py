"""GET /api/org/colleges and /api/org/classes."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.extensions.services import Services
from app.org.models import College
from tests.factories import make_place


def test_colleges_page_by_page(client: FlaskClient, services: Services) -> None:
    wanted = [make_place(services, college=f"学院{number}").college_id for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        body = client.get("/api/org/colleges", query_string=query).json
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
    assert cursor is None
    assert seen == [str(college_id) for college_id in wanted]


def test_deleted_colleges_are_gone(client: FlaskClient, services: Services) -> None:
    place = make_place(services)
    with services.db.transaction() as session:
        session.get_one(College, place.college_id).is_deleted = True
    assert client.get("/api/org/colleges").json == {"items": [], "next_cursor": None}


def test_classes_of_one_college(client: FlaskClient, services: Services) -> None:
    mine, other = make_place(services), make_place(services)
    every = client.get("/api/org/classes").json["items"]
    assert {item["id"] for item in every} == {str(mine.class_id), str(other.class_id)}
    body = client.get("/api/org/classes", query_string={"college_id": str(mine.college_id)}).json
    assert body == {
        "items": [
            {
                "id": str(mine.class_id),
                "name": "软工2401班",
                "grade": 2024,
                "college_id": str(mine.college_id),
                "college": "计算机学院",
                "department": "软件工程系",
                "major": "软件工程",
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "many"),
        ("cursor", "rubbish"),
        ("cursor", "WyJhIl0="),
        ("cursor", "W3RydWVd"),
        ("cursor", "WyIxIl0="),
        ("cursor", "e30="),
        ("cursor", "WzE4NDQ2NzQ0MDczNzA5NTUxNjE1XQ=="),
        ("college_id", "x"),
    ],
)
def test_bad_parameters_name_themselves(client: FlaskClient, name: str, value: str) -> None:
    answer = client.get("/api/org/classes", query_string={name: value})
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"
    assert list(answer.json["errors"]) == [name]
