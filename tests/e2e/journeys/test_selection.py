"""Choosing courses in a browser: one press, one request, one truth, and why not before it is pressed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Visitor, next_student, outcome
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
CHOSEN = "选课成功"
SUNDAY_1_2 = [7, 1, 2, "1-16周"]
SUNDAY_2_3 = [7, 2, 3, "1-16周"]


def card(page: Page, section: str) -> Locator:
    """One section on any page."""
    return page.locator(f"#section-{section}")


def may_enrol(page: Page, section: str) -> Locator:
    """The section's button, once it may be pressed."""
    button = card(page, section).get_by_role("button", name="选课", exact=True)
    expect(button).not_to_have_attribute("aria-disabled", "true", timeout=25_000)
    return button


def enrolments(visitor: Visitor, section: str, method: str = "POST") -> list[str]:
    """The Idempotency-Key of every request that chooses or drops the section."""
    sent = visitor.sent(method, f"/api/sections/{section}/enrolments(/mine)?")
    return [one.headers["idempotency-key"] for one in sent]


def test_a_double_click_in_the_list_is_one_request(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    name = f"双击课 {uuid4().hex[:8]}"
    [(_, section)] = make_sections({"name": name, "meets": [SUNDAY_1_2]})
    visitor = visit(student)
    page = visitor.open(f"/courses?q={name}")
    may_enrol(page, section).dblclick()
    outcome(page, CHOSEN)
    assert len(enrolments(visitor, section)) == 1
    assert campus.held(student) == {section: "confirmed"}
    expect(card(page, section).get_by_text("余 4 / 5 席")).to_be_visible()
    expect(page.get_by_text(re.compile(r"更新于 \d\d:\d\d:\d\d"))).to_be_visible()


def test_a_list_from_a_cache_does_not_undo_what_was_heard(
    visit: Visit, student: str, make_sections: MakeSections
) -> None:
    """It is read after the seats were told of, but was counted before."""
    name = f"旧名单课 {uuid4().hex[:8]}"
    [(_, section)] = make_sections({"name": name, "meets": [SUNDAY_1_2]})
    visitor = visit(student)
    page = visitor.page
    with page.expect_response(re.compile("/api/sections[?]")) as answer:
        visitor.open_live(f"/courses?q={name}")
    first = answer.value.body()
    page.route("**/api/sections?*", lambda route: route.fulfill(body=first, content_type="application/json"))
    with page.expect_response(re.compile("/api/sections[?]")):  # asked for once it is chosen
        may_enrol(page, section).click()
        outcome(page, CHOSEN)
    page.evaluate("() => fetch('/time').then(() => new Promise(requestAnimationFrame))")  # by then it is drawn
    expect(card(page, section).get_by_text("余 4 / 5 席")).to_be_visible()


def test_a_clash_is_said_before_it_is_pressed_then_swapped_then_dropped(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    mine, other = f"先选的课 {uuid4().hex[:8]}", f"想换的课 {uuid4().hex[:8]}"
    (_, held), (course, wanted) = make_sections(
        {"name": mine, "meets": [SUNDAY_1_2]}, {"name": other, "meets": [SUNDAY_2_3]}
    )
    campus.enrol(student, held)
    visitor = visit(student)
    page = visitor.open(f"/courses/{course}")
    expect(card(page, wanted).get_by_text(re.compile(f"与《{mine}.*》上课时间冲突：周日"))).to_be_visible()
    button = card(page, wanted).get_by_role("button", name="选课", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    assert enrolments(visitor, wanted) == []
    card(page, wanted).get_by_role("button", name="换成这个班").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(mine)
    dialog.get_by_role("button", name="换课").dblclick()
    expect(card(page, wanted).get_by_role("status")).to_contain_text(CHOSEN)
    assert len(visitor.sent("POST", "/api/rounds/[0-9]+/swaps")) == 1
    assert campus.held(student) == {wanted: "confirmed"}
    visitor.open("/enrolments")
    card(page, wanted).get_by_role("button", name="退课").click()
    page.get_by_role("dialog").get_by_role("button", name="退课").dblclick()
    expect(page.get_by_text("还没有选上课程")).to_be_visible()
    assert len(set(enrolments(visitor, wanted, "DELETE"))) == 1
    assert campus.held(student) == {}
    page.get_by_text("选退课记录").click()
    log = page.get_by_role("listitem").filter(has_text=other)
    expect(log.filter(has_text="退课").first).to_be_visible()
    expect(log.filter(has_text="换课").first).to_be_visible()


def test_the_waiting_list_moves_up_before_ones_eyes(visit: Visit, campus: Campus, make_sections: MakeSections) -> None:
    first, second, third = next_student(), next_student(), next_student()
    [(course, section)] = make_sections({"name": f"抢手课 {uuid4().hex[:8]}", "capacity": 1, "line": 1})
    campus.enrol(first, section)
    visitor = visit(second)
    with visitor.page.expect_websocket(lambda socket: "/ws?" in socket.url) as line:
        page = visitor.open(f"/courses/{course}")
    card(page, section).get_by_role("button", name="加入候补").click()
    outcome(page, "候补第 1 位")
    late = visit(third).open(f"/courses/{course}")
    button = card(late, section).get_by_role("button", name=re.compile("选课|加入候补"))
    button.click()
    outcome(late, "已满")
    expect(late.get_by_text(CHOSEN)).not_to_be_visible()
    with line.value.expect_event("framereceived", lambda frame: section in str(frame) and "confirmed" in str(frame)):
        campus.drop(first, section)
    expect(card(page, section).get_by_role("status")).to_contain_text(CHOSEN, timeout=30_000)


def test_the_plan_goes_as_one_request_when_ones_turn_comes(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    names = [f"{word}课 {uuid4().hex[:8]}" for word in ("首选", "冲突", "满员", "候补")]
    full = {"capacity": 1, "line": 0}
    made = make_sections(
        {"name": names[0], "meets": [SUNDAY_1_2]},
        {"name": names[1], "meets": [SUNDAY_2_3]},
        {"name": names[2], **full},
        {"name": names[3], **full, "line": 1},
    )
    free, clashing, gone, line = (section for _, section in made)
    other = next_student()
    campus.enrol(other, gone)
    campus.enrol(other, line)
    campus.plan(student, clashing, free, gone, line)
    visitor, asked_at = visit(student), time.time()
    campus.begins_later(student, 18)  # longer than it takes to see the plan before, on a busy machine
    page = visitor.open("/plan")
    items = page.locator(".planned")
    expect(items.nth(1)).to_contain_text(f"与《{names[1]}")
    items.nth(1).get_by_role("button", name=re.compile("上移")).click()
    expect(items.nth(0)).to_contain_text(names[0])
    expect(items.nth(1)).to_contain_text(f"与《{names[0]}")
    submit = page.get_by_role("button", name="一次提交 4 门")
    expect(submit).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("timer")).to_be_visible()
    expect(submit).not_to_have_attribute("aria-disabled", "true", timeout=60_000)
    assert time.time() > asked_at + 17
    submit.dblclick()
    outcome(page, "4 门中选上 1 门，候补 1 门")
    assert len(visitor.sent("POST", "/api/rounds/[0-9]+/carts")) == 1
    assert visitor.sent("GET", "/api/claims/.+") == []
    told = [items.filter(has_text=name).locator(".planned-end") for name in names]
    expect(told[0].get_by_text("已选上")).to_have_attribute("data-tone", "good")
    expect(told[1]).to_contain_text(f"与《{names[0]}")
    expect(told[2]).to_contain_text("已满")
    expect(told[3]).to_contain_text("候补第 1 位")
    expect(page.locator(".planned [data-tone='good']")).to_have_count(1)
    assert campus.held(student) == {free: "confirmed", line: "waitlisted"}


def test_a_cart_goes_on_after_a_reload(visit: Visit, campus: Campus, student: str, make_sections: MakeSections) -> None:
    name = f"刷新课 {uuid4().hex[:8]}"
    [(_, section)] = make_sections({"name": name})
    campus.plan(student, section)
    visitor = visit(student)
    page = visitor.page
    busy = {"Retry-After": "1"}
    page.route(re.compile(r"/api/claims\?"), lambda route: route.fulfill(status=503, headers=busy, body="busy"))
    visitor.open("/plan")
    submit = page.get_by_role("button", name="一次提交 1 门")
    expect(submit).not_to_have_attribute("aria-disabled", "true")
    submit.click()
    outcome(page, "处理中")
    page.reload()
    outcome(page, "处理中")
    page.unroute_all()
    outcome(page, "1 门中选上 1 门")
    sent = visitor.sent("POST", "/api/rounds/[0-9]+/carts")
    assert len({one.headers["idempotency-key"] for one in sent}) == 1
    visitor.forgive("503")


def test_a_reload_in_the_middle_goes_on_with_the_same_request(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    [(course, section)] = make_sections({"name": f"断点课 {uuid4().hex[:8]}"})
    visitor = visit(student)
    page = visitor.open(f"/courses/{course}")
    button = may_enrol(page, section)
    page.route("**/api/claims/*", lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, body="busy"))
    page.route("**/api/me/standings*", lambda route: route.fulfill(status=503, body="busy"))
    button.click()
    outcome(page, "处理中")
    page.reload()
    outcome(page, "处理中")
    page.unroute_all()
    outcome(page, CHOSEN)
    assert len(set(enrolments(visitor, section))) == 1
    visitor.forgive("503")


def test_add_to_the_plan_and_take_out(visit: Visit, campus: Campus, student: str, make_sections: MakeSections) -> None:
    name = f"计划课 {uuid4().hex[:8]}"
    [(_, section)] = make_sections({"name": name})
    visitor = visit(student)
    page = visitor.open(f"/courses?q={name}")
    card(page, section).get_by_role("button", name="加入计划").click()
    expect(card(page, section).get_by_role("button", name="已在计划")).to_have_attribute("aria-pressed", "true")
    visitor.open("/plan")
    item = page.locator(".planned").filter(has_text=name)
    expect(item).to_be_visible()
    item.get_by_role("button", name=re.compile("移除")).click()
    expect(page.get_by_text("计划还是空的")).to_be_visible()


def test_filters_live_in_the_address(visit: Visit, campus: Campus, student: str, make_sections: MakeSections) -> None:
    word = uuid4().hex[:8]
    mine, clashing, full, fine = (f"{kind}筛选课 {word}" for kind in ("已选", "冲突", "满员", "合适"))
    made = make_sections(
        {"name": mine, "meets": [SUNDAY_1_2]},
        {"name": clashing, "meets": [SUNDAY_2_3]},
        {"name": full, "capacity": 1, "meets": [[7, 5, 6, "1-16周"]]},
        {"name": fine, "meets": [[7, 5, 6, "1-16周"]]},
    )
    campus.enrol(student, made[0][1])
    campus.enrol(next_student(), made[2][1])
    visitor = visit(student)
    page = visitor.open(f"/courses?q={word}")
    found = page.locator(".course")
    expect(found).to_have_count(4)
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("星期").select_option("7")
    page.get_by_label("节次").select_option("5")
    expect(found).to_have_count(2)
    page.get_by_label("只看有余量").check()
    expect(found).to_have_count(1)
    page.get_by_label("节次").select_option("2")
    expect(found).to_have_count(2)
    page.get_by_label("不与我的课冲突").check()
    expect(page.get_by_text("没有符合条件的课程班")).to_be_visible()
    assert "weekday=7" in page.url
    assert "apart=mine" in page.url
    page.reload()
    expect(page.get_by_text("没有符合条件的课程班")).to_be_visible()
    page.get_by_label("节次").select_option("")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(fine)


@pytest.mark.parametrize("signed_in", [True, False])
def test_whoever_may_not_choose_sees_the_courses(visit: Visit, make_sections: MakeSections, signed_in: bool) -> None:
    [(course, section)] = make_sections({"name": f"公开课 {uuid4().hex[:8]}"})
    page = visit("manager" if signed_in else None).open(f"/courses/{course}")
    expect(card(page, section).get_by_text("余 5 / 5 席")).to_be_visible()
    expect(card(page, section).get_by_role("button", name="选课")).to_have_count(0)
    expect(page.get_by_role("link", name="登录后选课")).to_have_count(0 if signed_in else 1)


def test_enrol_by_keyboard_in_english(visit: Visit, campus: Campus, student: str, make_sections: MakeSections) -> None:
    [(course, section)] = make_sections({"name": f"键盘课 {uuid4().hex[:8]}"})
    page = visit(student, language="en").open(f"/courses/{course}")
    button = card(page, section).get_by_role("button", name="Enrol", exact=True)
    expect(button).not_to_have_attribute("aria-disabled", "true")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Enrol":
            break
    page.keyboard.press("Enter")
    expect(card(page, section).get_by_role("status")).to_contain_text("Enrolled")
    page.get_by_role("button", name="中文").click()
    expect(card(page, section).get_by_role("status")).to_contain_text(CHOSEN)
    assert campus.held(student) == {section: "confirmed"}
