"""The live line is cut, or falls silent: the page says so, asks instead, comes back, and tells the truth throughout."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

from playwright.sync_api import Page, WebSocket, expect

from ops.stack import Stack
from tests.e2e.browsing import Visitor, next_student, outcome, press_book
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
Down = Callable[[str], AbstractContextManager[None]]
LOST = "实时连接已断开，正在定时查询"
# Two and a half beats, and a breath.
NOTICES_WITHIN = 30_000
# The longest wait between two tries to reconnect, and the time the try itself takes.
RECONNECTS_WITHIN = 40_000


def opened(page: Page, path: str, visitor: Visitor) -> WebSocket:
    """Open a page and wait until its live line is up: its first beat has come."""
    with page.expect_websocket(lambda socket: "/ws?" in socket.url) as line:
        visitor.open(path)
    line.value.wait_for_event("framereceived")
    return line.value


def no_complaint_about_the_line(visitor: Visitor) -> None:
    """Chromium itself writes about a socket that fails."""
    visitor.forgive("WebSocket connection")
    visitor.forgive("status of 502")


def test_seats_change_while_the_line_is_down(visit: Visit, campus: Campus, student: str, down: Down) -> None:
    lecture = campus.lecture(capacity=5)
    visitor = visit(student)
    page = visitor.page
    opened(page, f"/lectures/{lecture}", visitor)
    expect(page.get_by_text("余 5 / 5 席")).to_be_visible()
    with down("ws"):
        expect(page.get_by_text(LOST)).to_be_visible()
        campus.book(next_student(), lecture)
        expect(page.get_by_text("余 4 / 5 席")).to_be_visible()
        expect(page.get_by_text(LOST)).to_be_visible()
    expect(page.get_by_text(LOST)).not_to_be_visible(timeout=RECONNECTS_WITHIN)
    # From here on only the line can tell: asking is refused.
    page.route(f"**/api/lectures/{lecture}", lambda route: route.abort())
    campus.book(next_student(), lecture)
    expect(page.get_by_text("余 3 / 5 席")).to_be_visible()
    no_complaint_about_the_line(visitor)
    visitor.forgive("ERR_FAILED")


def test_a_line_that_falls_silent_without_a_close(visit: Visit, campus: Campus, student: str, stack: Stack) -> None:
    """Frozen, the server keeps every connection and takes new ones, as a peer does whose radio is gone."""
    lecture = campus.lecture(capacity=5)
    visitor = visit(student)
    page = visitor.page
    line = opened(page, f"/lectures/{lecture}", visitor)
    for _ in range(2):  # with the first, three beats are longer than the page waits for any word
        line.wait_for_event("framereceived", lambda frame: "beat" in str(frame))
    assert not line.is_closed()
    stack.service("ws").pause()
    try:
        expect(page.get_by_text(LOST)).to_be_visible(timeout=NOTICES_WITHIN)
        campus.book(next_student(), lecture)
        expect(page.get_by_text("余 4 / 5 席")).to_be_visible()
        expect(page.get_by_text(LOST)).to_be_visible()
    finally:
        stack.service("ws").resume()
    expect(page.get_by_text(LOST)).not_to_be_visible(timeout=RECONNECTS_WITHIN)
    # From here on only the line can tell: asking is refused.
    page.route(f"**/api/lectures/{lecture}", lambda route: route.abort())
    campus.book(next_student(), lecture)
    expect(page.get_by_text("余 3 / 5 席")).to_be_visible()
    no_complaint_about_the_line(visitor)
    visitor.forgive("ERR_FAILED")


def test_a_claim_in_progress_outlives_the_line(visit: Visit, campus: Campus, student: str, down: Down) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.page
    opened(page, f"/lectures/{lecture}", visitor)
    with down("ws"):
        with down("claims"):
            press_book(page)
            outcome(page, "处理中")
            expect(page.get_by_text(LOST)).to_be_visible()
        # The line is still down: what is decided now, the page learns by asking.
        outcome(page, "预约成功")
        expect(page.get_by_text(LOST)).to_be_visible()
    expect(page.get_by_text(LOST)).not_to_be_visible(timeout=RECONNECTS_WITHIN)
    outcome(page, "预约成功")
    assert len(set(visitor.keys(lecture))) == 1
    assert [one["state"] for one in campus.claims(student, lecture)] == ["confirmed"]
    no_complaint_about_the_line(visitor)


def test_what_happened_meanwhile_is_asked_for_when_the_line_is_back(
    visit: Visit, campus: Campus, student: str, down: Down
) -> None:
    visitor = visit(student)
    page = visitor.page
    opened(page, "/claims", visitor)
    title = f"断线期间预约的讲座 {uuid4().hex}"
    with down("ws"):
        lecture = campus.lecture(title=title)
        campus.book(student, lecture)
        asked = len(visitor.sent("GET", "/api/me/claims"))
    # Well before the next regular look at the ledger, which is half a minute apart.
    expect(page.get_by_role("listitem").filter(has_text=title)).to_be_visible(timeout=RECONNECTS_WITHIN)
    assert len(visitor.sent("GET", "/api/me/claims")) > asked
    no_complaint_about_the_line(visitor)


def test_signing_out_ends_the_line(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.page
    line = opened(page, f"/lectures/{lecture}", visitor)
    page.locator("a[href='/account']").click()
    with line.expect_event("close"):
        page.get_by_role("button", name="退出登录").click()
