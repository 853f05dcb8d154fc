"""A quota of lectures on a lecture's page: what is left of it, and why not before pressing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor, outcome, press_book
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]


def when_all_count(campus: Campus, student: str) -> int:
    """How many the student has, when it has not changed for some looks: the pass that lets the lectures of the demo campus
    count, which looks every two seconds, has been there."""
    address, seen = f"/api/lectures/{campus.lecture()}/standing", [-1]
    while len(seen) < 8 or len(set(seen[-6:])) > 1:
        time.sleep(1)
        seen.append(campus.call(student, "GET", address).json()["quota"]["used"])
    return seen[-1]


@pytest.fixture
def one_more(campus: Campus, student: str) -> Iterator[int]:
    """A quota with room for one more lecture: the demo campus may have booked some for the student."""
    campus.control("lecture_quota", 1)
    used = when_all_count(campus, student)
    campus.control("lecture_quota", used + 1)
    yield used
    campus.control("lecture_quota", 0)


def test_the_page_says_what_is_left_and_why_not(visit: Visit, campus: Campus, student: str, one_more: int) -> None:
    first, second = campus.lecture(), campus.lecture()
    visitor = visit(student)
    page = visitor.open(f"/lectures/{first}")
    expect(page.get_by_text(f"本学期预约：{one_more}/{one_more + 1}")).to_be_visible()
    press_book(page)
    outcome(page, "预约成功")
    expect(page.get_by_text(f"本学期预约：{one_more + 1}/{one_more + 1}")).to_be_visible()
    page = visitor.open(f"/lectures/{second}")
    expect(page.get_by_role("button", name="立即预约")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("你不能预约这场讲座：预约场数已满")).to_be_visible()
    assert visitor.keys(second) == []
    english = visit(student, language="en").open(f"/lectures/{second}")
    expect(english.get_by_text("You cannot book this lecture: No lectures left this term")).to_be_visible()
    campus.cancel(student, first)
    visitor.open(f"/lectures/{second}")
    press_book(page)
    outcome(page, "预约成功")
