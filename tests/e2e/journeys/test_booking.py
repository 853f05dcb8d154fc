"""The opening minute in a browser: one press, one request, one truth."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Route, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.browsing import Visitor, may_book, next_student, outcome, press_book, refuse
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
BOOKED = "预约成功"


def test_book_and_see_the_truth(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{lecture}")
    press_book(page)
    outcome(page, BOOKED)
    assert [one["state"] for one in campus.claims(student, lecture)] == ["confirmed"]
    page.get_by_role("link", name="查看票码").click()
    expect(page.get_by_role("img", name="入场二维码")).to_be_visible()
    visitor.open("/claims")
    expect(page.get_by_role("listitem").filter(has_text=BOOKED).first).to_be_visible()


def test_countdown_turns_the_button_on_with_a_wrong_phone_clock(visit: Visit, campus: Campus, student: str) -> None:
    visitor, asked_at = visit(student), time.time()
    lecture = campus.lecture(opens_in=15)  # longer than it takes to see the page before, on a busy machine
    # The phone believes that it is ten minutes later, so by its clock the booking is open already.
    visitor.context.add_init_script(
        "{const real = Date.now.bind(Date); const wrong = () => real() + 600000; Date.now = wrong;}"
    )
    page = visitor.open(f"/lectures/{lecture}")
    button = page.get_by_role("button", name="立即预约")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("按服务器时间倒计时")).to_be_visible()
    button.click(force=True)
    assert visitor.keys(lecture) == []
    expect(button).not_to_have_attribute("aria-disabled", "true", timeout=60_000)
    assert time.time() > asked_at + 14
    button.click()
    outcome(page, BOOKED)
    assert len(visitor.sent("GET", f"/lectures/{lecture}")) == 1, "the page was not reloaded"


def test_a_double_click_is_one_request(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{lecture}")
    page.get_by_role("button", name="立即预约").dblclick()
    outcome(page, BOOKED)
    assert len(visitor.keys(lecture)) == 1
    assert len(campus.claims(student, lecture)) == 1


def test_full_and_waiting_list(visit: Visit, campus: Campus) -> None:
    first, second, third = next_student(), next_student(), next_student()
    lecture = campus.lecture(capacity=1, waitlist_capacity=1)
    campus.book(first, lecture)
    waiting = visit(second).open(f"/lectures/{lecture}")
    waiting.get_by_role("button", name=re.compile("立即预约|加入候补")).click()
    outcome(waiting, "候补第 1 位")
    refused = visit(third).open(f"/lectures/{lecture}")
    refused.get_by_role("button", name=re.compile("立即预约|加入候补")).click()
    outcome(refused, "已满")
    # The seat comes free: the first in line gets it, and the open page says so by itself.
    campus.cancel(first, lecture)
    expect(waiting.get_by_role("status").filter(has_text=BOOKED)).to_be_visible(timeout=30_000)


def test_booked_elsewhere_shows_that_booking(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    page = visit(student).open(f"/lectures/{lecture}")
    may_book(page)
    campus.book(student, lecture)
    # Either the page has heard of it by now, or the press is answered with the existing claim.
    button = page.get_by_role("button", name="立即预约")
    with suppress(PlaywrightTimeout):
        button.click(timeout=3000)
    outcome(page, BOOKED)
    assert len([one for one in campus.claims(student, lecture) if one["state"] == "confirmed"]) == 1


def test_closed(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture(opens_in=-3600, closes_in=-5)
    page = visit(student).open(f"/lectures/{lecture}")
    expect(page.get_by_role("button", name="立即预约")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("预约已截止。")).to_be_visible()


def test_who_may_not_book_is_told_for_whom_it_is(visit: Visit, campus: Campus, student: str) -> None:
    me = campus.call(student, "GET", "/api/me").json()["student"]
    [elsewhere, *_] = [
        one for one in campus.call(student, "GET", "/api/org/colleges").json()["items"] if one["id"] != me["college_id"]
    ]
    only = {"mode": "only", "colleges": [elsewhere["id"]], "grades": [1999], "classes": []}
    page = visit(student).open(f"/lectures/{campus.lecture(restriction=only)}")
    expect(page.get_by_role("button", name="立即预约")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("不在这场讲座的预约范围内")).to_be_visible()
    expect(page.get_by_text(f"仅限：{elsewhere['name']}、1999 级")).to_be_visible()


def test_a_freeze_is_seen_without_a_reload(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    page = visit(student).open(f"/lectures/{lecture}")
    button = page.get_by_role("button", name="立即预约")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert campus.call("admin", "POST", f"/api/ops/offerings/lecture/{lecture}/freeze", {"reason": "test"}).ok
    expect(page.get_by_text("管理员暂停了这场讲座的预约")).to_be_visible()
    expect(button).to_have_attribute("aria-disabled", "true")
    assert campus.call("admin", "POST", f"/api/ops/offerings/lecture/{lecture}/resume", {"reason": "test"}).ok
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_reload_while_in_progress_goes_on_with_the_same_request(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.page
    headers = {"Retry-After": "1"}
    page.route("**/api/claims/*", lambda route: route.fulfill(status=503, headers=headers, body="busy"))
    page.route("**/standing", lambda route: route.fulfill(status=503, headers=headers, body="busy"))
    visitor.open(f"/lectures/{lecture}")
    press_book(page)
    outcome(page, "处理中")
    page.reload()
    outcome(page, "处理中")
    page.unroute_all()
    outcome(page, BOOKED)
    assert len(set(visitor.keys(lecture))) == 1
    assert len(campus.claims(student, lecture)) == 1
    visitor.forgive("503")


def test_lost_answer_is_checked_with_the_same_request(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.page
    lost: list[int] = []

    def lose(route: Route) -> None:
        """The server gets the first two requests, the browser not their answers."""
        if len(lost) >= 2:
            return route.continue_()
        route.fetch()
        lost.append(1)
        return route.abort("connectionreset")

    page.route("**/bookings", lose)
    visitor.open(f"/lectures/{lecture}")
    page.route("**/standing", lambda route: route.abort())
    press_book(page)
    outcome(page, "结果未知，正在核对")
    expect(page.get_by_text(BOOKED)).not_to_be_visible()
    page.unroute("**/standing")
    outcome(page, BOOKED)
    keys = visitor.keys(lecture)
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(campus.claims(student, lecture)) == 1
    visitor.forgive("ERR_")


def test_told_to_wait(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.page
    told: list[float] = []

    def wait(route: Route) -> None:
        if told:
            return route.continue_()
        told.append(time.monotonic())
        return refuse(route, 429, "too_many_requests", retry_after=8)

    page.route("**/bookings", wait)
    visitor.open(f"/lectures/{lecture}")
    press_book(page)
    outcome(page, "稍后自动再试")
    expect(page.get_by_text("01JOURNEY")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=BOOKED)).to_be_visible(timeout=30_000)
    assert time.monotonic() - told[0] >= 8
    assert len(set(visitor.keys(lecture))) == 1


def waits(visitor: Visitor, lecture: str) -> list[float]:
    """Seconds from each refusal's arrival to the next time that the page sends the booking."""
    posts = visitor.sent("POST", f"/api/lectures/{lecture}/bookings")
    times = [(one.timing["startTime"], one.timing["startTime"] + one.timing["responseEnd"]) for one in posts]
    return [(later[0] - earlier[1]) / 1000 for earlier, later in itertools.pairwise(times)]


