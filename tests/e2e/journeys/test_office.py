"""The managers' tables: the structure of the university, notices."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import requests
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor, confirm_deletion, sign_in
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}


def add_unit(page: Page, what: str, name: str, **fields: str) -> None:
    """Create a unit in its column."""
    page.get_by_role("button", name=f"新建{what}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill(name)
    for label, value in fields.items():
        dialog.get_by_label(label).fill(value)
    dialog.get_by_role("button", name="新建").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_college_down_to_a_class(visit: Visit, campus: Campus) -> None:
    page = visit("manager", viewport=DESK).open("/manage/campus")
    college = f"测试学院{uuid4().hex[:6]}"
    add_unit(page, "学院", college)
    page.get_by_role("button", name=college, exact=True).click()
    add_unit(page, "系", "测试系")
    page.get_by_role("button", name="测试系", exact=True).click()
    add_unit(page, "专业", "测试专业")
    page.get_by_role("button", name="测试专业", exact=True).click()
    add_unit(page, "班级", "测试1班", 入学年份="2026", 班号="1", 毕业学分="150.5")
    expect(page.get_by_role("link", name="测试1班")).to_be_visible()
    (found,) = campus.call("manager", "GET", f"/api/manage/colleges?q={college}").json()["items"]
    (made,) = campus.call("manager", "GET", f"/api/manage/classes?college_id={found['id']}").json()["items"]
    assert (made["grade"], made["graduation_credits"], made["major"]) == (2026, 150.5, "测试专业")
    # What is in use cannot be deleted, and the page says what uses it.
    page.get_by_role("button", name=f"修改 {college}").click()
    confirm_deletion(page)
    expect(page.get_by_role("status").filter(has_text="仍在使用中").filter(has_text="1 个系")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="测试1班")).to_be_visible()
    page.get_by_role("button", name="修改 测试1班").click()
    confirm_deletion(page)
    expect(page.get_by_role("link", name="测试1班")).to_have_count(0)


def test_renaming_what_somebody_else_renamed(visit: Visit, campus: Campus) -> None:
    name = f"改名学院{uuid4().hex[:6]}"
    college = campus.call("manager", "POST", "/api/manage/colleges", {"name": name}).json()
    page = visit("manager", viewport=DESK).open("/manage/campus")
    page.get_by_role("button", name=f"修改 {name}").click()
    address = f"/api/manage/colleges/{college['id']}"
    theirs = {"name": f"{name}甲", "version": college["version"]}
    assert campus.call("manager", "PATCH", address, theirs).status_code == 200
    page.get_by_label("名称").fill(f"{name}乙")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="别人刚刚改了：名称")).to_be_visible()
    expect(page.get_by_label("名称")).to_have_value(f"{name}乙")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name=f"{name}乙", exact=True)).to_be_visible()
    assert campus.call("manager", "GET", address).json()["name"] == f"{name}乙"


def test_a_notice_is_written_and_taken_back(visit: Visit, campus: Campus, student: str) -> None:
    title = f"停电通知 {uuid4().hex[:6]}"
    reader = visit(student)
    with reader.page.expect_websocket(lambda socket: "/ws?" in socket.url):
        mine = reader.open("/notices")
    page = visit("manager", viewport=DESK).open("/manage/notices")
    page.get_by_role("link", name="写通知").click()
    page.get_by_role("button", name="写通知").click()
    expect(page.get_by_text("必填").first).to_be_visible()
    page.get_by_label("标题").fill(title)
    page.get_by_label("内容").fill("今晚 22:00 至 23:00 机房停电。")
    page.get_by_label("发给", exact=True).select_option(label="学院")
    page.get_by_role("combobox", name="发给哪些").fill("学院")
    page.locator(".lookup").get_by_role("option").first.click()
    page.get_by_label("发给", exact=True).select_option(label="全体")
    expect(page.get_by_role("combobox", name="发给哪些")).to_have_count(0)
    page.get_by_role("button", name="写通知").click()
    row = page.get_by_role("row").filter(has_text=title)
    expect(row).to_be_visible()
    expect(mine.get_by_role("heading", name=title)).to_be_visible()
    row.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)
    told = campus.call(student, "GET", "/api/me/notices").json()["items"]
    assert title not in [one["title"] for one in told]


def test_a_student_from_the_first_day_to_a_new_password(visit: Visit, campus: Campus) -> None:
    number = f"2026{uuid4().int % 10**6:06d}"
    page = visit("manager", viewport=DESK).open("/manage/students")
    page.get_by_role("link", name="新建学生").click()
    page.get_by_label("学号").fill(number)
    page.get_by_label("姓名").fill("新同学")
    page.get_by_role("combobox", name="班级").fill("班")
    page.locator(".lookup").get_by_role("option").first.click()
    page.get_by_role("button", name="新建学生").click()
    expect(page.get_by_role("status").filter(has_text="新密码")).to_be_visible()
    password = page.locator(".outcome code").inner_text()
    answer = requests.post(f"{campus.site}/api/auth/login", json={"username": number, "password": password}, timeout=20)
    assert answer.status_code == 200, answer.text
    page.get_by_role("link", name="新同学").click()
    page.get_by_label("电话").fill("13800001111")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    (stored,) = campus.call("manager", "GET", f"/api/manage/students?q={number}").json()["items"]
    assert stored["phone"] == "13800001111"
    page.get_by_role("button", name="重置密码").click()
    page.get_by_role("dialog").get_by_role("button", name="重置密码").click()
    expect(page.get_by_role("status").filter(has_text="新密码")).to_be_visible()
    page.get_by_role("link", name="学生").first.click()
    page.get_by_role("searchbox").fill(number)
    expect(page.get_by_role("row").filter(has_text=number)).to_be_visible()
    assert f"q={number}" in page.url


def test_what_a_manager_may_do_is_chosen(visit: Visit, campus: Campus) -> None:
    username = f"m{uuid4().hex[:8]}"
    page = visit("admin", viewport=DESK).open("/manage/managers/new")
    page.get_by_label("账号").fill(username)
    page.get_by_label("姓名").fill("只管讲座")
    for label in ("院系班级", "学生与教师", "课程与课程班", "选课轮次与紧急设置", "签到", "通知"):
        page.get_by_role("checkbox", name=label).uncheck()
    page.get_by_role("button", name="新建管理员").click()
    expect(page.get_by_role("status").filter(has_text="新密码")).to_be_visible()
    password = page.locator(".outcome code").inner_text()
    other = visit(None, viewport=DESK).open("/login?next=/manage")
    sign_in(other, username, password)
    expect(other.get_by_role("link", name="讲座").last).to_be_visible()
    expect(other.get_by_role("link", name="学生")).to_have_count(0)
    (stored,) = campus.call("admin", "GET", f"/api/admin/managers?q={username}").json()["items"]
    assert stored["permissions"] == ["lectures:manage"]
