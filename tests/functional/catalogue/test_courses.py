"""GET /api/courses, /api/courses/{id}, /api/terms, /api/rounds and the study plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.auth.permissions import Role
from app.extensions.services import Services
from blueprints.paging import make_cursor
from tests.clock import TravelClock
from tests.factories import bearer, make_account, make_place, make_student
from tests.functional.catalogue.conftest import Catalogue


def names(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"/api/courses?{query}")
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["items"]]


def everything(client: FlaskClient, path: str) -> list[Any]:
    """Every item, two a page."""
    seen, cursor = [], ""
    while True:
        page = client.get(f"{path}limit=2{cursor}").json
        assert len(page["items"]) <= 2
        seen += page["items"]
        if page["next_cursor"] is None:
            return seen
        cursor = f"&cursor={quote(page['next_cursor'])}"


def test_filters(client: FlaskClient, catalogue: Catalogue, services: Services) -> None:
    other = make_place(services, college="人文学院").college_id
    catalogue.course("数据结构", code="COMP000001")
    catalogue.course("数据库 100%", code="COMP000002", category="专业选修", credits=Decimal("2.5"))
    catalogue.course("电影语言", code="GENE000001", college_id=other, general_type="人文与艺术", category="通识选修")
    catalogue.course("没有了", code="AAAA000001", is_deleted=True)
    assert names(client) == ["数据结构", "数据库 100%", "电影语言"]
    assert names(client, f"q={quote('数据')}") == ["数据结构", "数据库 100%"]
    assert names(client, "q=100%25") == ["数据库 100%"]
    assert names(client, "q=GENE") == names(client, "q=gene") == ["电影语言"]
    assert names(client, f"college_id={other}") == ["电影语言"]
    assert names(client, f"category={quote('专业选修')}") == ["数据库 100%"]
    assert names(client, f"general_type={quote('人文与艺术')}") == ["电影语言"]
    assert names(client, "credits=2.5") == names(client, "credits=2.50") == ["数据库 100%"]
    assert names(client, "college_id=1") == []


def test_pages_hold_everything_once(client: FlaskClient, catalogue: Catalogue) -> None:
    for number in range(5):
        catalogue.course(str(number), code=f"C{4 - number}")
    assert [one["name"] for one in everything(client, "/api/courses?")] == list("43210")


def test_one_course(client: FlaskClient, catalogue: Catalogue) -> None:
    first = catalogue.course("程序设计", code="COMP000001")
    gone, deleted = catalogue.course("旧课", is_deleted=True), catalogue.course("曾经")
    course_id = catalogue.course("数据结构", code="COMP000009")
    catalogue.needs(course_id, first)
    catalogue.needs(course_id, gone)
    catalogue.needs(course_id, deleted, is_deleted=True)
    shown = catalogue.section(course_id)
    catalogue.section(course_id, state="draft")
    catalogue.section(course_id, term_id=catalogue.past_id)
    catalogue.section(first)
    answer = client.get(f"/api/courses/{course_id}").json
    assert [one["name"] for one in answer["prerequisites"]] == ["程序设计"]
    assert [one["id"] for one in answer["sections"]] == [str(shown)]
    assert {**answer, "prerequisites": [], "sections": []} == {
        "id": str(course_id),
        "code": "COMP000009",
        "name": "数据结构",
        "campus": "主校区",
        "college_id": str(catalogue.place.college_id),
        "college": "计算机学院",
        "category": "专业必修",
        "general_type": "",
        "credits": 3.0,
        "prerequisites": [],
        "sections": [],
    }
    for unknown in (gone, 5):
        missing = client.get(f"/api/courses/{unknown}")
        assert (missing.status_code, missing.json["code"]) == (404, "course_not_found")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "college_id=x", "credits=x", "credits=-1", "credits=1e400", "credits=NaN", "q=%00",
        "q=" + "x" * 101, "cursor=x", "cursor=" + make_cursor(1), "cursor=" + make_cursor("a", "b"),
        "cursor=" + make_cursor(""), "cursor=" + make_cursor("é"), "cursor=" + make_cursor("x" * 11), "cursor=W10",
    ],
)  # fmt: skip
def test_bad_queries(client: FlaskClient, services: Services, query: str) -> None:
    answer = client.get(f"/api/courses?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input"), answer.json


def test_terms(client: FlaskClient, catalogue: Catalogue) -> None:
    following = catalogue.term(20262, 20)
    answer = client.get("/api/terms").json
    assert [(one["code"], one["current"], one["week"]) for one in answer["items"]] == [
        (20262, False, None),
        (20261, True, 3),
        (20252, False, None),
    ]
    assert answer["items"][0]["id"] == str(following)
    assert len(answer["periods"]) == 13
    assert answer["periods"][0] == {"number": 1, "starts_at": "08:00", "ends_at": "08:45"}
    assert [one["code"] for one in everything(client, "/api/terms?")] == [20262, 20261, 20252]


def test_between_terms_the_next_is_current_and_after_all_the_last(
    client: FlaskClient, catalogue: Catalogue, clock: TravelClock
) -> None:
    def current() -> list[int]:
        return [one["code"] for one in client.get("/api/terms").json["items"] if one["current"]]

    clock.advance(17 * 7 * 86400)
    assert current() == [20261]
    catalogue.term(20262, 3)
    assert current() == [20262]
    clock.advance(52 * 7 * 86400)
    assert current() == [20262]


def test_without_terms(client: FlaskClient, services: Services) -> None:
    for path in ("terms", "courses", "sections", "rounds"):
        assert client.get(f"/api/{path}").json["items"] == []


def test_rounds(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.round(3, 1, 2)
    catalogue.round(1, -9, -8)
    catalogue.round(2, -1, 1, mode="lottery", tips="志愿")
    catalogue.round(4, 1, 2, state="draft")
    catalogue.round(5, 1, 2, is_deleted=True)
    catalogue.round(1, -99, -98, term_id=catalogue.past_id)
    found = client.get("/api/rounds").json["items"]
    assert [(one["round_no"], one["phase"]) for one in found] == [(1, "closed"), (2, "open"), (3, "upcoming")]
    assert (found[1]["mode"], found[1]["tips"]) == ("lottery", "志愿")
    assert found[0]["opens_at"].endswith("+08:00")
    assert [one["round_no"] for one in everything(client, f"/api/rounds?term_id={catalogue.term_id}&")] == [1, 2, 3]
    assert len(client.get(f"/api/rounds?term_id={catalogue.past_id}").json["items"]) == 1
    answer = client.get("/api/rounds?term_id=5")
    assert (answer.status_code, answer.json["code"]) == (404, "term_not_found")


def test_my_programme(client: FlaskClient, catalogue: Catalogue, services: Services) -> None:
    student = make_student(services, catalogue.place)
    present = catalogue.course("现在")
    done, failed, later = (catalogue.course(name) for name in ("已修", "挂科", "以后"))
    other = catalogue.course("别班的")
    catalogue.plan(later, 7, required=False)
    for course_id, term in ((done, 1), (failed, 2), (present, 5)):
        catalogue.plan(course_id, term)
    catalogue.plan(other, 1, class_id=make_place(services).class_id)
    catalogue.plan(catalogue.course("取消"), 1, is_deleted=True)
    catalogue.finish(student.id, done)
    catalogue.finish(student.id, failed, passed=False)
    answer = client.get("/api/me/programme", headers=bearer(services, student)).json
    fields = ("recommended_term", "required", "done", "recommended")
    assert [(one["course"]["name"], *(one[name] for name in fields)) for one in answer["items"]] == [
        ("已修", 1, True, True, False),
        ("挂科", 2, True, False, False),
        ("现在", 5, True, False, True),
        ("以后", 7, False, False, False),
    ]
    assert answer["next_cursor"] is None


def test_whose_programme(client: FlaskClient, services: Services) -> None:
    assert client.get("/api/me/programme").status_code == 401
    manager = bearer(services, make_account(services, Role.MANAGER))
    assert client.get("/api/me/programme", headers=manager).status_code == 403
    # a student account that no class knows
    nobody = bearer(services, make_account(services, Role.STUDENT))
    answer = client.get("/api/me/programme", headers=nobody)
    assert (answer.status_code, answer.json["code"]) == (404, "no_programme")


def test_facets(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.course(category="专业必修")
    catalogue.course(category="通识选修", general_type="人文与艺术")
    catalogue.course(category="通识选修", general_type="自然科学")
    catalogue.course(category="停开", general_type="停开", is_deleted=True)
    answer = client.get("/api/courses/facets").json
    assert sorted(answer["categories"]) == ["专业必修", "通识选修"]
    assert sorted(answer["general_types"]) == ["人文与艺术", "自然科学"]
