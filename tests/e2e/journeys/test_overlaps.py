"""The page of a lecture says what the student has at that time; booking stays possible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import LOOKS, Visitor, axe, light_first_load, next_student, outcome, press_book
from tests.e2e.campus import Campus
from tests.e2e.journeys.test_timetable_lectures import Week, week

__all__ = ["week"]

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
NOTE = "只是提醒，不影响预约。"


@pytest.fixture(scope="module")
def busy(campus: Campus, week: Week, make_sections: MakeSections) -> str:
    """A student with a class on Friday, third and fourth period, and a lecture that afternoon."""
    username = next_student()
    ((_, section),) = make_sections({"name": "高等数学", "meets": [[5, 3, 4, "1-30周"]]})
    campus.enrol(username, section)
    campus.book(username, week.lecture("星际航行概论", 5, "14:00", "16:00"))
    return username


def test_a_class_at_that_time(visit: Visit, busy: str, week: Week) -> None:
    lecture = week.lecture("量子计算入门", 5, "10:30", "12:00")
    page = visit(busy).open(f"/lectures/{lecture}")
    expect(page.get_by_text("与你的 高等数学 周五 3–4 节 时间重叠。")).to_be_visible()
    expect(page.get_by_text(NOTE)).to_be_visible()
    press_book(page)
    outcome(page, "预约成功")


def test_another_lecture_at_that_time_in_english(visit: Visit, busy: str, week: Week) -> None:
    lecture = week.lecture("深海探秘", 5, "15:00", "17:00")
    page = visit(busy, language="en").open(f"/lectures/{lecture}")
    expect(page.get_by_text("Same time as 星际航行概论, a lecture you have booked")).to_be_visible()
    expect(page.get_by_text("Only a note: you may book all the same.")).to_be_visible()


def test_nothing_at_that_time_and_nobody(visit: Visit, busy: str, week: Week) -> None:
    lecture = week.lecture("清晨的鸟鸣", 5, "07:00", "08:30")
    visitor = visit(busy)
    with visitor.page.expect_response(f"**/api/lectures/{lecture}/overlaps") as answer:
        page = visitor.open(f"/lectures/{lecture}")
    assert answer.value.json() == {"items": []}
    expect(page.get_by_text(NOTE)).to_have_count(0)
    stranger = visit()
    stranger.open(f"/lectures/{lecture}").wait_for_timeout(4500)
    assert stranger.sent("GET", r"/api/lectures/\d+/overlaps") == []


def test_a_course_chosen_meanwhile(
    visit: Visit, campus: Campus, student: str, week: Week, make_sections: MakeSections
) -> None:
    lecture = week.lecture("城市规划漫谈", 4, "13:00", "15:00")
    visitor = visit(student)
    with visitor.page.expect_response(f"**/api/lectures/{lecture}/overlaps"):
        page = visitor.open_live(f"/lectures/{lecture}")
    ((_, section),) = make_sections({"name": "线性代数", "meets": [[4, 6, 7, "1-30周"]]})
    campus.enrol(student, section)
    expect(page.get_by_text("与你的 线性代数 周四 6–7 节 时间重叠。")).to_be_visible()


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_it_is_accessible(visit: Visit, busy: str, week: Week, width: int, theme: str, language: str) -> None:
    lecture = week.lecture("光的故事", 5, "09:00", "15:00")
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme, "language": language}
    page = visit(busy, **look).open(f"/lectures/{lecture}")
    expect(page.get_by_text("高等数学")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_first_load_is_light(visit: Visit, busy: str, week: Week) -> None:
    light_first_load(visit(busy), f"/lectures/{week.lecture('轻的页面', 5, '10:00', '11:00')}")
