"""A section's roster: the teacher's and the manager's, live, as a file and on paper; and the staff's pages of selection."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import LOOKS, Visitor, axe, light_first_load, next_student
from tests.e2e.campus import Campus
from tests.e2e.journeys.test_printing import DARK_DESK, on_paper, pages_of
from tests.e2e.journeys.test_rounds import DESK, open_round

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]


@dataclass
class Taught:
    """A section of teacher t001 with one seat: who has it, who waits for it, who gave it back."""

    name: str
    section: str
    holder: str
    waiting: str
    gone: str


@pytest.fixture(scope="module")
def taught(campus: Campus, make_sections: MakeSections) -> Taught:
    """Twice chosen, once dropped."""
    name = f"要打印名单的课 {uuid4().hex[:6]}"
    [(_, section)] = make_sections(
        {"name": name, "capacity": 1, "teacher": "t001", "meets": [[7, 9, 10, "1-16周(单)"]]}
    )
    found = Taught(name, section, *(next_student() for _ in range(3)))
    for one in (found.gone, found.holder, found.waiting):
        campus.enrol(one, section)
        if one == found.gone:
            campus.drop(one, section)
    return found


def number(campus: Campus, student: str) -> str:
    """The student number."""
    return str(campus.call(student, "GET", "/api/me").json()["student"]["student_no"])


def test_a_teacher_finds_the_roster_prints_it_and_takes_it_along(
    visit: Visit, campus: Campus, taught: Taught, tmp_path: Path
) -> None:
    page = visit("t001", **DARK_DESK).open("/")
    page.get_by_role("link", name="我的教学").first.click()
    mine = page.get_by_role("listitem").filter(has_text=taught.name)
    expect(mine).to_contain_text("已选 1 / 1")
    expect(mine).to_contain_text("候补 1 人")
    mine.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name=taught.name)).to_be_visible()
    rows = page.locator(".roster tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text=number(campus, taught.holder))).to_contain_text("已选上")
    expect(rows.filter(has_text=number(campus, taught.waiting))).to_contain_text("候补第 1 位")
    expect(rows.filter(has_text=number(campus, taught.gone))).to_contain_text("已退课")
    expect(page.get_by_role("columnheader", name="签到")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载 CSV").click()
    assert download.value.suggested_filename == f"section-{taught.section}.csv"
    file = tmp_path / "roster.csv"
    download.value.save_as(file)
    lines = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert {number(campus, one) for one in (taught.holder, taught.waiting)} <= {cell for line in lines for cell in line}
    page.evaluate("window.print = () => (window.printed = document.querySelectorAll('.roster tbody tr').length)")
    page.get_by_role("button", name="打印名单").click()
    page.wait_for_function("window.printed === 3")
    pdf = on_paper(page)
    expect(page.get_by_role("heading", name=taught.name)).to_be_visible()
    expect(rows.filter(has_text="已选上")).to_be_visible()
    expect(rows.filter(has_text="已退课")).not_to_be_visible()
    expect(page.get_by_role("columnheader", name="签名")).to_be_visible()
    assert pages_of(pdf) == 1


def test_a_roster_is_its_own_teachers_and_the_managers(visit: Visit, campus: Campus, taught: Taught) -> None:
    other = visit("t002").open("/teaching")
    expect(other.get_by_text(taught.name)).to_have_count(0)
    other.goto(f"{campus.site}/rosters/{taught.section}")
    expect(other.locator(".roster").get_by_text("没有权限").or_(other.locator(".trouble")).first).to_be_visible()
    expect(other.locator(".roster tbody tr")).to_have_count(0)
    page = visit("manager", viewport=DESK).open(f"/manage/sections/{taught.section}")
    page.get_by_role("link", name="名单").click()
    expect(page.locator(".roster tbody tr")).to_have_count(3)
    page.get_by_role("radio", name="候补中").check()
    expect(page.locator(".roster tbody tr")).to_have_count(1)
    # Promotion before the manager's eyes.
    page.get_by_role("radio", name="全部").check()
    campus.drop(taught.holder, taught.section)
    expect(page.get_by_role("row").filter(has_text=number(campus, taught.waiting))).to_contain_text(
        "已选上", timeout=30_000
    )


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_pages_are_accessible(
    visit: Visit, campus: Campus, taught: Taught, width: int, theme: str, language: str
) -> None:
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme, "language": language}
    round_ = open_round(campus)["id"]
    pages = {
        "manager": [
            "/manage/rounds",
            f"/manage/rounds/{round_}",
            "/manage/rounds/new",
            f"/manage/time-tickets?round_id={round_}",
            "/manage/time-tickets/new",
            "/manage/holds",
            "/manage/overrides/new",
            "/manage/restrictions",
            "/manage/restrictions/new",
            "/manage/credit-accounts",
            "/manage/programme-courses",
            "/manage/programme-courses/new",
            f"/rosters/{taught.section}",
        ],
        "t001": ["/teaching", f"/rosters/{taught.section}"],
    }
    for who, paths in pages.items():
        visitor = visit(who, **look)
        for path in paths:
            page = visitor.open(path)
            page.wait_for_load_state("networkidle")
            assert axe(page) == [], f"{who} {path}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{who} {path} overflows"


def test_first_load_is_light(visit: Visit, taught: Taught) -> None:
    for who, path in (("t001", "/teaching"), ("t001", f"/rosters/{taught.section}"), ("manager", "/manage/rounds")):
        light_first_load(visit(who), path)
