"""Selection rounds by those who manage them: publishing, freezing, extending; emergency settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.campus import CAMPUS, Campus

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}


def open_round(campus: Campus) -> dict[str, Any]:
    """The demo campus's open round."""
    items = campus.call("manager", "GET", "/api/manage/rounds").json()["items"]
    return next(one for one in items if one["phase"] == "open" and one["state"] == "published")


def confirm(page: Page, name: str, reason: str = "") -> None:
    """Press a step of the round and say why."""
    page.get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("原因").fill(reason)
    dialog.get_by_role("button", name=name).click()


def test_a_round_is_frozen_and_goes_on(visit: Visit, campus: Campus) -> None:
    round_ = open_round(campus)
    page = visit("manager", viewport=DESK).open(f"/manage/rounds/{round_['id']}")
    confirm(page, "暂停选课", "机房断电")
    expect(page.get_by_text("已暂停：机房断电")).to_be_visible()
    seen = campus.call("manager", "GET", f"/api/rounds/{round_['id']}").json()
    assert (seen["frozen"], seen["frozen_reason"]) == (True, "机房断电")
    confirm(page, "恢复选课", "来电了")
    expect(page.get_by_text("已暂停：机房断电")).to_have_count(0)
    assert not campus.call("manager", "GET", f"/api/rounds/{round_['id']}").json()["frozen"]
    page.get_by_text("操作记录").click()
    expect(page.get_by_role("listitem").filter(has_text="原因：来电了")).to_be_visible()


def test_a_round_from_draft_to_its_extension(visit: Visit, campus: Campus) -> None:
    days = datetime.now(CAMPUS) + timedelta(days=200)
    page = visit("manager", viewport=DESK).open("/manage/rounds")
    page.get_by_role("link", name="新建轮次").click()
    page.get_by_label("学期").select_option(index=1)
    page.get_by_label("轮次").fill("77")
    for label, hours in (("开放", 0), ("截止", 5), ("退选截止", 9)):
        page.get_by_label(label, exact=True).fill((days + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="新建轮次").click()
    expect(page.get_by_role("heading", name="第 77 轮")).to_be_visible()
    confirm(page, "发布")
    expect(page.get_by_role("button", name="暂停选课")).to_be_visible()
    page.get_by_role("button", name="延长").click()
    dialog = page.get_by_role("dialog")
    later = (days + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")
    dialog.get_by_label("截止", exact=True).fill(later)
    dialog.get_by_label("原因").fill("系统维护后补时")
    dialog.get_by_role("button", name="延长").click()
    expect(page.get_by_label("截止", exact=True).last).to_have_value(later)
    stored = campus.call("manager", "GET", f"/api/manage/rounds/{page.url.rpartition('/')[2]}").json()
    assert (stored["state"], stored["closes_at"][:16]) == ("published", later)


def test_what_others_do_leaves_alone_what_is_being_filled_in(visit: Visit, campus: Campus) -> None:
    opens = datetime.now(CAMPUS).replace(second=0, microsecond=0) + timedelta(days=300)
    times = {"opens_at": 0, "closes_at": 5, "drop_until": 9}
    body = {name: (opens + timedelta(hours=hours)).isoformat() for name, hours in times.items()}
    body |= {"term_id": open_round(campus)["term_id"], "round_no": 78, "mode": "fcfs", "state": "published"}
    made = campus.call("manager", "POST", "/api/manage/rounds", body)
    assert made.status_code == 201, made.text
    path = f"/api/manage/rounds/{made.json()['id']}"
    visitor = visit("manager", viewport=DESK)
    page = visitor.open_live(path.removeprefix("/api"))
    page.get_by_label("提示", exact=True).fill("写到一半的提示")
    page.get_by_role("button", name="延长").click()
    dialog = page.get_by_role("dialog")
    # It asks why, and stays open until it is told.
    dialog.get_by_role("button", name="延长").click()
    expect(dialog.get_by_text("必填")).to_be_visible()
    dialog.get_by_label("原因").fill("说到一半")
    later = {"closes_at": (opens + timedelta(hours=6)).isoformat(), "drop_until": None, "reason": "别人延长"}
    assert campus.call("manager", "POST", f"{path}/extend", later).status_code == 200
    assert campus.call("manager", "POST", f"{path}/freeze", {"reason": "别人暂停"}).status_code == 200
    expect(page.get_by_text("已暂停：别人暂停")).to_be_attached()
    expect(dialog.get_by_label("原因")).to_have_value("说到一半")
    dialog.get_by_role("button", name="返回").click()
    expect(page.get_by_label("提示", exact=True)).to_have_value("写到一半的提示")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("别人刚刚改了：截止")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    # An end that was not touched here is not taken back from others.
    page.get_by_role("button", name="延长").click()
    dialog.get_by_label("退选截止").fill(f"{opens + timedelta(hours=12):%Y-%m-%dT%H:%M}")
    later["closes_at"] = (opens + timedelta(hours=7)).isoformat()
    assert campus.call("manager", "POST", f"{path}/extend", later).status_code == 200
    expect(page.locator(".round-times")).to_contain_text(f"{opens + timedelta(hours=7):%H:%M}")
    dialog.get_by_label("原因").fill("退选再晚一些")
    dialog.get_by_role("button", name="延长").click()
    expect(page.locator(".round-times")).to_contain_text(f"{opens + timedelta(hours=12):%H:%M}")
    stored = campus.call("manager", "GET", path).json()
    ended = datetime.fromisoformat(stored["closes_at"])
    assert (stored["tips"], stored["frozen"], ended) == ("写到一半的提示", True, opens + timedelta(hours=7))
    visitor.forgive("409")


def test_an_emergency_setting_is_made_and_taken_back(visit: Visit, campus: Campus) -> None:
    page = visit("manager", viewport=DESK).open("/manage/restrictions")
    page.get_by_role("link", name="新建紧急设置").click()
    page.get_by_role("combobox", name="课程", exact=True).fill("数学")
    expect(page.locator(".lookup").get_by_role("option").first).to_be_visible()
    # The Enter that ends composing a word chooses nothing.
    course = page.get_by_role("combobox", name="课程", exact=True)
    course.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(course).to_have_value("数学")
    page.locator(".lookup").get_by_role("option").first.click()
    page.locator("summary").filter(has_text="年级").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("原因").fill("教室改造，只开放一个年级")
    page.get_by_role("button", name="新建紧急设置").click()
    row = page.get_by_role("row").filter(has_text="教室改造")
    expect(row).to_be_visible()
    items = campus.call("manager", "GET", "/api/manage/restrictions").json()["items"]
    assert [len(one["grades"]) for one in items if one["reason"].startswith("教室改造")] == [1]
    row.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)
