"""The operators' pages: the live state, admission, dead letters, reconciliation and rebuild; who may open them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import pika
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.admission.claims import Claim
from ops.stack import Stack
from tests.e2e.browsing import LOOKS, Visitor, axe, light_first_load, refuse
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
Down = Callable[[str], AbstractContextManager[None]]
DESK = {"width": 1280, "height": 900}
PATHS = ("/ops", "/ops/admission", "/ops/dead-letters", "/ops/reconciliation")
DEAD = "claims.dead"


def agree(page: Page, name: str, reason: str = "演练") -> None:
    """Give the dialog its reason and press its button; it is over when the dialog has closed."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=name).click()
    expect(dialog.get_by_text("必填")).to_be_visible()
    dialog.get_by_label("原因").fill(reason)
    dialog.get_by_role("button", name=name).click()
    expect(dialog).to_be_hidden()


def row(page: Page, table: str, name: str) -> Locator:
    return page.get_by_role("table", name=table).get_by_role("row").filter(has_text=name)


def test_the_state_is_live(visit: Visit, down: Down) -> None:
    visitor = visit("admin", viewport=DESK)
    page = visitor.open("/ops")
    expect(page.get_by_text("一切正常")).to_be_visible(timeout=90_000)
    expect(row(page, "程序", "网站")).to_have_count(2)
    for server in ("MariaDB", "Redis", "RabbitMQ", "ZooKeeper"):
        expect(row(page, "服务器", server)).to_contain_text("正常")
    expect(row(page, "队列", "claims.0")).to_contain_text("1")
    expect(page.locator(".chart").filter(has_text="等待决定")).to_contain_text("分钟：最低 0")
    assert len(visitor.sent("GET", "/api/ops/history")) == 1
    with down("claims"):
        expect(page.get_by_text("申请处理 · 不可用")).to_be_visible(timeout=60_000)
        expect(row(page, "程序", "申请处理")).to_contain_text("不可用")
    expect(page.get_by_text("一切正常")).to_be_visible(timeout=90_000)


SAID = {
    "zh": ("持有虚拟 IP", "副本", "差 1,200 字节 · 1,000 毫秒", "成员 · Synced", "3 个事务待应用", "没有回答"),
    "en": (
        "holds the virtual IP",
        "replica",
        "1,200 bytes behind · 1,000 ms",
        "member · Synced",
        "3 to be applied",
        "not answer",
    ),
}


def member(name: str, role: str | None, **more: object) -> dict[str, object]:
    return {"name": name, "state": "up", "role": role, "note": None, "behind": None, "lag_ms": None, **more}


def three_hosts(state: dict[str, Any]) -> dict[str, Any]:
    """The state as three hosts have it: the second a follower that holds the address, the third without a word."""
    (one,) = state["hosts"]
    first = [
        member("mariadb", "writer", note="Synced", behind=0),
        member("redis", "primary"),
        member("rabbitmq", "member"),
        member("zookeeper", "leader"),
    ]
    second = [
        member("mariadb", "member", note="Synced", behind=3),
        member("redis", "replica", behind=1200, lag_ms=1000),
        member("rabbitmq", None, state="down"),
        member("zookeeper", "follower"),
    ]
    third = {**one, "name": "h3", "state": "down", "holds_vip": None, "programs": [], "servers": [], "spool": None}
    hosts = [{**one, "name": "h1", "holds_vip": False, "servers": first}, {**one, "name": "h2", "holds_vip": True}]
    return {**state, "vip_holder": "h2", "hosts": [hosts[0], {**hosts[1], "servers": second}, third]}


@pytest.mark.parametrize(("width", "language"), [(1280, "zh"), (390, "en")])
def test_three_hosts(visit: Visit, width: int, language: str) -> None:
    """What the server says of three hosts is tested with the API; here it is shown."""
    visitor = visit("admin", viewport={"width": width, "height": 900}, language=language)

    def told(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=three_hosts(answer.json()))

    visitor.page.route("**/api/ops/status", told)
    page = visitor.open("/ops")
    host = page.locator("section").filter(has=page.get_by_role("heading", name="h2"))
    words = SAID[language]
    for word in words[:-1]:
        expect(host).to_contain_text(word)
    expect(page.locator("section").filter(has=page.get_by_role("heading", name="h3"))).to_contain_text(words[-1])
    troubles = page.locator(".troubles li")
    expect(troubles).to_have_count(2)
    expect(troubles.nth(0)).to_contain_text("h2 · RabbitMQ")
    expect(troubles.nth(1)).to_contain_text("h3")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.unroute_all(behavior="wait")  # the page asks on, and an answer after its end would fail the next test


