"""What is decided about some students (held, later, not here, all the same), by the manager and as those students meet it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Visitor, next_student, outcome
from tests.e2e.campus import CAMPUS, Campus
from tests.e2e.journeys.test_rounds import DESK, open_round
from tests.e2e.journeys.test_selection import CHOSEN, SUNDAY_1_2, SUNDAY_2_3, card, enrolments, may_enrol

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
CLOCK = "%Y-%m-%dT%H:%M"
AGREEING = 6  # answers in a row: any worker may give each


def choose(page: Page, label: str, text: str) -> None:
    """Find one by typing."""
    page.get_by_role("combobox", name=label, exact=True).fill(text)
    page.locator(".lookup").get_by_role("option").first.click()


def taken_back(row: Locator) -> None:
    """Delete what a row shows."""
    row.get_by_role("button", name="删除").click()
    row.page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)


def until(campus: Campus, student: str, section: str, code: str | None) -> None:
    """Workers learn of a decision within seconds: wait until the first refusal is this (None: there is none)."""
    everywhere(campus, student, section, lambda found: (found["problem"] or {}).get("code") == code)


def everywhere(campus: Campus, student: str, section: str, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the standing is so at whichever worker is asked: a page that meets the other one looks again much later."""
    deadline, running = time.monotonic() + 60, 0
    found: Any = None
    while running < AGREEING:
        assert time.monotonic() < deadline, found
        (found,) = campus.call(student, "GET", f"/api/me/standings?section_ids={section}").json()["items"]
        running = running + 1 if holds(found) else 0
        time.sleep(0.2)


def is_soon(found: dict[str, Any]) -> bool:
    """The turn has come, or is today's."""
    problem = found["problem"]
    return problem is None or datetime.fromisoformat(problem["opens_at"]) < datetime.now(CAMPUS) + timedelta(minutes=5)


def refused(page: Page, section: str, why: str) -> Locator:
    """The section's button, which says why it may not be pressed."""
    button = card(page, section).get_by_role("button", name="选课", exact=True)
    expect(button).to_have_accessible_description(why)
    expect(button).to_have_attribute("aria-disabled", "true")
    return button


def chooses(page: Page, section: str) -> None:
    """Enrol, again if need be: the worker that gets the claim may be the one that has not learned of a decision yet."""
    deadline = time.monotonic() + 30
    chosen = page.get_by_role("status").filter(has_text=CHOSEN).first
    refusal = card(page, section).get_by_role("status").filter(has_text="没有受理")
    while True:
        page.reload()
        may_enrol(page, section).click()
        expect(chosen.or_(refusal).first).to_be_visible()
        if chosen.is_visible() or time.monotonic() > deadline:
            break
    outcome(page, CHOSEN)


@pytest.fixture
def manager(visit: Visit) -> Visitor:
    """At a desk."""
    return visit("manager", viewport=DESK)


