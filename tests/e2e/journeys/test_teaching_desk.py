"""Terms, courses and sections by those who manage them: made, changed, refused while in use, called off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor, axe
from tests.e2e.campus import Campus
from tests.e2e.conftest import MakeSections

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}
# Whether what has the focus says so, or is labelled so.
CALLED = """name => [document.activeElement, ...(document.activeElement.labels ?? [])]
  .some((one) => one.textContent.trim() === name)"""


def say(page: Page, text: str) -> None:
    """The page's status region says so."""
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(CALLED, name):
            return
    raise AssertionError(f"Tab does not come to {name}")


def course_of(campus: Campus, **fields: Any) -> dict[str, Any]:
    """A course of the demo campus's first college."""
    college = campus.call("manager", "GET", "/api/manage/colleges?limit=1").json()["items"][0]["id"]
    tag = uuid4().hex[:6].upper()
    body = {"code": f"D{tag}", "name": f"先修课{tag}", "college_id": college, "credits": "2.0", **fields}
    body |= {"category": "专业选修", "campus": "主校区"}
    answer = campus.call("manager", "POST", "/api/manage/courses", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_term_comes_and_goes(visit: Visit, campus: Campus) -> None:
    page = visit("manager", viewport=DESK).open("/manage/terms")
    page.get_by_role("link", name="新建学期").click()
    for label, value in (("代码", "19901"), ("名称", "旧学期"), ("第 1 周周一", "1990-01-02"), ("周数", "31")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="新建学期").click()
    expect(page.get_by_text("请填 1 到 30 之间的数")).to_be_visible()
    page.get_by_label("周数").fill("18")
    page.get_by_role("button", name="新建学期").click()
    expect(page.locator(".field-error").filter(has_text="周一")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("第 1 周周一").fill("1990-01-01")
    page.get_by_label("放假日").fill("1990-01-26\n1990-01-29")
    page.get_by_role("button", name="新建学期").click()
    page.wait_for_url(lambda address: address.rsplit("/", 1)[-1].isdigit())
    expect(page.get_by_role("heading", name="旧学期")).to_be_visible()
    page.get_by_label("周数").fill("20")
    page.get_by_role("button", name="保存").click()
    say(page, "已保存")
    stored = campus.call("manager", "GET", f"/api/manage/terms/{page.url.rsplit('/', 1)[-1]}").json()
    assert (stored["weeks"], stored["teaching_free_days"]) == (20, ["1990-01-26", "1990-01-29"])
    page.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    page.wait_for_url("**/manage/terms")
    expect(page.get_by_role("link", name="旧学期")).to_have_count(0)
    page.get_by_role("row").filter(has_text="当前学期").get_by_role("link").click()
    page.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    say(page, "个课程班")


def test_a_course_by_keyboard_and_what_hangs_on_it(visit: Visit, campus: Campus) -> None:
    needed, tag = course_of(campus), uuid4().hex[:6].upper()
    page = visit("manager", viewport=DESK).open("/manage/courses")
    expect(page.get_by_role("table")).to_be_visible()
    tab_to(page, "新建课程")
    page.keyboard.press("Enter")
    expect(page.get_by_label("课程代码")).to_be_visible()
    expect(page.get_by_label("学院").locator("option").nth(1)).to_be_attached()
    for label, value in (("课程代码", f"K{tag}"), ("名称", f"键盘课{tag}"), ("学院", ""), ("学分", "2.5")):
        tab_to(page, label)
        page.keyboard.type(value) if value else page.keyboard.press("ArrowDown")
    for label, value in (("课程类别", "专业选修"), ("校区", "主校区")):
        tab_to(page, label)
        page.keyboard.type(value)
    tab_to(page, "先修课程")
    page.keyboard.insert_text(needed["code"])  # at once: typed slowly, half of it would be looked for as well
    expect(page.get_by_role("option", name=needed["name"])).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="先修课程")).to_contain_text(needed["name"])
    assert axe(page) == []
    tab_to(page, "新建课程")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address.rsplit("/", 1)[-1].isdigit())
    stored = campus.call("manager", "GET", f"/api/manage/courses/{page.url.rsplit('/', 1)[-1]}").json()
    assert (stored["credits"], [one["id"] for one in stored["prerequisites"]]) == (2.5, [needed["id"]])
    page.goto(f"{campus.site}/manage/courses/{needed['id']}")
    page.get_by_label("名称").fill(f"{needed['name']}改")
    page.get_by_role("button", name="保存").click()
    say(page, "已保存")
    expect(page.get_by_role("heading", name=f"{needed['name']}改")).to_be_visible()
    page.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    say(page, "1 门以它为先修的课程")
    assert campus.call("manager", "GET", f"/api/manage/courses/{needed['id']}").status_code == 200


