"""Booked lectures in the timetable: beside the classes of their week, on a desk, on a phone, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import LOOKS, Visitor, axe, next_student
from tests.e2e.campus import CAMPUS, Campus
from tests.e2e.journeys.test_printing import on_paper, pages_of

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
DESK = {"viewport": {"width": 1280, "height": 900}}
NARROW = {"viewport": {"width": 320, "height": 640}}


class Week:
    """Next week, or the first one when no term is taught."""

    def __init__(self, campus: Campus) -> None:
        terms = campus.call("manager", "GET", "/api/terms").json()["items"]
        term = next(one for one in terms if one["current"])
        self.number = min((term["week"] or 0) + 1, term["weeks"])
        self.monday = date.fromisoformat(term["starts_on"]) + timedelta(weeks=self.number - 1)
        self.campus = campus

    def lecture(self, title: str, weekday: int, begins: str, ends: str, **fields: Any) -> str:
        """A lecture that day between two times on campus; booking is open until it begins."""
        day = self.monday + timedelta(days=weekday - 1)
        starts, stops = (datetime.combine(day, time.fromisoformat(one), CAMPUS) for one in (begins, ends))
        times = {"starts_at": starts.isoformat(), "ends_at": stops.isoformat()}
        return self.campus.lecture(title=title, **times, **fields)


@pytest.fixture(scope="module")
def week(campus: Campus) -> Week:
    return Week(campus)


def newcomer(campus: Campus) -> str:
    """A student for whom the demo campus has booked nothing this term."""
    while campus.call(one := next_student(), "GET", "/api/me/lectures?term=current").json()["items"]:
        pass
    return one


@pytest.fixture(scope="module")
def attendee(campus: Campus, week: Week, make_sections: MakeSections) -> str:
    """A student with a class on Tuesday, and five lectures in the same week."""
    username, other = newcomer(campus), next_student()
    ((_, section),) = make_sections({"name": "大学物理", "meets": [[2, 3, 4, "1-30周"]]})
    campus.enrol(username, section)
    for title, weekday, begins, ends in (
        ("引力波的发现", 2, "10:00", "11:00"),
        ("午间读书会", 2, "12:20", "13:20"),
        ("古典音乐欣赏", 6, "18:30", "20:00"),
        ("人工智能前沿", 6, "19:30", "21:00"),
    ):
        lecture = week.lecture(title, weekday, begins, ends, place=f"报告厅 {begins}")
        assert campus.book(username, lecture)["state"] == "confirmed"
    full = week.lecture("火星探测", 3, "19:00", "20:30", capacity=1, place="报告厅")
    campus.book(other, full)
    assert campus.book(username, full)["state"] == "waitlisted"
    return username


def lesson(page: Page, name: str) -> Locator:
    """The block whose name this is."""
    return page.locator(".lesson").filter(has=page.get_by_role("link", name=name, exact=True))


def box(one: Locator) -> dict[str, float]:
    found = one.bounding_box()
    assert found is not None
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


def test_a_week_on_a_desk(visit: Visit, attendee: str, week: Week) -> None:
    page = visit(attendee, **DESK).open(f"/timetable?week={week.number}")
    talk, course = lesson(page, "引力波的发现"), lesson(page, "大学物理")
    expect(talk).to_contain_text("10:00–11:00")
    expect(talk.get_by_text("讲座", exact=True)).to_be_visible()
    expect(talk).to_contain_text("时间重叠：大学物理")
    expect(course).to_contain_text("时间重叠：引力波的发现")
    expect(course.get_by_text("讲座", exact=True)).to_have_count(0)
    assert box(talk)["y"] == pytest.approx(box(course)["y"], abs=2), "beside the periods it touches"
    assert min(box(talk)["right"], box(course)["right"]) <= max(box(talk)["x"], box(course)["x"]) + 1, "none covered"
    noon = lesson(page, "午间读书会")
    expect(noon).to_contain_text("12:20–13:20")
    assert box(noon)["y"] >= box(page.locator(".period").filter(has_text="其他"))["y"], "in no period"
    expect(noon.locator(".lesson-clash")).to_have_count(0)
    expect(lesson(page, "火星探测")).to_contain_text("候补中")
    expect(lesson(page, "古典音乐欣赏")).to_contain_text("时间重叠：人工智能前沿")
    expect(lesson(page, "人工智能前沿")).to_contain_text("时间重叠：古典音乐欣赏")
    page.get_by_role("link", name="引力波的发现", exact=True).click()
    expect(page.get_by_role("heading", name="引力波的发现", level=1)).to_be_visible()


def test_another_week_has_none_and_all_weeks_have_a_list(visit: Visit, attendee: str, week: Week) -> None:
    other = 1 if week.number > 8 else week.number + 8  # far from the lectures of the demo campus
    page = visit(attendee, **DESK).open(f"/timetable?week={other}")
    expect(lesson(page, "大学物理")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".lesson[data-kind]")).to_have_count(0)
    page.get_by_label("周次").select_option("0")
    entry = page.get_by_role("listitem").filter(has_text="引力波的发现")
    tuesday = week.monday + timedelta(days=1)
    expect(entry).to_contain_text(f"{tuesday.month}月{tuesday.day}日")
    expect(entry).to_contain_text("10:00–11:00")
    expect(entry).to_contain_text("时间重叠：大学物理")
    expect(page.get_by_role("listitem").filter(has_text="火星探测")).to_contain_text("候补中")


def test_days_on_a_phone(visit: Visit, attendee: str, week: Week) -> None:
    page = visit(attendee, **NARROW).open(f"/timetable?week={week.number}")
    day = page.get_by_role("region", name="周二")
    expect(day.get_by_role("listitem")).to_have_count(3)
    begins = [one.inner_text()[:5] for one in day.locator(".lesson-time").all()]
    assert begins == ["09:50", "10:00", "12:20"], "by their times"
    expect(day.get_by_text("时间重叠：大学物理")).to_be_visible()
    expect(page.get_by_role("region", name="周六").get_by_role("listitem")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_paper(visit: Visit, attendee: str, week: Week) -> None:
    page = visit(attendee).open(f"/timetable?week={week.number}")
    expect(lesson(page, "午间读书会")).to_be_visible()
    pdf = on_paper(page)
    expect(lesson(page, "引力波的发现").get_by_text("讲座", exact=True)).to_be_visible()
    expect(lesson(page, "引力波的发现").get_by_text("时间重叠：大学物理")).to_be_visible()
    assert pages_of(pdf) == 1


def test_a_booking_elsewhere_appears_and_leaves(visit: Visit, campus: Campus, student: str, week: Week) -> None:
    title = f"临时加场 {uuid4().hex[:6]}"
    lecture = week.lecture(title, 4, "15:00", "16:00")
    page = visit(student).open_live(f"/timetable?week={week.number}")
    expect(page.get_by_text(re.compile("已选 .* 学分"))).to_be_visible()
    campus.book(student, lecture)
    expect(lesson(page, title)).to_be_visible()
    campus.cancel(student, lecture)
    expect(lesson(page, title)).to_have_count(0)


def test_classes_without_lectures_when_those_cannot_be_read(visit: Visit, attendee: str, week: Week) -> None:
    visitor = visit(attendee)
    visitor.page.route("**/api/me/lectures*", lambda route: route.abort())
    page = visitor.open(f"/timetable?week={week.number}")
    expect(lesson(page, "大学物理")).to_be_visible()
    expect(page.get_by_text("暂时读不到你预约的讲座")).to_be_visible()
    visitor.forgive("ERR_FAILED")


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_it_is_accessible(visit: Visit, attendee: str, week: Week, width: int, theme: str, language: str) -> None:
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme, "language": language}
    visitor = visit(attendee, **look)
    for chosen in (week.number, 0):
        page = visitor.open(f"/timetable?week={chosen}")
        expect(page.get_by_role("link", name="引力波的发现", exact=True)).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1800)  # what comes a moment after the page is a part of it
        assert axe(page) == [], chosen
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), chosen
