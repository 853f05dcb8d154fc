"""Signing in and out, expiry, roles, and the language."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.e2e.browsing import Visitor, axe, may_book, refuse, sign_in
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]


def test_sign_in_and_back_to_the_page(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit()
    page = visitor.open(f"/lectures/{lecture}")
    page.get_by_role("link", name="登录后预约").click()
    sign_in(page, student, "wrong-password")
    expect(page.get_by_role("status").filter(has_text="账号或密码不对")).to_be_visible()
    expect(page.get_by_text("操作号")).to_be_visible()
    sign_in(page, student)
    page.wait_for_url(f"**/lectures/{lecture}")
    may_book(page)
    page.reload()
    may_book(page)
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in stored, "the access token stays in memory"


def test_an_expired_token_is_renewed_once(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.page
    expired: list[int] = []

    def expire(route: Route) -> None:
        if expired:
            return route.continue_()
        expired.append(1)
        return refuse(route, 401, "token_expired")

    page.route("**/bookings", expire)
    visitor.open(f"/lectures/{lecture}")
    page.get_by_role("button", name="立即预约").click()
    expect(page.get_by_role("status").filter(has_text="预约成功")).to_be_visible()
    assert len(set(visitor.keys(lecture))) == 1
    assert len(visitor.sent("POST", "/api/auth/refresh")) == 2


def test_sign_out_everywhere(visit: Visit, student: str) -> None:
    visitor = visit(student)
    page = visitor.open("/account")
    other = visitor.open("/claims", visitor.another_tab())
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login")
    other.wait_for_url("**/login?next=%2Fclaims")
    visitor.forgive("WebSocket connection")  # a line that was just being opened


def test_nobody_is_told_to_be_signed_out_who_is_not(visit: Visit, student: str) -> None:
    """The refresh cookie, which no script can take away, would let the next one at this browser in."""
    visitor = visit(student)
    page = visitor.open("/account")
    page.route("**/api/auth/logout", lambda route: route.abort())
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("status").filter(has_text="尚未退出登录")).to_be_visible()
    assert axe(page) == []
    page.unroute("**/api/auth/logout")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login")
    visitor.forgive("ERR_FAILED")


def test_pages_that_a_role_may_not_open(visit: Visit, student: str) -> None:
    page = visit(student).open("/manage/lectures")
    expect(page.get_by_role("heading", name="没有权限")).to_be_visible()
    expect(page.get_by_role("link", name="讲座管理")).to_have_count(0)
    door = visit("checkin").open("/")
    expect(door.get_by_role("link", name="签到").first).to_be_visible()
    expect(door.get_by_role("link", name="讲座管理")).to_have_count(0)
    expect(door.get_by_role("link", name="我的预约")).to_have_count(0)


def test_language_switch_stays(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/lectures")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Lectures", level=1)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Lectures", level=1)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_pages_with_texts_of_their_own_speak_the_language_chosen(visit: Visit) -> None:
    visitor = visit("manager", language="en")
    for path, heading in [
        ("/manage/lectures", "Manage lectures"),
        ("/check-in", "Check-in"),
        ("/status", "System status"),
    ]:
        page = visitor.open(path)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="系统状态", level=1)).to_be_visible()