def test_pressed_a_moment_ago_is_said_and_waited_out(visit: Visit, campus: Campus, student: str) -> None:
    """The limit of one press in 10 s for each student and lecture."""
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open_live(f"/lectures/{lecture}")
    may_book(page)
    campus.book(student, lecture)  # the ten seconds begin
    campus.cancel(student, lecture)
    may_book(page)
    with page.expect_response("**/bookings") as answer:
        press_book(page)
    outcome(page, "你刚刚点过")
    refused = answer.value
    assert (refused.status, refused.json()["code"], refused.json()["scope"]) == (429, "too_many_requests", "offering")
    expect(page.get_by_role("status").filter(has_text=BOOKED)).to_be_visible(timeout=30_000)
    assert len(set(visitor.keys(lecture))) == 1
    assert waits(visitor, lecture)[0] >= int(refused.headers["retry-after"])


def test_everybody_presses_is_said_and_waited_out(visit: Visit, campus: Campus, student: str) -> None:
    """The global token bucket, closed for real."""
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{lecture}")
    may_book(page)
    bucket = campus.call("admin", "GET", "/api/ops/admission").json()
    campus.call("admin", "PUT", "/api/ops/admission", {"rate": 0, "burst": 0}).raise_for_status()
    try:
        press_book(page)
        outcome(page, "现在提交的人非常多")
    finally:
        campus.call("admin", "PUT", "/api/ops/admission", bucket).raise_for_status()
    outcome(page, BOOKED)
    assert len(set(visitor.keys(lecture))) == 1
    assert all(wait >= 1 for wait in waits(visitor, lecture))
    assert len(campus.claims(student, lecture)) == 1


def test_without_a_live_line(visit: Visit, campus: Campus, student: str) -> None:
    def drop(socket: WebSocketRoute) -> None:
        socket.close()

    lecture = campus.lecture()
    visitor = visit(student)
    visitor.context.route_web_socket(re.compile("/ws"), drop)
    page = visitor.open(f"/lectures/{lecture}")
    press_book(page)
    outcome(page, BOOKED)


def test_two_tabs_show_the_same(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    first = visitor.open(f"/lectures/{lecture}")
    second = visitor.open(f"/lectures/{lecture}", visitor.another_tab())
    may_book(second)
    press_book(first)
    outcome(first, BOOKED)
    outcome(second, BOOKED)
    assert len(visitor.keys(lecture)) == 1


def test_cancel_and_book_again(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{lecture}")
    press_book(page)
    outcome(page, BOOKED)
    page.get_by_role("button", name="取消预约").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="取消预约").dblclick()
    outcome(page, "已取消")
    expect(dialog).not_to_be_visible()
    # A repeat with the same key (after a 429, say) is the same request; a second key would be a second one.
    assert len(set(visitor.keys(lecture, "DELETE"))) == 1
    # The 10 s limit per student and lecture may answer first; the page waits it out by itself.
    press_book(page)
    expect(page.get_by_role("status").filter(has_text=BOOKED)).to_be_visible(timeout=30_000)
    assert len(set(visitor.keys(lecture))) == 2


def test_by_keyboard_alone(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture()
    page = visit(student).open(f"/lectures/{lecture}")
    may_book(page)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "立即预约":
            break
    page.keyboard.press("Enter")
    outcome(page, BOOKED)
