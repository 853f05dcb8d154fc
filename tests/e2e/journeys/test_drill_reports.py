"""Reports of drills and rehearsals on the operators' pages: the list, one of each kind, and who may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from ops.stack import Stack
from tests.drill_reports import DRILL, REHEARSAL, keep
from tests.e2e.browsing import Visitor, axe, light_first_load

Visit = Callable[..., Visitor]
LOST, HELD, MINUTE = "20261128-090000-redis-killed", "20261127-090000-nginx-killed", "20261128-100000-rehearsal"


@pytest.fixture(autouse=True)
def kept(stack: Stack) -> Iterator[None]:
    """A rehearsal and two drills, one of which found a claim lost."""
    folder = stack.config.root
    wrong = {"held": False, "violations": ["book 1 was answered 202 and is not decided"]}
    keep(folder / "drills", LOST, {**DRILL, **wrong, "counts": {**DRILL["counts"], "lost": 1}})
    keep(folder / "drills", HELD, {**DRILL, "title": {"zh": "Nginx 被杀", "en": "nginx is killed"}})
    keep(folder / "rehearsals", MINUTE, REHEARSAL)
    yield
    for path in (f"drills/{LOST}", f"drills/{HELD}", f"rehearsals/{MINUTE}"):
        (folder / f"{path}.json").unlink()


def test_the_list_leads_to_each(visit: Visit) -> None:
    page = visit("admin").open("/ops/drills")
    entries = page.get_by_role("list", name="报告").get_by_role("listitem")
    expect(entries).to_have_count(3)
    expect(entries.nth(0)).to_contain_text("开抢演练")
    expect(entries.nth(1)).to_contain_text("有违反 1")
    expect(entries.nth(2)).to_contain_text("承诺全部兑现")
    entries.nth(1).get_by_role("link").click()
    expect(page.get_by_text("book 1 was answered 202 and is not decided")).to_be_visible()
    expect(page.locator(".chart").filter(has_text="每半秒的正常答复")).to_contain_text("虚线：6 秒故障，9 秒修复")
    expect(page.locator(".pairs").get_by_text("0.8 秒")).to_be_visible()
    page.get_by_role("link", name="全部报告").click()
    entries.nth(0).get_by_role("link").click()
    expect(page.get_by_text("整机 CPU 已满")).to_be_visible()
    expect(page.locator(".chart").filter(has_text="整机 CPU")).to_contain_text("98%")


def test_a_report_that_is_gone_and_who_may_not_look(visit: Visit) -> None:
    visitor = visit("admin")
    expect(visitor.open(f"/ops/drills/{LOST}-gone").get_by_text("它可能已被移走")).to_be_visible()
    visitor.forgive("status of 404")
    manager = visit("manager")
    manager.open("/ops/drills")
    assert not manager.sent("GET", "/api/ops/.*")


@pytest.mark.parametrize(("width", "theme", "language"), [(320, "dark", "en"), (1280, "light", "zh")])
def test_they_are_accessible_and_light(visit: Visit, width: int, theme: str, language: str) -> None:
    visitor = visit("admin", viewport={"width": width, "height": 844}, color_scheme=theme, language=language)
    for path in ("/ops/drills", f"/ops/drills/{MINUTE}", f"/ops/drills/{LOST}"):
        page = visitor.open(path)
        expect(page.locator(".chart, .entry").first).to_be_visible()
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"
    light_first_load(visit("admin"), f"/ops/drills/{LOST}")
