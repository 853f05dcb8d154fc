"""Who missed lectures, at the desk, and forgiving it. On the demo campus some are over, and not everybody came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import LOOKS, Visitor, axe, light_first_load
from tests.e2e.campus import Campus
from tests.waiting import until

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}
PATH = "/api/manage/lectures/no-shows"
FORGIVE = re.compile("^免除 ")


@pytest.fixture(scope="module", autouse=True)
def counting(campus: Campus) -> Iterator[None]:
    """The rule is on, and lenient: nobody is kept from booking."""

    def listed() -> Any:
        return campus.call("manager", "GET", PATH).json()["items"]

    campus.control("lecture_no_shows", 9)
    try:
        until(listed, "somebody who missed something")
        yield
    finally:
        campus.control("lecture_no_shows", 0)
        until(lambda: not listed(), "a rule that is off everywhere")


def test_what_was_missed_is_forgiven(visit: Visit) -> None:
    visitor = visit("manager", viewport=DESK)
    page = visitor.open("/manage")
    page.get_by_role("link", name="讲座缺席").first.click()
    button = page.get_by_role("button", name=FORGIVE).first
    expect(button).to_be_visible()
    name = (button.get_attribute("aria-label") or "").removeprefix("免除 ")
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name=f"免除 {name}")).first
    number = row.get_by_role("cell").nth(0).inner_text()
    row = page.get_by_role("row").filter(has_text=number)
    missed = row.get_by_role("cell").nth(1).inner_text()
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"免除 {name} 的 {missed} 次缺席？")
    dialog.get_by_role("button", name="免除").click()
    expect(row.get_by_role("cell").nth(2)).to_have_text(missed)
    expect(row.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text=f"已免除 {name} 的缺席")).to_be_visible()
    page.reload()
    expect(row.get_by_role("cell").nth(2)).to_have_text(missed)
    page.get_by_role("searchbox").fill(number)
    expect(page.get_by_role("row")).to_have_count(2)  # with the head
    assert visitor.complained() == []


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_it_is_accessible(visit: Visit, width: int, theme: str, language: str) -> None:
    visitor = visit("manager", viewport={"width": width, "height": 844}, color_scheme=theme, language=language)
    page = visitor.open("/manage/no-shows")
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    page.locator(".row-action button").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_first_load_is_light(visit: Visit) -> None:
    light_first_load(visit("manager"), "/manage/no-shows")