def test_a_host_that_is_gone_is_written_off(visit: Visit) -> None:
    """Here there is one host, which the application would not write off: what the page sends is looked at."""
    visitor, sent = visit("admin", viewport=DESK), []

    def told(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=three_hosts(answer.json()))

    def written_off(route: Route) -> None:
        sent.append((route.request.method, route.request.post_data_json))
        route.fulfill(json={"host": "h3", "written_off_at": "2026-11-20T19:00:00+08:00"})

    visitor.page.route("**/api/ops/status", told)
    visitor.page.route("**/api/ops/hosts/h3/write-off", written_off)
    page = visitor.open("/ops")
    expect(page.get_by_role("button", name="核销暂存区")).to_have_count(1)
    gone = page.locator("section").filter(has=page.get_by_role("heading", name="h3"))
    gone.get_by_role("button", name="核销暂存区").click()
    expect(page.get_by_role("dialog")).to_contain_text("h3")
    agree(page, "核销暂存区", "机房失火")
    expect(gone.get_by_role("status")).to_contain_text("已核销")
    expect(gone).to_contain_text("11月20日")
    assert sent == [("POST", {"reason": "机房失火"})]
    assert axe(page) == []
    page.unroute_all(behavior="wait")  # the page asks on, and an answer after its end would fail the next test


def test_several_hosts_without_a_virtual_address_have_no_trouble_with_it(visit: Visit) -> None:
    visitor = visit("admin", viewport=DESK)

    def told(route: Route) -> None:
        answer = route.fetch()
        state = answer.json()
        hosts = [{**state["hosts"][0], "name": name, "holds_vip": None} for name in ("h1", "h2")]
        route.fulfill(response=answer, json={**state, "vip_holder": None, "hosts": hosts})

    visitor.page.route("**/api/ops/status", told)
    page = visitor.open("/ops")
    expect(page.get_by_role("heading", name="h2")).to_be_visible()
    expect(page.get_by_text("一切正常")).to_be_visible(timeout=90_000)
    page.unroute_all(behavior="wait")  # the page asks on, and an answer after its end would fail the next test


def test_it_says_when_it_is_not_live(visit: Visit) -> None:
    visitor = visit("admin", viewport=DESK)
    page = visitor.open("/ops")
    expect(page.get_by_text("一切正常")).to_be_visible(timeout=90_000)
    page.route("**/api/ops/status", lambda route: refuse(route, 503, "service_unavailable"))
    expect(page.get_by_role("status").filter(has_text="数据已停止更新")).to_be_visible()
    page.unroute("**/api/ops/status")
    expect(page.get_by_role("status").filter(has_text="数据已停止更新")).to_be_hidden()
    visitor.forgive("status of 503")


def test_the_limit_is_changed(visit: Visit, campus: Campus) -> None:
    before = campus.call("admin", "GET", "/api/ops/admission").json()
    page = visit("admin", viewport=DESK).open("/ops/admission")
    change = page.get_by_role("button", name="修改")
    try:
        page.get_by_label("每秒放行").fill("many")
        expect(page.get_by_text("0 到 1000000 的整数")).to_be_visible()
        expect(change).to_have_attribute("aria-disabled", "true")
        page.get_by_label("每秒放行").fill("4321")
        change.click()
        agree(page, "修改")
        expect(page.get_by_role("status").filter(has_text="已生效")).to_be_visible()
        assert campus.call("admin", "GET", "/api/ops/admission").json() == {**before, "rate": 4321}
    finally:
        campus.call("admin", "PUT", "/api/ops/admission", before).raise_for_status()


