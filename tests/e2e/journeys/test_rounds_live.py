"""What those who manage rounds do, on pages that students have open: nobody reloads anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, Route, expect

from tests.e2e.browsing import Visitor, outcome, refuse
from tests.e2e.campus import CAMPUS, Campus
from tests.e2e.journeys.test_rounds import DESK, confirm, open_round
from tests.e2e.journeys.test_selection import CHOSEN, enrolments, may_enrol

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
MoveRounds = Callable[..., None]
ROUNDS = re.compile(r"/api/rounds(/\d+)?(\?|$)")


def opened(visitor: Visitor, path: str, page: Page | None = None) -> Page:
    """A page whose live line from here on is all that can tell of rounds: asking is refused."""
    page = visitor.open_live(path, page)

    def away(route: Route) -> None:
        refuse(route, 503, "service_unavailable")

    page.route(ROUNDS, away)
    return page


def banner(page: Page) -> Any:
    """The round at the head of a page of course selection."""
    return page.locator(".round")


def test_a_round_stops_goes_on_and_gets_more_time(
    visit: Visit, campus: Campus, student: str, make_sections: MakeSections
) -> None:
    [(course, section)] = make_sections({"name": f"停选时开着的课 {uuid4().hex[:8]}"})
    campus.plan(student, section)
    round_, word = open_round(campus), uuid4().hex[:6]
    why = f"管理员暂停了选课：机房断电 {word}"
    manager = visit("manager", viewport=DESK).open(f"/manage/rounds/{round_['id']}")
    visitor = visit(student)
    page = opened(visitor, f"/courses/{course}")
    plan = opened(visitor, "/plan", visitor.another_tab())
    button = may_enrol(page, section)
    submit = plan.get_by_role("button", name="一次提交 1 门")
    expect(submit).not_to_have_attribute("aria-disabled", "true")
    confirm(manager, "暂停选课", f"机房断电 {word}")
    for one, pressed in ((page, button), (plan, submit)):
        expect(banner(one).get_by_text(why)).to_be_visible()
        expect(pressed).to_have_attribute("aria-disabled", "true")
        expect(pressed).to_have_accessible_description(why)
        pressed.click(force=True)
    assert enrolments(visitor, section) == []
    assert visitor.sent("POST", "/api/rounds/[0-9]+/carts") == []
    confirm(manager, "恢复选课", f"供电恢复 {word}")
    for one, pressed in ((page, button), (plan, submit)):
        expect(one.get_by_text("管理员暂停了选课")).to_have_count(0)
        expect(pressed).not_to_have_attribute("aria-disabled", "true")
    later = datetime.fromisoformat(round_["closes_at"]).astimezone(CAMPUS) + timedelta(hours=1)
    manager.get_by_role("button", name="延长").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_label("截止", exact=True).fill(later.strftime("%Y-%m-%dT%H:%M"))
    dialog.get_by_label("原因").fill(f"停电补时 {word}")
    dialog.get_by_role("button", name="延长").click()
    for one in (page, plan):
        expect(banner(one).get_by_text(f"{later:%H:%M} 截止")).to_be_visible()
    button.click()
    outcome(page, CHOSEN)
    assert campus.held(student) == {section: "confirmed"}
    # Everything that was done, in words, for whoever asks later.
    manager.get_by_text("操作记录").click()
    for what in ("机房断电", "供电恢复", "停电补时"):
        expect(manager.get_by_role("listitem").filter(has_text=f"原因：{what} {word}")).to_be_visible()
    expect(manager.locator(".round-bar .still").first).to_be_attached()
    visitor.forgive("503")