def test_a_section_from_its_meetings_to_the_end(visit: Visit, campus: Campus, student: str) -> None:
    course = course_of(campus)
    page = visit("manager", viewport=DESK).open("/manage/sections/new")
    page.get_by_role("combobox", name="课程").fill(course["code"])
    page.get_by_role("option", name=course["name"]).click()
    page.get_by_label("学期").select_option(label=current_term(campus))
    page.get_by_label("名额", exact=True).fill("3")
    page.get_by_label("教师（显示）").fill("测试教师")
    page.get_by_label("状态").select_option(label="已发布")
    room = f"测试楼 {uuid4().hex[:6]}"
    for number in (1, 2):
        page.get_by_role("button", name="添加一条安排").click()
        meeting = page.get_by_role("group", name=f"安排 {number}")
        meeting.get_by_label("地点").fill(room)
        meeting.get_by_label("星期").select_option(label="周六")
    expect(page.get_by_text("和另一条安排时间重叠。").first).to_be_visible()
    page.get_by_role("button", name="新建课程班").click()
    expect(page.get_by_text("请检查标出的项目。")).to_be_visible()
    meeting.get_by_label("星期").select_option(label="周日")
    meeting.get_by_label("周次").fill("1-15(单)")
    expect(meeting.get_by_text("共 8 周")).to_be_visible()
    page.get_by_role("button", name="新建课程班").click()
    page.wait_for_url(lambda address: address.rsplit("/", 1)[-1].isdigit())
    section = page.url.rsplit("/", 1)[-1]
    expect(page.get_by_role("button", name="暂停选课")).to_be_visible()
    assert axe(page) == []
    assert campus.enrol(student, section)["state"] == "confirmed"
    page.get_by_label("名额", exact=True).fill("0")
    page.get_by_role("button", name="保存").click()
    say(page, "名额已被占用")
    page.get_by_label("名额", exact=True).fill("9")
    page.get_by_role("button", name="保存").click()
    say(page, "已保存")
    page.get_by_role("button", name="暂停选课").click()
    expect(page.get_by_text("已暂停选课，学生暂时不能选这个班。")).to_be_visible()
    page.get_by_role("button", name="恢复选课").click()
    expect(page.get_by_role("button", name="暂停选课")).to_be_visible()
    call_off(page)
    expect(page.get_by_role("button", name="暂停选课")).to_have_count(0)
    stored = campus.call("manager", "GET", f"/api/manage/sections/{section}").json()
    assert (stored["state"], stored["capacity"], len(stored["meetings"])) == ("cancelled", 9, 2)
    assert section not in campus.held(student)


def call_off(page: Page) -> None:
    """Without a reason nothing happens, and the dialog stays."""
    page.get_by_role("button", name="取消开课").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="取消开课").click()
    expect(dialog.get_by_text("必填")).to_be_visible()
    expect(dialog.get_by_label("原因")).to_be_focused()
    assert axe(page) == []
    dialog.get_by_label("原因").fill("教师出差")
    dialog.get_by_role("button", name="取消开课").click()


def current_term(campus: Campus) -> str:
    """What the present term is called."""
    terms = campus.call("manager", "GET", "/api/manage/terms").json()["items"]
    return str(next(one["name"] for one in terms if one["current"]))


def test_a_meeting_that_breaks_timetables_is_refused(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    tag = uuid4().hex[:6]
    (_, first), (_, second) = make_sections(
        {"name": f"周六课 {tag}", "meets": [[6, 12, 13, "1-16周"]]},
        {"name": f"周日课 {tag}", "meets": [[7, 12, 13, "1-16周"]]},
    )
    for section in (first, second):
        assert campus.enrol(student, section)["state"] == "confirmed"
    page = visit("manager", viewport=DESK).open(f"/manage/sections/{second}")
    page.get_by_role("group", name="安排 1").get_by_label("星期").select_option(label="周六")
    page.get_by_role("button", name="保存").click()
    say(page, "会使 1 名已选学生的课程冲突")
    stored = campus.call("manager", "GET", f"/api/manage/sections/{second}").json()
    assert [one["weekday"] for one in stored["meetings"]] == [7]
