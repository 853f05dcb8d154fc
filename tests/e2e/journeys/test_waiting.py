"""A server that is slow, refuses, or goes away: the page says what it knows, and mends itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.browsing import Visitor, refuse
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
LIST = re.compile(r"/api/lectures\?")


def away(route: Route) -> None:
    """As the application answers when a server behind it is away."""
    refuse(route, 503, "service_unavailable")


def until_gone(page: Page, notice: Locator) -> None:
    """Let the page's own time pass, in steps shorter than its patience with one request (10 s): an answer comes in real
    time, so in one long step every request would be given up."""
    for _ in range(60):
        page.clock.run_for(4_000)
        with suppress(AssertionError):
            expect(notice).not_to_be_visible(timeout=1_000)
            return
    raise AssertionError("still there after 240 s")


def test_a_slow_answer_and_a_refusal(visit: Visit, campus: Campus) -> None:
    title = f"等得到的讲座 {uuid4().hex}"
    campus.lecture(title=title)
    visitor = visit()
    page = visitor.page
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(LIST, hold)
    visitor.open(f"/lectures?q={title}")
    expect(page.locator(".skeleton")).to_be_visible()
    expect(page.get_by_text("比平时慢一些，仍在等待服务器的回答。")).to_be_visible()
    for route in waiting:
        away(route)
    page.unroute(LIST)
    expect(page.get_by_text("服务暂时不可用，请稍候再试。")).to_be_visible()
    expect(page.get_by_text("01JOURNEY")).to_be_visible()
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
    visitor.forgive("503")


def test_what_is_shown_stays_while_it_cannot_be_renewed(visit: Visit, campus: Campus) -> None:
    title = f"一直看得到的讲座 {uuid4().hex}"
    campus.lecture(title=title)
    visitor = visit()
    page = visitor.page
    page.clock.install()
    visitor.open(f"/lectures?q={title}")
    link = page.get_by_role("link", name=title)
    expect(link).to_be_visible()
    expect(page.get_by_text(re.compile(r"更新于 \d\d:\d\d:\d\d"))).to_be_visible()
    page.route(LIST, away)
    page.clock.run_for(30_000)
    expect(page.get_by_text("暂时无法更新，显示的是先前的内容")).to_be_visible()
    expect(link).to_be_visible()
    page.unroute(LIST)
    until_gone(page, page.get_by_text("暂时无法更新"))
    expect(link).to_be_visible()
    visitor.forgive("503")


def test_who_is_signed_in_cannot_be_told_just_now(visit: Visit, student: str) -> None:
    visitor = visit(student)
    page = visitor.page
    page.route("**/api/auth/refresh", away)
    page.goto(f"{visitor.site}/claims")
    expect(page.get_by_text("暂时无法确认登录状态，正在重新连接")).to_be_visible()
    page.unroute("**/api/auth/refresh")
    expect(page.get_by_role("heading", name="我的预约", level=1)).to_be_visible()
    visitor.forgive("503")


def test_a_page_that_cannot_be_fetched(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/")
    visitor.context.set_offline(True)
    page.get_by_role("link", name="讲座").first.click()
    expect(page.get_by_text("网络不通，请检查网络后再试。")).to_be_visible()
    visitor.context.set_offline(False)
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", name="讲座", level=1)).to_be_visible()
    visitor.forgive("ERR_")
    visitor.forgive("dynamically imported module")


@pytest.mark.parametrize("answered", [True, False])
def test_a_page_that_fails_late_does_not_disturb_whoever_has_gone_on(visit: Visit, answered: bool) -> None:
    """Whether the site is there is still being asked when the next page shows: no reload of it, no trouble over it."""
    visitor = visit()
    page = visitor.open("/")
    page.evaluate("window.stayed = true")
    asked: list[Route] = []
    page.route(re.compile(r"/pages/lectures\b[^/]*\.js"), lambda route: route.abort())
    page.route("**/time", lambda route: asked.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    with page.expect_request("**/time"):
        page.get_by_role("link", name="讲座").first.click()
    page.get_by_role("link", name="登录").first.click()
    expect(page.get_by_role("heading", name="登录", level=1)).to_be_visible()
    for route in asked:
        if answered:
            route.continue_()
        else:
            route.abort()
    page.wait_for_timeout(500)
    expect(page.get_by_role("heading", name="登录", level=1)).to_be_visible()
    assert page.evaluate("window.stayed")
    visitor.forgive("ERR_")
    visitor.forgive("dynamically imported module")
