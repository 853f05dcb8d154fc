"""People by those who look after them: teachers, a student who leaves, managers and what is taken from them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import requests
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor, axe
from tests.e2e.campus import Campus
from tests.e2e.conftest import MakeSections

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}


def signs_in(campus: Campus, username: str, password: str) -> int:
    """The status with which the server answers."""
    body = {"username": username, "password": password}
    return requests.post(f"{campus.site}/api/auth/login", json=body, timeout=20).status_code


def agree(page: Page, name: str, reason: str = "") -> None:
    """Press a button that asks first, and agree."""
    page.get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("原因").fill(reason)
    dialog.get_by_role("button", name=name).click()


def told_password(page: Page) -> str:
    """The password that the page shows this once."""
    expect(page.get_by_role("status").filter(has_text="新密码")).to_be_visible()
    return page.locator(".outcome code").inner_text()


def test_a_teacher_and_a_forgotten_password(visit: Visit, campus: Campus) -> None:
    number = f"T{uuid4().int % 10**7:07d}"
    page = visit("manager", viewport=DESK).open("/manage/teachers")
    page.get_by_role("link", name="新建教师").click()
    page.get_by_label("工号").fill(number)
    page.get_by_label("姓名").fill("新教师")
    page.get_by_role("button", name="新建教师").click()
    expect(page.get_by_text("必填")).to_be_visible()
    page.get_by_label("学院").select_option(index=1)
    page.get_by_label("邮箱").fill("teacher@example.edu")
    page.get_by_role("checkbox", name="签到").check()
    page.get_by_role("button", name="新建教师").click()
    first = told_password(page)
    assert signs_in(campus, number, first) == 200
    page.get_by_role("link", name="新教师").click()
    agree(page, "重置密码")
    second = told_password(page)
    assert axe(page) == []
    assert (signs_in(campus, number, first), signs_in(campus, number, second)) == (401, 200)
    page.reload()
    expect(page.get_by_role("button", name="重置密码")).to_be_visible()
    expect(page.locator(".outcome code")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="签到")).to_be_checked()
    page.get_by_label("账号状态").select_option(label="停用")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert signs_in(campus, number, second) == 403


def test_a_student_leaves_and_the_seat_is_free(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    [(_, section)] = make_sections({"name": f"退学课 {uuid4().hex[:8]}"})
    campus.enrol(student, section)
    page = visit("manager", viewport=DESK).open(f"/manage/students?q={student}")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    agree(page, "删除")
    expect(page.get_by_role("status").filter(has_text="1 项选课")).to_be_visible()
    page.get_by_role("button", name="办理退学").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="办理退学").click()
    expect(dialog.get_by_text("必填")).to_be_visible()
    dialog.get_by_label("原因").fill("本人申请")
    dialog.get_by_label("原因").press("Tab")
    dialog.get_by_role("button", name="办理退学").press("Enter")
    expect(page.get_by_text("该生已退学，账号停用。")).to_be_visible()
    assert axe(page) == []
    assert campus.call("manager", "GET", f"/api/sections/{section}").json()["seats_left"] == 5
    page.reload()
    expect(page.get_by_text("该生已退学，账号停用。")).to_be_visible()
    expect(page.get_by_role("button", name="办理退学")).to_have_count(0)


def test_what_is_taken_from_a_manager(visit: Visit, campus: Campus) -> None:
    username = f"m{uuid4().hex[:8]}"
    body = {"username": username, "display_name": "临时管理员", "role": "manager", "permissions": None}
    made = campus.call("admin", "POST", "/api/admin/managers", body).json()
    page = visit("admin", viewport=DESK).open(f"/manage/managers?q={username}")
    page.get_by_role("link", name="临时管理员").click()
    page.get_by_role("checkbox", name="讲座").press("Space")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    assert axe(page) == []
    permissions = campus.call("admin", "GET", f"/api/admin/managers/{made['id']}").json()["permissions"]
    assert "lectures:manage" not in permissions
    assert "notices:manage" in permissions
    agree(page, "重置密码")
    assert signs_in(campus, username, told_password(page)) == 200
    agree(page, "删除")
    page.wait_for_url("**/manage/managers*")
    expect(page.get_by_text("没有符合条件的记录。")).to_be_visible()
    page.get_by_role("button", name="清除筛选").click()
    page.get_by_role("row").filter(has_text="admin").get_by_role("link").first.click()
    agree(page, "删除")
    expect(page.get_by_role("status").filter(has_text="不能停用、删除自己的账号")).to_be_visible()
