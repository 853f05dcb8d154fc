"""The sign-in ends while a claim is open: signing in again goes on with the same request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import requests
from playwright.sync_api import Route, expect

from tests.e2e.browsing import Visitor, may_book, outcome, press_book, refuse, sign_in
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
Down = Callable[[str], AbstractContextManager[None]]


def end_session(visitor: Visitor) -> None:
    """Revoke the refresh token at the server, and let every access token handed out so far be an expired one.

    A logout calls the tokens back within about a second (docs/identity.md): here it is at once, on the way.
    """
    [cookie] = [one for one in visitor.context.cookies(f"{visitor.site}/api/auth/") if "refresh" in one["name"]]
    answer = requests.post(f"{visitor.site}/api/auth/logout", cookies={cookie["name"]: cookie["value"]}, timeout=20)
    assert answer.ok, answer.text
    # Whichever token comes first is the old one: the new one exists only after signing in again.
    old: list[str] = []

    def expire(route: Route) -> None:
        token = route.request.headers.get("authorization")
        if token is None or (old and token != old[0]):
            return route.continue_()
        old[:] = [token]
        return refuse(route, 401, "token_expired")

    visitor.page.route("**/api/**", expire)


def sign_in_again(visitor: Visitor, lecture: str) -> None:
    """The page says what happened and leads back to where it was."""
    page = visitor.page
    outcome(page, "登录已过期")
    expect(page.get_by_text("这次请求会接着核对")).to_be_visible()
    page.get_by_role("link", name="重新登录").click()
    expect(page.get_by_text("登录已过期，重新登录后回到刚才的页面")).to_be_visible()
    sign_in(page, visitor.username or "")
    page.wait_for_url(f"**/lectures/{lecture}")


def test_signing_in_again_resumes_the_open_claim(visit: Visit, campus: Campus, student: str, down: Down) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{lecture}")
    with down("claims"):
        press_book(page)
        outcome(page, "处理中")
        end_session(visitor)
        sign_in_again(visitor, lecture)
        outcome(page, "处理中")
    outcome(page, "预约成功")
    assert len(set(visitor.keys(lecture))) == 1
    assert [one["state"] for one in campus.claims(student, lecture)] == ["confirmed"]


def test_a_press_with_an_ended_session_is_sent_after_signing_in(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{lecture}")
    may_book(page)
    end_session(visitor)
    press_book(page)
    sign_in_again(visitor, lecture)
    outcome(page, "预约成功")
    keys = visitor.keys(lecture)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert [one["state"] for one in campus.claims(student, lecture)] == ["confirmed"]


def test_the_ledger_asks_to_sign_in_and_comes_back(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture(title="登录过期前预约的讲座")
    campus.book(student, lecture)
    visitor = visit(student)
    page = visitor.open("/account")
    end_session(visitor)
    page.get_by_role("link", name="我的预约").first.click()
    page.wait_for_url("**/login?next=%2Fclaims")
    expect(page.get_by_text("登录已过期，重新登录后回到刚才的页面")).to_be_visible()
    sign_in(page, student)
    expect(page.get_by_role("listitem").filter(has_text="登录过期前预约的讲座")).to_be_visible()
