"""A person at a browser: Debian's Chromium, one context per person, and what the page asked for and complained about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Route, expect

from tests.e2e.campus import PASSWORD

PHONE = {"width": 390, "height": 844}
# Width, theme and language of a page that is looked at as a whole: each way once, long words where there is least room.
# Colours are tested by arithmetic too.
LOOKS = [(320, "dark", "en"), (1280, "light", "zh")]
MOST_REQUESTS = 12
MOST_BYTES = 40 * 1024
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What Chromium itself writes about a refused request; the page's own errors are what the tests are after.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# A server that pauses for some seconds is told of as away, once or twice, and the page asks again.
_AWAY, MOST_AWAY = "the server responded with a status of 503", 2
_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_WHOLE = """new MutationObserver((_, watch) => {
  if (!document.querySelector('h1')) return;
  window.whole = Date.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });"""
_students = count(1)


def launch(playwright: Playwright) -> Browser:
    """Chromium without a screen and without a look at the network beyond this machine."""
    return playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=ARGUMENTS)


def next_student() -> str:
    """A student whom no other test of this run uses."""
    return f"s{next(_students):05d}"


@dataclass
class Visitor:
    """One person's browser: `page` is the first tab."""

    site: str
    context: BrowserContext
    page: Page
    username: str | None
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> Page:
        """Note the page's requests and complaints."""
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        return page

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _REFUSED.search(message.text):
            self.complaints.append(message.text)

    def complained(self) -> list[str]:
        """The complaints, without those of a server that paused for a moment."""
        others = [one for one in self.complaints if _AWAY not in one]
        return others if len(self.complaints) - len(others) <= MOST_AWAY else self.complaints

    def forgive(self, part: str) -> None:
        """Drop complaints that the test itself caused: those that contain `part`."""
        self.complaints[:] = [one for one in self.complaints if part not in one]

    def open(self, path: str, page: Page | None = None) -> Page:
        """Go to an address of the site, and wait for its heading."""
        page = page or self.page
        page.goto(self.site + path)
        page.get_by_role("heading", level=1).first.wait_for()
        return page

    def open_live(self, path: str, page: Page | None = None) -> Page:
        """The same, and wait until the page's live line is up: from here on it misses nothing."""
        page = page or self.page
        with page.expect_websocket(lambda socket: "/ws?" in socket.url) as line:
            self.open(path, page)
        line.value.wait_for_event("framereceived")  # the first beat
        return page

    def another_tab(self) -> Page:
        """A second tab of the same person."""
        return self.watch(self.context.new_page())

    def sent(self, method: str, path: str) -> list[Request]:
        """The requests made so far with this method whose path matches the pattern in full."""
        return [
            one
            for one in self.requests
            if one.method == method and re.fullmatch(path, one.url.removeprefix(self.site).partition("?")[0])
        ]

    def keys(self, lecture: str, method: str = "POST") -> list[str]:
        """The Idempotency-Key of every request that books (POST) or cancels (DELETE), in order."""
        return [
            one.headers["idempotency-key"] for one in self.sent(method, f"/api/lectures/{lecture}/bookings(/mine)?")
        ]


@contextmanager
def visiting(browser: Browser, site: str, username: str | None, **options: Any) -> Iterator[Visitor]:
    """A person at the site, signed in when named; on a phone unless `viewport` says otherwise."""
    language = options.pop("language", "zh")
    # Without motion: a spinner on a machine without a graphics card costs as much as the page.
    still = {"viewport": PHONE, "locale": "zh-CN", "timezone_id": "America/New_York", "reduced_motion": "reduce"}
    settings = {**still, **options}
    context = browser.new_context(**settings)
    once = f"localStorage.getItem('seatrush.language') ?? localStorage.setItem('seatrush.language', '{language}');"
    if username:
        body = {"username": username, "password": PASSWORD}
        answer = context.request.post(f"{site}/api/auth/login", data=body)
        assert answer.ok, answer.text()
        once += "localStorage.setItem('seatrush.signed-in', '1');"
    context.add_init_script(once)
    visitor = Visitor(site, context, context.new_page(), username)
    visitor.watch(visitor.page)
    try:
        yield visitor
    finally:
        context.close()


def refuse(route: Route, status: int, code: str, retry_after: int | None = None) -> None:
    """Answer a request of the page as the application refuses; the operation number is 01JOURNEY."""
    headers = {"Content-Type": "application/problem+json"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    body = json.dumps({"status": status, "code": code, "request_id": "01JOURNEY"})
    route.fulfill(status=status, headers=headers, body=body)


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Fill in the form of the login page and send it."""
    page.get_by_label("学号或工号").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def confirm_deletion(page: Page) -> None:
    """Delete what the open dialog shows, and say yes to the question, which is a dialog of its own above it."""
    dialogs = page.get_by_role("dialog")
    dialogs.get_by_role("button", name="删除").click()
    expect(dialogs).to_have_count(2)
    dialogs.last.get_by_role("button", name="删除").click()


def may_book(page: Page) -> None:
    """The page knows who is looking, and the button may be pressed."""
    expect(page.get_by_role("button", name="立即预约")).not_to_have_attribute("aria-disabled", "true")


def press_book(page: Page) -> None:
    """Press the one button that matters."""
    page.get_by_role("button", name="立即预约").click()


def outcome(page: Page, text: str) -> None:
    """The page's one status region says so."""
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_visible()


def axe(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds wrong: (rule, the first elements). The page is made tall first, so that nothing is covered."""
    size = page.viewport_size
    assert size is not None
    height = max(3200, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate(_AXE + ";0")
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    page.set_viewport_size(size)
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found["violations"]]


def light_first_load(visitor: Visitor, path: str) -> None:
    """At most 12 requests and 40 KB of files until a second after the page's heading; the rest comes later, on purpose.

    By the browser's own clock, so that a slow driver counts nothing else; of the three looks at the clock only the first.
    """
    visitor.context.add_init_script(_WHOLE)
    page = visitor.open(path)
    page.wait_for_timeout(1000)
    page.wait_for_load_state("networkidle")
    whole = page.evaluate("window.whole")
    asked = list(visitor.requests)  # what comes while these are answered is later still
    for one in asked:
        one.response()  # a request without an answer has no time yet, and would look like an early one
    clock, *rest = sorted((one for one in asked if one.timing["startTime"] <= whole + 1000), key=_is_file)
    first = [clock, *(one for one in rest if not one.url.endswith("/time"))]
    assert len(first) <= MOST_REQUESTS, (path, [one.url for one in first])
    received = sum(one.sizes()["responseBodySize"] for one in first if "/api/" not in one.url)
    assert received < MOST_BYTES, (path, received)
    assert all(one.url.startswith((visitor.site, "data:")) for one in asked)


def _is_file(request: Request) -> bool:
    return not request.url.endswith("/time")
