"""The page of a section: times that are in somebody's way, and seats that are reserved for a college."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}
MONDAY = {"weekday": 1, "first_period": 12, "last_period": 13, "weeks": "1-16"}


def add_section(campus: Campus, place: str, **fields: Any) -> dict[str, Any]:
    """A published section of some course, in a room of the test's own."""
    (term, *_) = (one for one in campus.call("manager", "GET", "/api/terms").json()["items"] if one["current"])
    (course,) = campus.call("manager", "GET", "/api/courses?limit=1").json()["items"]
    meetings = [{**MONDAY, "place": place, **fields}]
    body = {
        "course_id": course["id"],
        "term_id": term["id"],
        "capacity": 30,
        "state": "published",
        "meetings": meetings,
    }
    made = campus.call("manager", "POST", "/api/manage/sections", body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()


def test_a_room_that_is_taken_is_forced_with_a_reason(visit: Visit, campus: Campus) -> None:
    place = f"测试楼 {uuid4().hex[:6]}"
    first, second = add_section(campus, place), add_section(campus, place, weekday=2)
    page = visit("manager", viewport=DESK).open(f"/manage/sections/{second['id']}")
    page.get_by_label("星期").select_option(label="周一")
    page.get_by_role("button", name="保存", exact=True).click()
    force = page.get_by_role("group", name="时间冲突")
    expect(force.get_by_role("listitem")).to_contain_text([f"教室 {place}：周一 12–13 节"])
    expect(force.get_by_role("listitem")).to_contain_text([f"{first['course_name']}（{first['section_no']} 班）"])
    force.get_by_role("button", name="仍要保存").click()
    expect(force.get_by_text("必填")).to_be_visible()
    force.get_by_label("原因").fill("合班上课")
    force.get_by_label("原因").press("Enter")
    saved(page)
    expect(force).to_have_count(0)
    stored = campus.call("manager", "GET", f"/api/manage/sections/{second['id']}").json()
    assert [(one["weekday"], one["place"]) for one in stored["meetings"]] == [(1, place)]


def test_seats_for_a_college_are_seen_on_the_courses_page(visit: Visit, campus: Campus) -> None:
    section = add_section(campus, f"测试楼 {uuid4().hex[:6]}")
    page = visit("manager", viewport=DESK).open(f"/manage/sections/{section['id']}")
    page.get_by_role("button", name="添加一组预留").click()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("每组预留都要有名称和席位数")).to_be_visible()
    kept = page.get_by_role("group", name="预留名额")
    kept.get_by_label("名称").fill("本院优先")
    kept.get_by_label("席位数").fill("8")
    kept.locator(".audience summary").first.click()
    kept.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    expect(page.get_by_label("预留至")).to_be_visible()
    stored = campus.call("manager", "GET", f"/api/manage/sections/{section['id']}").json()
    assert [(one["name"], one["capacity"]) for one in stored["pools"]] == [("本院优先", 8), ("", 22)]
    other = visit(None, viewport=DESK).open(f"/courses/{section['course_id']}")
    card = other.locator(f"#section-{section['id']}")
    card.locator("summary").first.click()
    card.get_by_text("各类名额").click()
    expect(card.get_by_role("row").filter(has_text="本院优先")).to_contain_text("8")
