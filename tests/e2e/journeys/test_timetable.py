"""The timetable: weeks, odd and even, on a phone and on paper; the private calendar address; notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests.e2e.browsing import LOOKS, Visitor, axe, light_first_load, next_student
from tests.e2e.campus import Campus
from tests.e2e.journeys.test_printing import on_paper, pages_of

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def reader(campus: Campus, make_sections: MakeSections) -> tuple[str, str]:
    """A student with an odd-week course, and the same student's plan with another: (username, course)."""
    username = next_student()
    (course, odd), (_, planned) = make_sections(
        {"name": "单周上的课", "meets": [[2, 3, 4, "1-15周(单)"]]},
        {"name": "计划中的课", "meets": [[2, 3, 5, "1-16周"]]},
    )
    campus.enrol(username, odd)
    campus.plan(username, planned)
    return username, course


def test_weeks(visit: Visit, reader: tuple[str, str]) -> None:
    page = visit(reader[0], **DESK).open("/timetable?week=3")
    lesson = page.locator(".lesson").filter(has_text="单周上的课")
    expect(lesson).to_be_visible()
    page.get_by_role("button", name="下一周").click()
    expect(page.get_by_label("周次")).to_have_value("4")
    expect(lesson).to_have_count(0)
    assert "week=4" in page.url
    page.get_by_label("周次").select_option("0")
    expect(lesson).to_contain_text("1–15 周(单)")
    page.get_by_label("同时显示计划中的课").check()
    both = page.locator(".lesson").filter(has_text=re.compile("单周上的课|计划中的课"))
    expect(both).to_have_count(2)
    left, right = (one.bounding_box() for one in both.all())
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"] + 1, "side by side, none over the other"


def test_a_phone_lists_the_days(visit: Visit, reader: tuple[str, str]) -> None:
    page = visit(reader[0]).open("/timetable?week=3")
    day = page.get_by_role("region", name="周二")
    expect(day.get_by_text("单周上的课")).to_be_visible()
    expect(day.get_by_text("09:50–11:25")).to_be_visible()
    expect(page.get_by_role("region", name="周三")).not_to_be_visible()


def test_on_paper(visit: Visit, reader: tuple[str, str]) -> None:
    page = visit(reader[0], viewport={"width": 390, "height": 844}, color_scheme="dark").open("/timetable?week=3")
    expect(page.get_by_text("单周上的课").first).to_be_visible()
    pdf = on_paper(page)
    expect(page.get_by_text("第 3 周").first).to_be_visible()
    assert page.locator(".timetable").evaluate("one => getComputedStyle(one).display") == "grid"
    assert pages_of(pdf) == 1


def test_the_private_calendar_address(visit: Visit, campus: Campus, reader: tuple[str, str]) -> None:
    page = visit(reader[0]).open("/timetable")
    page.get_by_text("订阅到手机日历").click()
    page.get_by_role("button", name="生成新地址").click()
    address = page.get_by_label("私人订阅地址").input_value()
    path = address[address.index("/api/calendar/") :]
    assert "单周上的课" in requests.get(campus.site + path, timeout=20).text
    page.get_by_role("button", name="停用地址").click()
    page.get_by_role("dialog").get_by_role("button", name="停用地址").click()
    expect(page.get_by_text("地址已停用。")).to_be_visible()
    assert requests.get(campus.site + path, timeout=20).status_code == 404


def test_a_notice_rings_the_bell(visit: Visit, campus: Campus, student: str) -> None:
    visitor = visit(student)
    with visitor.page.expect_websocket(lambda socket: "/ws?" in socket.url) as line:
        page = visitor.open("/courses")
    line.value.wait_for_event("framereceived")
    title = f"选课提醒 {uuid4().hex[:8]}"
    mine = campus.call(student, "GET", "/api/me").json()["id"]
    body = {"title": title, "body": "请核对课表。", "link": "/timetable", "scope": "student", "target_ids": [mine]}
    answer = campus.call("manager", "POST", "/api/manage/notices", body)
    assert answer.status_code == 201, answer.text
    page.get_by_role("link", name=re.compile(r"通知，\d+ 条未读")).click()
    notice = page.get_by_role("listitem").filter(has_text=title)
    expect(notice.get_by_text("未读")).to_be_visible()
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_text("全部已读。")).to_be_visible()
    expect(page.get_by_role("link", name="通知", exact=True)).to_be_visible()
    notice.get_by_role("link", name="查看").click()
    expect(page.get_by_role("heading", name="课表", level=1)).to_be_visible()


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_pages_are_accessible(visit: Visit, reader: tuple[str, str], width: int, theme: str, language: str) -> None:
    username, course = reader
    # A button that turns on changes its colour in steps, unless the reader wants none.
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme, "language": language}
    visitor = visit(username, **look)
    paths = ["/", "/courses?free=true", f"/courses/{course}", "/programme", "/plan", "/enrolments", "/notices"]
    for path in [*paths, "/timetable?week=0&plan=1", "/timetable?week=3"]:
        page = visitor.open(path)
        page.wait_for_load_state("networkidle")
        # What comes a moment after the page is a part of it.
        page.wait_for_timeout(1800)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"


def test_first_load_is_light(visit: Visit, reader: tuple[str, str]) -> None:
    username, course = reader
    for path in ("/", "/courses", f"/courses/{course}", "/programme", "/plan", "/enrolments", "/timetable", "/notices"):
        light_first_load(visit(username), path)
