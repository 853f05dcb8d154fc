"""The super-admin's pages: system settings with their history, the request log; and who may open what."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}
KEEP = "audit_keep_days"


def control(campus: Campus) -> dict[str, object]:
    """The setting as the server has it."""
    items = campus.call("admin", "GET", "/api/admin/controls").json()["items"]
    return next(item for item in items if item["key"] == KEEP)


def test_a_setting_is_changed_with_a_reason(visit: Visit, campus: Campus) -> None:
    page = visit("admin", viewport=DESK).open("/manage/settings")
    before = control(campus)["value"]
    setting = page.get_by_role("article").filter(has_text=KEEP)
    setting.get_by_role("button", name="修改").click()
    setting.get_by_label("新的值").fill("3")
    expect(setting.get_by_text("7 到 3650 的整数").first).to_be_visible()
    setting.get_by_role("button", name="保存").click()
    expect(setting.get_by_text("必填")).to_be_visible()
    setting.get_by_label("新的值").fill("365")
    expect(setting.locator("del")).to_have_text(str(before))
    expect(setting.locator("ins")).to_have_text("365")
    setting.get_by_label("修改原因").fill("检查要求保留一年")
    setting.get_by_role("button", name="保存").click()
    expect(setting.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert control(campus)["value"] == 365
    setting.get_by_role("button", name="历史").click()
    expect(setting.get_by_role("listitem").first).to_contain_text("检查要求保留一年")


def test_a_setting_that_somebody_else_has_changed(visit: Visit, campus: Campus) -> None:
    page = visit("admin", viewport=DESK).open("/manage/settings")
    setting = page.get_by_role("article").filter(has_text=KEEP)
    setting.get_by_role("button", name="修改").click()
    body = {"value": 200, "version": control(campus)["version"], "reason": "别人先改"}
    assert campus.call("admin", "PUT", f"/api/admin/controls/{KEEP}", body).status_code == 200
    setting.get_by_label("新的值").fill("300")
    setting.get_by_label("修改原因").fill("晚了一步")
    setting.get_by_role("button", name="保存").click()
    expect(setting.get_by_role("status").filter(has_text="已被别人改动")).to_be_visible()
    setting.get_by_role("button", name="载入最新内容").click()
    expect(setting.locator(".setting-value")).to_have_text("200")
    assert control(campus)["value"] == 200


def test_the_log_finds_a_request_and_a_claim(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    claim = campus.book(student, lecture)["claim_id"]
    visitor = visit("admin", viewport=DESK)
    page = visitor.open("/manage/logs")
    search = page.get_by_role("search")
    found = page.get_by_role("listitem").filter(has_text=f"/api/lectures/{lecture}/bookings")

    def look() -> None:
        search.get_by_role("button", name="清除筛选").click()
        search.get_by_label("请求号或申请号").fill(claim)
        search.get_by_role("button", name="查询").click()
        page.wait_for_load_state("networkidle")

    for _ in range(20):  # the log is some seconds late
        look()
        if found.count():
            break
        page.wait_for_timeout(1000)
    expect(found).to_have_count(1)
    assert f"number={claim}" in page.url
    found.locator("summary").click()
    request = found.locator("code").nth(1).inner_text()
    assert re.fullmatch(r"[0-9a-f]{16,64}", request)
    expect(found.get_by_text(student)).to_be_visible()
    visitor.open(f"/manage/logs?number={request}")
    expect(found).to_have_count(1)
    visitor.open(f"/manage/logs?username={student}&path=/api/lectures&method=DELETE")
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()


def test_places_are_those_of_the_person(visit: Visit) -> None:
    """A manager sees no system pages, is told so in words at their address; a student has nothing to manage at all."""
    page = visit("manager", viewport=DESK).open("/manage")
    expect(page.get_by_role("link", name="签到").first).to_be_visible()
    expect(page.get_by_role("link", name="系统设置")).to_have_count(0)
    visitor = visit("manager")
    for path in ("/manage/settings", "/manage/logs"):
        denied = visitor.open(path)
        expect(denied.get_by_role("heading", name="没有权限")).to_be_visible()
    assert not visitor.sent("GET", "/api/admin/.*")
    student = visit("s00600")
    expect(student.open("/manage").get_by_role("heading", name="没有权限")).to_be_visible()
    expect(student.open("/").get_by_role("link", name="管理")).to_have_count(0)


def test_the_language_is_switched_in_place(visit: Visit) -> None:
    page = visit("admin", viewport=DESK).open("/manage/settings")
    expect(page.get_by_role("heading", name="请求日志保留天数")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1, name="System settings")).to_be_visible()
    expect(page.get_by_role("heading", name="Days for which the request log is kept")).to_be_visible()
