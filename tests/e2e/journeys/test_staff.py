"""The manager's pages and the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}


def test_create_edit_and_close_a_lecture(visit: Visit, campus: Campus, student: str) -> None:
    page = visit("manager", viewport=DESK).open("/manage/lectures/new")
    page.get_by_role("button", name="创建讲座").click()
    expect(page.get_by_text("必填").first).to_be_visible()
    page.get_by_label("题目").fill("在浏览器里新建的讲座")
    page.get_by_label("主讲人").fill("测试教师")
    page.get_by_label("地点").fill(f"浏览器教室 {uuid4().hex[:8]}")
    page.get_by_label("开放预约").fill("2020-01-01T12:00")
    page.get_by_role("button", name="创建讲座").click()
    page.wait_for_url(lambda address: address.rsplit("/", 1)[-1].isdigit())
    lecture = page.url.rsplit("/", 1)[-1]
    expect(page.get_by_role("heading", name="在浏览器里新建的讲座")).to_be_visible()
    # Capacity may change while booking is open.
    page.get_by_label("名额", exact=True).fill("7")
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert campus.call("manager", "GET", f"/api/manage/lectures/{lecture}").json()["capacity"] == 7
    campus.book(student, lecture)
    expect(page.get_by_role("row").filter(has_text="预约成功")).to_be_visible(timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载 CSV").click()
    assert download.value.suggested_filename == f"lecture-{lecture}.csv"
    page.get_by_role("button", name="立即截止预约").click()
    page.get_by_role("dialog").get_by_role("button", name="立即截止预约").click()
    expect(page.get_by_text("预约已截止。")).to_be_visible()


def test_a_draft_is_deleted(visit: Visit, campus: Campus) -> None:
    lecture = campus.lecture(state="draft")
    page = visit("manager", viewport=DESK).open(f"/manage/lectures/{lecture}")
    page.get_by_role("button", name="删除", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    page.wait_for_url("**/manage/lectures")
    assert campus.call("manager", "GET", f"/api/manage/lectures/{lecture}").status_code == 404


def test_cancelling_a_lecture_asks_first(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    campus.book(student, lecture)
    page = visit("manager", viewport=DESK).open(f"/manage/lectures/{lecture}")
    page.get_by_role("radio", name="取消讲座").check()
    page.get_by_role("button", name="保存修改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="返回").click()
    assert campus.call("manager", "GET", f"/api/manage/lectures/{lecture}").json()["state"] == "published"
    page.get_by_role("button", name="保存修改").click()
    dialog.get_by_role("button", name="取消讲座").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert campus.call("manager", "GET", f"/api/manage/lectures/{lecture}").json()["state"] == "cancelled"
    mine = visit(student).open("/claims")
    entry = mine.get_by_role("listitem").filter(has=mine.locator(f"a[href='/lectures/{lecture}']"))
    expect(entry.filter(has_text="讲座已取消").first).to_be_visible(timeout=30_000)


def test_check_in_by_typing_the_door_code(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture(starts_in=900)
    claim = campus.book(student, lecture)
    mine = visit(student).open(f"/tickets/{claim['claim_id']}")
    code = mine.locator(".door-code b").inner_text()
    page = visit("checkin").open("/check-in")
    box = page.get_by_label("票码")
    box.press_sequentially("0000 0000")
    box.press("Enter")
    expect(page.get_by_role("status").filter(has_text="没有这个入场码")).to_be_visible()
    for told in ("签到成功", "已经签到过"):
        box.fill("")
        box.press_sequentially(code.lower().replace("-", ""))
        box.press("Enter")
        expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()
    expect(mine.get_by_text(re.compile("已于 .* 签到"))).to_be_visible(timeout=30_000)


def test_check_in_by_code(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture(starts_in=900)
    claim = campus.book(student, lecture)
    ticket = campus.call(student, "GET", f"/api/claims/{claim['claim_id']}/ticket").json()["ticket"]
    page = visit("checkin").open("/check-in")
    page.get_by_label("票码").fill("no such ticket")
    page.get_by_role("button", name="核验").click()
    expect(page.get_by_role("status").filter(has_text="不能入场")).to_be_visible()
    page.get_by_label("票码").fill(ticket)
    page.get_by_label("票码").press("Enter")
    expect(page.get_by_role("status").filter(has_text="签到成功")).to_be_visible()
    page.get_by_label("票码").fill(ticket)
    page.get_by_label("票码").press("Enter")
    expect(page.get_by_role("status").filter(has_text="已经签到过")).to_be_visible()