def test_a_hold_is_placed_and_lifted(
    visit: Visit, campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    [(course, section)] = make_sections({"name": f"限制时的课 {uuid4().hex[:6]}"})
    campus.plan(student, section)
    why = f"学费未缴 {uuid4().hex[:6]}"
    desk = manager.open("/manage/holds/new")
    choose(desk, "学生", student)
    desk.get_by_label("原因").fill(why)
    desk.get_by_role("button", name="限制一名学生").click()
    row = desk.get_by_role("row").filter(has_text=why)
    expect(row).to_be_visible()
    until(campus, student, section, "on_hold")
    said = f"你的账户被限制，暂时不能选课：{why}"
    visitor = visit(student)
    page = visitor.open(f"/courses/{course}")
    refused(page, section, said).click(force=True)
    assert enrolments(visitor, section) == []
    plan = visitor.open("/plan", visitor.another_tab())
    expect(plan.get_by_role("button", name="一次提交 1 门")).to_have_accessible_description(said)
    taken_back(row)
    until(campus, student, section, None)
    chooses(page, section)


def test_a_later_turn_is_given_by_name(
    visit: Visit, campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    [(course, section)] = make_sections({"name": f"分批时的课 {uuid4().hex[:6]}"})
    desk = manager.open("/manage/time-tickets")
    expect(desk.get_by_text("请先选择：轮次")).to_be_visible()
    manager.open(f"/manage/time-tickets?round_id={open_round(campus)['id']}")
    desk.get_by_role("link", name="新建分批开放").click()
    tomorrow = datetime.now(CAMPUS) + timedelta(days=1)
    desk.get_by_label("最早开始").fill(tomorrow.strftime(CLOCK))
    choose(desk, "指定学生", student)
    desk.get_by_role("button", name="新建分批开放").click()
    row = desk.get_by_role("row").filter(has_text="1 名学生").filter(has_text=f"{tomorrow:%H:%M}")
    expect(row.first).to_be_visible()
    until(campus, student, section, "not_open")
    page = visit(student).open(f"/courses/{course}")
    button = card(page, section).get_by_role("button", name="选课", exact=True)
    expect(card(page, section).get_by_text(f"你的选课时间从 {tomorrow.month}月{tomorrow.day}日")).to_be_visible()
    expect(button).to_have_attribute("aria-disabled", "true")
    # Of two tickets the earlier counts; when its time comes the button says so by itself.
    asked_at = time.monotonic()
    campus.begins_later(student, 24)
    everywhere(campus, student, section, is_soon)
    page.reload()
    expect(card(page, section).get_by_text("你的选课时间从")).to_be_visible()
    expect(button).not_to_have_attribute("aria-disabled", "true", timeout=60_000)
    may_enrol(page, section).click()
    assert time.monotonic() > asked_at + 23
    outcome(page, CHOSEN)


def test_an_override_lifts_a_clash(
    visit: Visit, campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    names = [f"{word}课 {uuid4().hex[:6]}" for word in ("已有的", "特批的")]
    (_, held), (course, wanted) = make_sections(
        {"name": names[0], "meets": [SUNDAY_1_2]}, {"name": names[1], "meets": [SUNDAY_2_3]}
    )
    campus.enrol(student, held)
    page = visit(student).open(f"/courses/{course}")
    expect(card(page, wanted).get_by_text(f"与《{names[0]}")).to_be_visible()
    why = f"重修，时间可以协调 {uuid4().hex[:6]}"
    desk = manager.open("/manage/overrides/new")
    choose(desk, "学生", student)
    choose(desk, "课程", names[1])
    desk.get_by_label("时间冲突").check()
    desk.get_by_label("原因").fill(why)
    desk.get_by_role("button", name="新建特批").click()
    row = desk.get_by_role("row").filter(has_text=why)
    expect(row).to_contain_text(names[1])
    expect(row).to_contain_text("时间冲突")
    until(campus, student, wanted, None)
    chooses(page, wanted)
    assert campus.held(student) == {held: "confirmed", wanted: "confirmed"}
    taken_back(row)


def test_a_credit_limit_is_moved(
    visit: Visit, campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    [(course, section)] = make_sections({"name": f"两学分的课 {uuid4().hex[:6]}", "credits": "2.0"})
    desk = manager.open(f"/manage/credit-accounts?q={student}")
    term = next(one["id"] for one in campus.call(student, "GET", "/api/terms").json()["items"] if one["current"])
    desk.get_by_label("学期").select_option(term)
    desk.locator("tbody").get_by_role("link").first.click()

    def limit(text: str) -> None:
        desk.get_by_label("学分上限").fill(text)
        desk.get_by_role("button", name="保存").click()

    limit("一")
    expect(desk.get_by_text("请填数字，最多一位小数")).to_be_visible()
    limit("1.5")
    expect(desk.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    until(campus, student, section, "credit_limit")
    page = visit(student).open(f"/courses/{course}")
    refused(page, section, "超过学分上限：已选 0.0，本课 2.0，上限 1.5。")
    limit("30")
    expect(desk.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    until(campus, student, section, None)
    chooses(page, section)
    limit("1")
    expect(desk.get_by_role("status").filter(has_text="已用 2.0 学分，上限不能低于它。")).to_be_visible()


def test_a_section_is_kept_from_a_college(
    visit: Visit, campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    name, why = f"禁选的课 {uuid4().hex[:6]}", f"本学院已单独开班 {uuid4().hex[:6]}"
    [(course, section)] = make_sections({"name": name})
    me = campus.call(student, "GET", "/api/me").json()["student"]
    desk = manager.open("/manage/restrictions/new")
    desk.get_by_label("范围").select_option(label="一个课程班")
    choose(desk, "课程班", name)
    desk.get_by_label("限制", exact=True).select_option(label="除外")
    desk.locator("summary").filter(has_text="学院").click()
    desk.get_by_role("checkbox", name=me["college"], exact=True).check()
    desk.get_by_label("原因").fill(why)
    desk.get_by_role("button", name="新建紧急设置").click()
    row = desk.get_by_role("row").filter(has_text=why)
    expect(row).to_contain_text(name)
    until(campus, student, section, "not_eligible")
    page = visit(student).open(f"/courses/{course}")
    refused(page, section, "你不能选这个班：不在这个班的选课范围内")
    page.get_by_text("考核、候补与面向").click()
    expect(card(page, section).get_by_text(me["college"])).to_be_visible()
    expect(card(page, section).get_by_text(why)).to_be_visible()
    taken_back(row)
    until(campus, student, section, None)
    chooses(page, section)


def test_a_course_enters_the_study_plan_of_a_class(
    visit: Visit, campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    name = f"新进方案的课 {uuid4().hex[:6]}"
    [(_, section)] = make_sections({"name": name})
    me = campus.call(student, "GET", "/api/me").json()["student"]
    code = next(one["code"] for one in campus.call(student, "GET", "/api/terms").json()["items"] if one["current"])
    present = 2 * (code // 10 - me["grade"]) + code % 10
    desk = manager.open(f"/manage/programme-courses?class_id={me['class_id']}")
    expect(desk.get_by_text(f"班级：{me['class_name']}")).to_be_visible()
    desk.get_by_role("link", name="加入培养方案").click()
    choose(desk, "班级", me["class_name"])
    choose(desk, "课程", name)
    desk.get_by_label("建议学期").fill("9")
    desk.get_by_role("button", name="加入培养方案").click()
    expect(desk.get_by_text("请填 1 到 8 之间的数")).to_be_visible()
    desk.get_by_label("建议学期").fill(str(present))
    desk.get_by_label("必修").check()
    desk.get_by_role("button", name="加入培养方案").click()
    expect(desk.get_by_role("heading", level=1, name=name)).to_be_visible()
    page = visit(student).open("/programme")
    due = page.locator(".course").filter(has_text=name)
    expect(due).to_contain_text("必修")
    due.locator("summary").first.click()
    may_enrol(page, section).click()
    outcome(page, CHOSEN)
    desk.get_by_label("必修").uncheck()
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    page.reload()
    expect(page.locator(".programme li").filter(has_text=name)).to_contain_text("选修")
    desk.get_by_role("button", name="删除").click()
    desk.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(desk.get_by_role("heading", level=1, name="培养方案")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="全部学期")).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)


def test_a_round_as_a_student_sees_it(
    campus: Campus, manager: Visitor, student: str, make_sections: MakeSections
) -> None:
    (_, held), _ = make_sections(
        {"name": f"看得到的课 {uuid4().hex[:6]}", "meets": [SUNDAY_1_2]}, {"name": "冲突的课", "meets": [SUNDAY_2_3]}
    )
    campus.enrol(student, held)
    desk = manager.open(f"/manage/rounds/{open_round(campus)['id']}")
    choose(desk, "哪名学生", student)
    seen = desk.get_by_role("status").filter(has_text="本学期课程班")
    expect(seen).to_contain_text("已选或候补中1")
    expect(seen).to_contain_text("不能选：上课时间冲突")
    expect(seen).to_contain_text("有名额，可以选")
    other = next_student()
    choose(desk, "哪名学生", other)
    expect(seen).to_contain_text("已选或候补中0")
