"""Every page, on a phone and a desk, light and dark, in both languages: no violation, no overflow, a light first load."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import LOOKS, Visitor, axe, light_first_load, next_student
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def booked(campus: Campus) -> tuple[str, str, str]:
    """A student with a seat: (username, lecture, claim id)."""
    username = next_student()
    lecture = campus.lecture(title="有预留名额的讲座", reservations=[])
    return username, lecture, campus.book(username, lecture)["claim_id"]


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_pages_are_accessible(
    visit: Visit, booked: tuple[str, str, str], width: int, theme: str, language: str
) -> None:
    username, lecture, claim = booked
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme, "language": language}
    pages = {
        None: [
            "/",
            "/login",
            "/lectures",
            f"/lectures/{lecture}",
            "/lectures?q=nothing-like-it",
            "/status",
            "/nowhere",
        ],
        username: ["/", f"/lectures/{lecture}", "/claims", f"/tickets/{claim}", "/account"],
        "manager": ["/", "/manage/lectures", "/manage/lectures/new", f"/manage/lectures/{lecture}", "/check-in"],
    }
    for who, paths in pages.items():
        visitor = visit(who, **look)
        for path in paths:
            page = visitor.open(path)
            page.wait_for_load_state("networkidle")
            assert axe(page) == [], f"{who} {path}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{who} {path} overflows"


def test_first_load_is_light(visit: Visit, booked: tuple[str, str, str]) -> None:
    username, lecture, _ = booked
    for path in ("/", "/lectures", f"/lectures/{lecture}", "/claims"):
        light_first_load(visit(username), path)


def test_filters_live_in_the_address(visit: Visit, campus: Campus) -> None:
    title = f"独一无二的题目 {uuid4().hex}"
    lecture = campus.lecture(title=title)
    page = visit().open(f"/lectures?q={title}")
    expect(page.get_by_role("link", name=title)).to_have_attribute("href", f"/lectures/{lecture}")
    page.get_by_role("radio", name="已结束").check()
    expect(page.get_by_text("没有符合条件的讲座")).to_be_visible()
    assert "phase=past" in page.url
    page.get_by_role("button", name="清除筛选").click()
    expect(page.get_by_role("searchbox")).to_have_value("")
    assert "?" not in page.url


def test_states_are_accessible(visit: Visit, campus: Campus, booked: tuple[str, str, str]) -> None:
    """What only shows after a press: the dialog, an outcome, mistakes in a form, the verdict at the door."""
    username, lecture, _ = booked
    for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}):
        page = visit(username, **look).open(f"/lectures/{lecture}")
        expect(page.get_by_text("预约成功")).to_be_visible()
        page.get_by_role("button", name="取消预约").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert axe(page) == []
        staff = visit("manager", **look).open("/manage/lectures/new")
        staff.get_by_role("button", name="创建讲座").click()
        expect(staff.get_by_text("必填").first).to_be_visible()
        staff.get_by_role("button", name="添加一组预留").click()
        staff.locator("summary").first.click()
        assert axe(staff) == []
        staff.goto(f"{campus.site}/check-in")
        staff.get_by_label("票码").fill("no such ticket")
        staff.get_by_label("票码").press("Enter")
        expect(staff.get_by_role("status").filter(has_text="不能入场")).to_be_visible()
        assert axe(staff) == []
