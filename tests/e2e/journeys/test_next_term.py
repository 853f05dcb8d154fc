"""A round of the next term is open while this one is taught: the usual case. Everything about choosing leads there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor, axe, light_first_load, outcome
from tests.e2e.campus import CAMPUS, Campus
from tests.e2e.journeys.test_lottery import made, round_of

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
MoveRounds = Callable[..., None]
DESK = {"viewport": {"width": 1280, "height": 900}}
_CODES = cycle(random.sample(range(90), 90))  # no term has the code of another; a kept site knows those of earlier runs


@dataclass(frozen=True)
class NextTerm:
    """Its name, and a section in it and one in the present term: (course, section) and what they are called."""

    name: str
    here: str
    there: str
    section: str
    course: str


@pytest.fixture
def coming(campus: Campus, make_sections: MakeSections, move_rounds: MoveRounds) -> Iterator[NextTerm]:
    """The next term with its open round; the round is gone afterwards, as every other journey chooses in this term."""
    now = datetime.now(CAMPUS)
    starts_on = (now + timedelta(weeks=20, days=-now.weekday())).date().isoformat()
    code = 21_001 + 10 * next(_CODES)
    name = f"下一学期 {code}"
    term = {"code": code, "name": name, "starts_on": starts_on, "weeks": 18, "teaching_free_days": []}
    term_id = made(campus, "/api/manage/terms", term)["id"]
    here, there = f"这学期的课 {uuid4().hex[:6]}", f"下学期的课 {uuid4().hex[:6]}"
    _, (course, section) = make_sections(
        {"name": here, "meets": [[7, 1, 2, "1-16周"]]},
        {"name": there, "meets": [[7, 1, 2, "1-16周"]], "term": term_id},
    )
    round_id = round_of(campus, term_id, "fcfs", -5)["id"]
    yield NextTerm(name, here, there, section, course)
    move_rounds({"id": round_id, "gone": True})


def test_a_round_of_the_next_term_is_reached_by_links(
    visit: Visit, campus: Campus, student: str, coming: NextTerm
) -> None:
    visitor = visit(student, **DESK)
    page = visitor.open("/")
    expect(page.get_by_text(coming.name)).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="全部课程").click()
    card = page.locator(f"#section-{coming.section}")
    expect(card).to_be_visible()
    expect(page.get_by_label("学期")).to_contain_text(f"{coming.name}（选课）")
    expect(page.get_by_text(coming.here)).to_have_count(0)
    card.get_by_role("button", name="加入计划").click()
    expect(card.get_by_role("button", name="已在计划")).to_be_visible()
    page.get_by_role("link", name="选课计划").click()
    expect(page.locator(".planned")).to_contain_text(coming.there)
    page.get_by_role("button", name="一次提交 1 门").click()
    outcome(page, "1 门中选上 1 门")
    assert campus.held(student) == {coming.section: "confirmed"}
    page.get_by_role("link", name="我的课程").click()
    expect(card).to_be_visible()
    # The timetable is of what is taught today, until the other term is asked for.
    page.get_by_label("选课导航").get_by_role("link", name="课表").click()
    choice = page.get_by_label("学期")
    expect(choice).to_be_visible()
    expect(choice.locator("option:checked")).to_contain_text("（本学期）")
    lesson = page.locator(".lesson").filter(has_text=coming.there)
    expect(lesson).to_have_count(0)
    choice.select_option(label=f"{coming.name}（选课）")
    expect(lesson).to_be_visible()
    assert "term_id=" in page.url
    lesson.get_by_role("link").click()
    expect(page.get_by_role("heading", name=coming.there)).to_be_visible()
    expect(card).to_be_visible()


def test_another_term_stays_in_the_address(visit: Visit, student: str, coming: NextTerm) -> None:
    visitor = visit(student, **DESK)
    page = visitor.open(f"/courses?q={coming.here}")
    expect(page.get_by_text("没有符合条件的课程班")).to_be_visible()
    this_term = page.get_by_label("学期").locator("option").filter(has_text="（本学期）")
    page.get_by_label("学期").select_option(label=this_term.inner_text())
    expect(page.get_by_role("link", name=coming.here)).to_be_visible()
    page.reload()
    page.get_by_role("link", name=coming.here).click()
    expect(page.get_by_role("heading", name=coming.here)).to_be_visible()
    expect(page.locator(".section-head").get_by_label("学期")).to_contain_text("（本学期）")
    assert axe(page) == []
    for path in ("/", "/courses", "/plan", "/timetable"):
        light_first_load(visit(student), path)
