"""From a file of new students to the first sign-in of one of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import requests
from playwright.sync_api import Route, expect

from tests.e2e.browsing import Visitor, axe, sign_in
from tests.e2e.campus import Campus
from tests.e2e.journeys.test_imports import HEADINGS, choose, class_name, rows_of

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}


def test_an_imported_student_chooses_a_password(visit: Visit, campus: Campus) -> None:
    number = f"28{uuid4().int % 10**8:08d}"
    desk = visit("manager", viewport=DESK).open("/manage/imports")
    choose(desk, f"{HEADINGS}{number},新同学,{class_name(campus)}\r\n".encode())
    desk.get_by_role("button", name="上传并试运行").press("Enter")
    desk.get_by_role("button", name="确认导入").press("Enter")
    expect(desk.get_by_role("status").filter(has_text="导入完成。")).to_be_visible()
    desk.goto(f"{campus.site}/manage/students?q={number}")
    desk.get_by_role("button", name="发放初始密码").click()
    assert axe(desk) == []
    with desk.expect_download() as download:
        desk.get_by_role("dialog").get_by_role("button", name="生成并下载").click()
    (_, row) = rows_of(download.value)
    assert row[:2] == [number, "新同学"]
    visitor = visit()
    page = visitor.open("/login")
    sign_in(page, number, row[-1])
    expect(page.get_by_text(f"{number}，你用的是初始密码。")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("新密码", exact=True).fill("a fine password")
    page.get_by_label("再输一遍新密码").fill("a fine pasword")
    page.get_by_role("button", name="设置并登录").click()
    expect(page.get_by_text("两次输入的新密码不一致。")).to_be_visible()
    page.get_by_label("再输一遍新密码").fill("a fine password")
    # The answer is lost: it was set all the same, and whoever presses again is let in.
    page.route("**/api/auth/first-password", lose)
    page.get_by_role("button", name="设置并登录").click()
    expect(page.get_by_role("status").filter(has_text="网络不通")).to_be_visible()
    page.unroute("**/api/auth/first-password")
    page.get_by_role("button", name="设置并登录").click()
    expect(page.get_by_text("新同学").first).to_be_visible()
    visitor.forgive("ERR_")
    assert campus_login(campus, number, "a fine password") == 200


def lose(route: Route) -> None:
    route.fetch()
    route.abort("connectionreset")


def campus_login(campus: Campus, username: str, password: str) -> int:
    """What signing in by the API comes to."""
    answer = requests.post(
        f"{campus.site}/api/auth/login", json={"username": username, "password": password}, timeout=20
    )
    return answer.status_code