def test_a_lecture_is_paused_and_resumed(visit: Visit, campus: Campus) -> None:
    title = f"暂停的讲座 {uuid4().hex[:8]}"
    lecture = campus.lecture(title=title)
    page = visit("admin", viewport=DESK).open("/ops/admission")
    page.get_by_role("combobox", name="哪一个").fill(title)
    page.get_by_role("option", name=title).click()
    assert axe(page) == []
    for button, done, frozen in (("暂停", "已暂停。", True), ("恢复", "已恢复。", False)):
        page.get_by_role("button", name=button, exact=True).click()
        agree(page, button)
        expect(page.get_by_role("status").filter(has_text=done)).to_be_visible()
        expect(page.get_by_role("button", name="恢复" if frozen else "暂停", exact=True)).to_be_focused()
        assert campus.call("manager", "GET", f"/api/manage/lectures/{lecture}").json()["frozen"] is frozen


@pytest.fixture
def broker(stack: Stack) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """A channel to the site's broker, with an empty queue of dead letters before and after."""
    with pika.BlockingConnection(pika.URLParameters(stack.environment()["SEATRUSH_AMQP_URL"])) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_purge(DEAD)
        yield channel
        channel.queue_purge(DEAD)


def test_a_dead_letter_is_driven_again(
    visit: Visit, campus: Campus, student: str, broker: pika.adapters.blocking_connection.BlockingChannel
) -> None:
    """A claim that lies there by mistake is decided afterwards; what is no claim stays."""
    lecture, user = campus.lecture(), campus.call(student, "GET", "/api/me").json()["id"]
    claim = Claim(str(uuid4()), "lecture", "book", int(user), int(lecture), admitted_at=int(time.time() * 1000))
    for body, reason in ((json.dumps([asdict(claim)]), "KeyError('pool')"), ("no claim", "ValueError('what')")):
        properties = pika.BasicProperties(message_id=str(uuid4()), headers={"x-reason": reason}, delivery_mode=2)
        broker.basic_publish(DEAD, "", body.encode(), properties)
    page = visit("admin", viewport=DESK).open("/ops/dead-letters")
    letters = page.get_by_role("listitem").filter(has=page.locator("strong"))
    expect(letters).to_have_count(2)
    expect(letters.filter(has_text="ValueError")).to_contain_text("不是申请")
    assert axe(page) == []
    page.get_by_role("button", name=f"重新投递 {claim.id}").click()
    agree(page, "重新投递")
    expect(page.get_by_role("status").filter(has_text="已投递 1 条，留下 0 条")).to_be_visible()
    expect(letters).to_have_count(1)
    assert campus.decided(student, claim.id)["state"] == "confirmed"
    page.get_by_role("button", name="全部重新投递").click()
    agree(page, "重新投递")
    expect(page.get_by_role("status").filter(has_text="已投递 0 条，留下 1 条")).to_be_visible()


def test_everything_is_compared_and_redis_built_anew(visit: Visit, campus: Campus) -> None:
    campus.lecture()
    page = visit("admin", viewport=DESK).open("/ops/reconciliation")
    page.get_by_role("button", name="现在全部比较").click()
    # Not the maintenance program's own last outcome, which the page shows above and which may say the same words.
    found = page.get_by_role("status").filter(has_text=re.compile("全部一致|有申请在途"))
    expect(found).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="重建", exact=True).click()
    agree(page, "重建", "演练：重建")
    expect(page.get_by_role("status").filter(has_text="重建完成")).to_be_visible(timeout=60_000)


def test_who_may_open_them(visit: Visit) -> None:
    visitor = visit("manager")
    for path in PATHS:
        expect(visitor.open(path).get_by_role("heading", name="没有权限")).to_be_visible()
    assert not visitor.sent("GET", "/api/ops/.*")
    expect(visitor.open("/manage").get_by_role("link", name="运行状态")).to_have_count(0)
    expect(visit("admin").open("/manage").get_by_role("link", name="运行状态")).to_be_visible()


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_they_are_accessible(visit: Visit, width: int, theme: str, language: str) -> None:
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme, "language": language}
    visitor = visit("admin", **look)
    for path in PATHS:
        page = visitor.open(path)
        expect(page.locator(".chart, .sheet, .empty").first).to_be_visible()
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"


def test_first_load_is_light(visit: Visit) -> None:
    for path in ("/ops", "/ops/admission"):
        light_first_load(visit("admin"), path)
