"""A lottery round from the first wish to the file that anybody can check, and a fair opening, in the browser."""

from __future__ import annotations

import hmac
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor, next_student
from tests.e2e.campus import CAMPUS, Campus
from tests.e2e.journeys.test_rounds import DESK, confirm, open_round
from tests.e2e.journeys.test_selection import card, may_enrol

Visit = Callable[..., Visitor]
MakeSections = Callable[..., list[tuple[str, str]]]
MoveRounds = Callable[..., None]
DARK = {"color_scheme": "dark"}
SUNDAY_1_2 = [7, 1, 2, "1-16周"]
SUNDAY_2_3 = [7, 2, 3, "1-16周"]


def made(campus: Campus, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the manager made by the API."""
    answer = campus.call("manager", "POST", path, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def round_of(campus: Campus, term: str, mode: str, opens_in: float, **fields: Any) -> dict[str, Any]:
    """A published round of an hour."""
    opens = datetime.now(CAMPUS) + timedelta(seconds=opens_in)
    body = {
        "term_id": term,
        "round_no": 50,
        "mode": mode,
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(hours=1)).isoformat(),
        "drop_until": (opens + timedelta(hours=2)).isoformat(),
        "state": "published",
        **fields,
    }
    return made(campus, "/api/manage/rounds", body)


@dataclass
class Lottery:
    """A lottery of a term of its own: the campus's present one has an open round already."""

    id: str
    term: str
    names: list[str]
    sections: list[str]

    def plan(self, campus: Campus, student: str) -> None:
        """A student plans all of its sections."""
        path = f"/api/me/plan?term_id={self.term}"
        answer = campus.call(student, "PUT", path, {"sections": self.sections, "version": 0})
        assert answer.status_code == 200, answer.text

    def wish(self, campus: Campus, student: str, *points: int) -> None:
        """Hand in by the API: points on each section, in order."""
        wishes = [{"section_id": one, "points": n} for one, n in zip(self.sections, points, strict=False)]
        answer = campus.call(student, "PUT", f"/api/rounds/{self.id}/wishes", {"wishes": wishes, "version": 0})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def lottery(campus: Campus, make_sections: MakeSections) -> Lottery:
    """Three sections: one seat that everybody wants, one that clashes with it, one with room."""
    number = uuid4().int % 800
    code = 19_002 + 10 * (number % 100) + number // 100  # a past term that no other journey makes
    body = {"code": code, "name": f"抽签学期 {code}", "starts_on": "2001-09-03", "weeks": 18, "teaching_free_days": []}
    term = made(campus, "/api/manage/terms", body)["id"]
    names = [f"{word}课 {uuid4().hex[:6]}" for word in ("人人想上的", "同一时间的", "有余量的")]
    wanted = [
        {"name": names[0], "capacity": 1, "meets": [SUNDAY_1_2], "term": term},
        {"name": names[1], "meets": [SUNDAY_2_3], "term": term},
        {"name": names[2], "term": term},
    ]
    sections = [section for _, section in make_sections(*wanted)]
    return Lottery(round_of(campus, term, "lottery", -5, points_limit=10)["id"], term, names, sections)


def wishing(page: Page, lottery: Lottery) -> Any:
    """The wish for the section at this place of the lottery."""
    return lambda at: page.locator(".planned").filter(has_text=lottery.names[at])


def hand_in(page: Page, lottery: Lottery) -> None:
    """From the plan, the last one first, points on two of them: too many at first."""
    page.get_by_role("button", name="从计划导入").click()
    wish = wishing(page, lottery)
    expect(page.locator(".planned")).to_have_count(3)
    wish(2).get_by_role("button", name=f"上移 {lottery.names[2]}").click()
    page.get_by_label(f"{lottery.names[0]} 的意愿点").fill("9")
    page.get_by_label(f"{lottery.names[1]} 的意愿点").fill("4")
    save = page.get_by_role("button", name="保存志愿")
    expect(page.get_by_text("剩余 -3 / 10 点")).to_be_visible()
    expect(save).to_have_attribute("aria-disabled", "true")
    page.get_by_label(f"{lottery.names[1]} 的意愿点").fill("1")
    save.click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()


def test_wishes_are_drawn_before_ones_eyes_and_anybody_can_check_it(
    visit: Visit, campus: Campus, lottery: Lottery, move_rounds: MoveRounds, tmp_path: Path
) -> None:
    mine, rival = next_student(), next_student()
    lottery.wish(campus, rival, 1)
    lottery.plan(campus, mine)
    path = f"/rounds/{lottery.id}/wishes"
    visitor = visit(mine)
    page = visitor.open(path)
    other = visit(rival, **DARK).open(path)
    hand_in(page, lottery)
    visitor.open_live(path)
    wish = wishing(page, lottery)
    expect(wish(0).get_by_role("spinbutton")).to_have_value("9")
    expect(page.locator(".planned").nth(1)).to_contain_text(lottery.names[2])
    expect(wish(0)).to_contain_text("周日 1–2 节")
    commitment = page.locator("dd code").first.inner_text()
    lot = page.locator("dd code").nth(1).inner_text()
    manager = visit("manager", viewport=DESK)
    desk = manager.open_live(f"/manage/rounds/{lottery.id}")
    expect(desk.get_by_text(commitment)).to_be_visible()
    confirm(desk, "暂停选课", "核对名额")
    expect(page.get_by_text("管理员暂停了选课：核对名额").first).to_be_visible()
    expect(page.get_by_role("button", name="保存志愿")).to_have_attribute("aria-disabled", "true")
    confirm(desk, "恢复选课", "核对完毕")
    expect(page.get_by_role("button", name="保存志愿")).not_to_have_attribute("aria-disabled", "true")
    expect(desk.get_by_role("button", name="抽签")).to_have_count(0)
    move_rounds({"id": lottery.id, "closes_in": 0})
    for one in (page, other):
        expect(one.locator(".round").get_by_text("截止")).to_be_visible()
        expect(one.get_by_role("button", name="保存志愿")).to_have_count(0)
    confirm(desk, "抽签")
    # More points go first; what meets at the same time is lost; nobody has reloaded.
    expect(wish(0).get_by_text("中签", exact=True)).to_have_attribute("data-tone", "good", timeout=30_000)
    expect(wish(2).get_by_text("中签", exact=True)).to_be_visible()
    expect(wish(1).get_by_text("未中签")).to_be_visible()
    expect(wish(1).get_by_text("上课时间冲突")).to_be_visible()
    expect(other.locator(".planned").get_by_text("未中签")).to_be_visible(timeout=30_000)
    expect(other.locator(".planned .reason")).to_be_visible()
    expect(desk.get_by_text("种子：")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("4 个志愿，2 个中签")).to_be_visible(timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载抽签文件验算").click()
    file = tmp_path / "draw.json"
    download.value.save_as(file)
    assert lot in file.read_text(encoding="utf-8")
    assert commitment in file.read_text(encoding="utf-8")
    verify = [sys.executable, "-m", "app.enrolment.lottery", "verify"]
    told = subprocess.run([*verify, str(file)], capture_output=True, text=True, check=True).stdout
    digest = told.split()[-1]
    expect(page.get_by_text(digest)).to_be_visible()
    file.write_text(file.read_text(encoding="utf-8").replace('"won"', '"not_drawn"', 1), encoding="utf-8")
    assert "WRONG" in subprocess.run([*verify, str(file)], capture_output=True, text=True, check=False).stdout


@pytest.fixture
def fair_round(campus: Campus, move_rounds: MoveRounds) -> Iterator[dict[str, Any]]:
    """The present term's open round gives way to a fair one, and comes back."""
    before = open_round(campus)
    ends = datetime.fromisoformat(before["closes_at"])
    move_rounds({"id": before["id"], "closes_in": 0})
    gone: list[dict[str, Any]] = []
    try:
        fair = round_of(campus, before["term_id"], "fair", 600, round_no=51, fair_seconds=25)
        gone.append({"id": fair["id"], "gone": True})
        yield fair
    finally:
        move_rounds(*gone, {"id": before["id"], "closes_in": (ends - datetime.now(CAMPUS)).total_seconds()})


def test_a_fair_opening_is_decided_by_lot(
    visit: Visit, campus: Campus, make_sections: MakeSections, move_rounds: MoveRounds, fair_round: dict[str, Any]
) -> None:
    first, second = next_student(), next_student()
    [(course, section)] = make_sections({"name": f"公平开放的课 {uuid4().hex[:6]}", "capacity": 1, "line": 1})
    pages = [visit(one).open_live(f"/courses/{course}") for one in (first, second)]
    for page in pages:
        expect(page.locator(".round").get_by_text("公平开放")).to_be_visible()
        expect(page.get_by_role("timer")).to_be_visible()
    move_rounds({"id": fair_round["id"], "opens_in": 6})
    for page in pages:
        may_enrol(page, section).click()
    held = {one: card(page, section).get_by_role("status") for one, page in zip((first, second), pages, strict=True)}
    for told in held.values():
        expect(told).to_contain_text("最初 25 秒收到的申请不分先后")
    for told in held.values():
        expect(told).to_contain_text(re.compile("选课成功|候补第 1 位"), timeout=60_000)
    file = campus.call(first, "GET", f"/api/rounds/{fair_round['id']}/draw.json").json()
    lots = [one["claim_id"] for one in file["claims"] if one["by_lot"]]
    seed = bytes.fromhex(file["seed"])
    assert len(lots) == 2
    assert lots == sorted(lots, key=lambda one: hmac.new(seed, one.encode(), "sha256").hexdigest())
    winner = [one for one in held if campus.held(one).get(section) == "confirmed"]
    assert len(winner) == 1
    expect(held[winner[0]]).to_contain_text("选课成功")
