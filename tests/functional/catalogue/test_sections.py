"""GET /api/sections and /api/sections/{id}."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.extensions.services import Services
from blueprints.paging import make_cursor
from tests.factories import make_place
from tests.functional.catalogue.conftest import Catalogue
from tests.functional.catalogue.test_courses import everything


def ids(client: FlaskClient, query: str = "") -> list[int]:
    answer = client.get(f"/api/sections?{query}")
    assert answer.status_code == 200, answer.json
    return [int(one["id"]) for one in answer.json["items"]]


def test_filters(client: FlaskClient, catalogue: Catalogue, services: Services) -> None:
    other = make_place(services, college="人文学院").college_id
    data, film = catalogue.course("数据结构"), catalogue.course("电影语言", college_id=other)
    one = catalogue.section(data)
    two = catalogue.section(data, teacher_names="李娜、王伟", language="en")
    three = catalogue.section(film, teacher_names="张_三", is_mooc=True)
    past = catalogue.section(data, term_id=catalogue.past_id)
    for state in ("draft", "cancelled"):
        catalogue.section(film, state=state)
    catalogue.section(film, is_deleted=True)
    catalogue.meet(one, 3, 3, 4)
    catalogue.meet(one, 5, 1, 2)
    catalogue.meet(two, 3, 6, 7)
    catalogue.meet(two, 1, 3, 4, is_deleted=True)
    assert ids(client) == [one, two, three]
    assert ids(client, f"term_id={catalogue.past_id}") == [past]
    assert ids(client, f"q={quote('电影')}") == [three]
    assert ids(client, f"course_id={data}") == [one, two]
    assert ids(client, f"college_id={other}") == [three]
    assert ids(client, f"teacher={quote('王伟')}") == [one, two]
    assert ids(client, "teacher=_") == [three]
    assert ids(client, "language=en") == [two]
    assert ids(client, "mooc=true") == [three]
    assert ids(client, "mooc=false") == [one, two]
    assert ids(client, "weekday=3") == [one, two]
    assert ids(client, "period=4") == [one]
    # the same meeting must be on that day and take that period
    assert ids(client, "weekday=3&period=4") == [one]
    assert ids(client, "weekday=3&period=2") == ids(client, "weekday=1") == []
    answer = client.get("/api/sections?term_id=5")
    assert (answer.status_code, answer.json["code"]) == (404, "term_not_found")


def test_what_can_still_be_had(client: FlaskClient, catalogue: Catalogue) -> None:
    """`free`: a seat is left; `apart_from`: at no time of these sections, by week, day and period."""
    data = catalogue.course(category="专业必修", general_type="")
    film = catalogue.course(category="通识选修", general_type="人文与艺术")
    mine = catalogue.section(data)
    catalogue.meet(mine, 3, 3, 4, "1-16周(单)")
    same = catalogue.section(film, capacity=2, taken=2)
    catalogue.meet(same, 1, 1, 2)
    catalogue.meet(same, 3, 4, 5, "3-5周")
    even = catalogue.section(film, capacity=2, taken=1)
    catalogue.meet(even, 3, 3, 4, "1-16周(双)")
    later, online = catalogue.section(film), catalogue.section(film)
    catalogue.meet(later, 3, 5, 6)
    assert ids(client, f"category={quote('通识选修')}") == [same, even, later, online]
    assert ids(client, f"general_type={quote('人文与艺术')}&language=zh") == [same, even, later, online]
    assert ids(client, "free=true") == [mine, even, later, online]
    assert ids(client, f"apart_from={mine}") == [even, later, online]
    assert ids(client, f"apart_from={mine},{even}") == [later, online]
    assert ids(client, f"apart_from={later}&free=true") == [mine, even, online]
    assert client.get("/api/sections?apart_from=1,,2").status_code == 422


def test_pages_hold_everything_once(client: FlaskClient, catalogue: Catalogue) -> None:
    expected = []
    for _ in range(3):
        course_id = catalogue.course()
        expected += [str(catalogue.section(course_id)) for _ in range(3)]
    assert [one["id"] for one in everything(client, "/api/sections?")] == expected


def test_one_section(client: FlaskClient, catalogue: Catalogue) -> None:
    course_id = catalogue.course("数据结构")
    exam_at = datetime(2027, 1, 4, 1, tzinfo=UTC)
    section_id = catalogue.section(course_id, capacity=40, taken=38, waiting=3, teacher_id=7, exam_at=exam_at)
    sibling = catalogue.section(course_id)
    catalogue.meet(section_id, 3, 3, 4, "1-16周(单)")
    catalogue.restrict(course_id, None, "except", grades=[2023])
    catalogue.restrict(course_id, section_id, "only", colleges=["12"])
    catalogue.restrict(course_id, sibling, "only", grades=[2026])
    answer = client.get(f"/api/sections/{section_id}").json
    assert (answer["capacity"], answer["seats_left"], answer["waiting"]) == (40, 2, 3)
    assert (answer["course_name"], answer["credits"], answer["teacher_id"]) == ("数据结构", 3.0, "7")
    assert answer["exam_at"] == "2027-01-04T09:00:00+08:00"
    assert answer["meetings"] == [
        {
            "weekday": 3,
            "first_period": 3,
            "last_period": 4,
            "week_mask": 0b101010101010101,
            "weeks": "weeks 1-15 (odd)",
            "text": "Wed periods 3–4",
            "starts_at": "09:50",
            "ends_at": "11:25",
            "place": "主楼 101",
        }
    ]
    empty = {"colleges": [], "grades": [], "classes": [], "reason": "原因"}
    assert answer["restrictions"] == [
        {**empty, "whole_course": True, "mode": "except", "grades": [2023]},
        {**empty, "whole_course": False, "mode": "only", "colleges": ["12"]},
    ]
    chinese = client.get(f"/api/sections/{section_id}", headers={"Accept-Language": "zh-CN"}).json
    assert (chinese["meetings"][0]["weeks"], chinese["meetings"][0]["text"]) == ("1-15周(单)", "周三 3–4 节")


def test_which_can_be_seen(client: FlaskClient, catalogue: Catalogue) -> None:
    course_id = catalogue.course()
    cancelled = catalogue.section(course_id, state="cancelled")
    assert client.get(f"/api/sections/{cancelled}").json["state"] == "cancelled"
    for hidden in (catalogue.section(course_id, state="draft"), catalogue.section(course_id, is_deleted=True), 5):
        answer = client.get(f"/api/sections/{hidden}")
        assert (answer.status_code, answer.json["code"]) == (404, "section_not_found")


@pytest.mark.parametrize(
    "query",
    [
        "weekday=0", "weekday=8", "period=14", "language=fr", "mooc=yes", "term_id=x", "teacher=%00",
        "course_id=9223372036854775808", "cursor=" + make_cursor(1), "cursor=" + make_cursor(1, "2"),
        "cursor=" + make_cursor(1, -1), "cursor=" + make_cursor(True, 1), "cursor=" + make_cursor(2**63, 1),
    ],
)  # fmt: skip
def test_bad_queries(client: FlaskClient, services: Services, query: str) -> None:
    answer = client.get(f"/api/sections?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input"), answer.json
