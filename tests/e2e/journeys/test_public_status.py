"""The public status page: it stands without Flask, and says when what it knows is old."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.browsing import Visitor, axe
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
Down = Callable[[str], AbstractContextManager[None]]


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=name)


def verdict(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible(timeout=30_000)


def test_all_is_well(visit: Visit, campus: Campus) -> None:
    """And nothing but Nginx is asked, whoever looks."""
    visitor = visit()
    page = visitor.open("/status")
    verdict(page, "一切正常")
    for name in ("网站应用", "申请处理", "数据库", "消息队列", "处理中标记"):
        expect(part(page, name)).to_contain_text("正常")
    assert not visitor.sent("GET", "/(api/.*|healthz|readyz)")
    answer = requests.get(f"{campus.site}/status.json", timeout=10)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["verdict"] == "good"


def test_without_the_web_program(visit: Visit, down: Down) -> None:
    """Stopped for real: the page opens, and tells that the application does not answer."""
    with down("web"):
        visitor = visit()
        page = visitor.open("/status")
        verdict(page, "服务暂时中断")
        expect(part(page, "网站应用")).to_contain_text("异常")
        expect(part(page, "数据库")).to_contain_text("正常")
        assert axe(page) == []
    verdict(page, "一切正常")


def test_what_is_old_is_called_old(visit: Visit, campus: Campus) -> None:
    """Nothing newer is written: the page shows no part as if it knew, and asks the application by itself."""
    visitor = visit()
    page = visitor.page

    def old(route: Route) -> None:
        told = requests.get(f"{campus.site}/status.json", timeout=10).json()
        route.fulfill(json={**told, "at_ms": int(time.time() * 1000) - 60_000})

    page.route("**/status.json", old)
    visitor.open("/status")
    verdict(page, "部分服务受影响")
    expect(page.get_by_text("之后没有更新")).to_be_visible()
    expect(part(page, "网站应用")).to_contain_text("正常")
    expect(part(page, "数据库")).to_contain_text("未知")
    page.unroute("**/status.json")
    page.route("**/status.json", lambda route: route.fulfill(status=404))
    expect(page.get_by_text("读不到状态数据")).to_be_visible(timeout=30_000)
    page.unroute("**/status.json")
    verdict(page, "一切正常")


def test_the_staff_may_say_something(visit: Visit, campus: Campus) -> None:
    path = "/api/admin/controls/maintenance_notice"
    items = campus.call("admin", "GET", "/api/admin/controls").json()["items"]
    version = next(one["version"] for one in items if one["key"] == "maintenance_notice")
    body = {"value": {"zh": "今晚十点维护", "en": "Maintenance at ten tonight"}, "version": version, "reason": "试"}
    assert campus.call("admin", "PUT", path, body).status_code == 200
    page = visit(language="en").open("/status")
    expect(page.get_by_text("Maintenance at ten tonight")).to_be_visible(timeout=30_000)
    body = {"value": {"zh": "", "en": ""}, "version": version + 1, "reason": "完"}
    assert campus.call("admin", "PUT", path, body).status_code == 200
    expect(page.get_by_text("Maintenance at ten tonight")).to_be_hidden(timeout=30_000)
