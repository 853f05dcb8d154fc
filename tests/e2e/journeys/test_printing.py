"""On paper: black on white whatever the screen's theme, nothing that can only be pressed, everything that is needed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor, next_student
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
DARK_DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"}
# What a reader of the paper sees of each element that has a colour of its own: text and the ground it stands on.
_UNREADABLE = """() => {
  const grey = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return a === 0 ? null : (0.299 * r + 0.587 * g + 0.114 * b) / 255;
  };
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((one) => {
      let ground = null;
      for (let up = one; up && ground === null; up = up.parentElement) ground = grey(getComputedStyle(up).backgroundColor);
      return [one.textContent.trim().slice(0, 30), grey(getComputedStyle(one).color), ground ?? 1];
    })
    .filter(([, ink, ground]) => ink > 0.35 || ground < 0.99);
}"""


def pages_of(pdf: bytes) -> int:
    """How many sheets of paper."""
    return pdf.count(b"/Type /Page\n")


def on_paper(page: Page) -> bytes:
    """Look at the page as a printer does; returns its PDF."""
    page.emulate_media(media="print")
    assert page.evaluate(_UNREADABLE) == []
    for hidden in ("navigation", "button"):
        expect(page.get_by_role(hidden)).to_have_count(0)
    expect(page.locator(".topbar, .tabbar, .footer").filter(visible=True)).to_have_count(0)
    return page.pdf(prefer_css_page_size=True)


def test_a_ticket(visit: Visit, campus: Campus, student: str) -> None:
    lecture = campus.lecture(title="要打印票的讲座")
    claim = campus.book(student, lecture)
    page = visit(student, **DARK_DESK).open(f"/tickets/{claim['claim_id']}")
    code = page.get_by_role("img", name="入场二维码")
    expect(code).to_be_visible()
    pdf = on_paper(page)
    expect(code).to_be_visible()
    size = code.bounding_box()
    assert size is not None
    assert size["width"] >= 150, "a scanner at the door must be able to read it"
    expect(page.get_by_role("heading", name="要打印票的讲座")).to_be_visible()
    person = campus.call(student, "GET", "/api/me").json()
    expect(page.get_by_role("main").get_by_text(person["display_name"])).to_be_visible()
    expect(page.get_by_text(person["student"]["student_no"])).to_be_visible()
    assert pages_of(pdf) == 1


def test_a_roster(visit: Visit, campus: Campus) -> None:
    coming, leaving = next_student(), next_student()
    lecture = campus.lecture(title="要打印名单的讲座")
    campus.book(coming, lecture)
    campus.book(leaving, lecture)
    campus.cancel(leaving, lecture)
    visitor = visit("manager", **DARK_DESK)
    page = visitor.open(f"/manage/lectures/{lecture}")
    rows = page.locator(".roster tbody tr")
    expect(rows.filter(has_text="已取消")).to_be_visible()
    page.get_by_role("radio", name="已取消").check()
    expect(rows).to_have_count(1)
    page.get_by_role("radio", name="候补中").check()
    expect(page.get_by_text("没有这种状态的预约。")).to_be_visible()
    page.get_by_role("radio", name="全部").check()
    expect(rows).to_have_count(2)
    # The button reads the whole list and hands it to the browser's print dialog.
    page.evaluate("window.print = () => (window.printed = document.querySelectorAll('.roster tbody tr').length)")
    page.get_by_role("button", name="打印名单").click()
    page.wait_for_function("window.printed === 2")
    pdf = on_paper(page)
    expect(page.get_by_role("heading", name="要打印名单的讲座")).to_be_visible()
    expect(rows.filter(has_text="预约成功")).to_be_visible()
    expect(rows.filter(has_text="已取消")).not_to_be_visible()
    expect(page.get_by_role("columnheader", name="签名")).to_be_visible()
    expect(page.get_by_label("题目")).not_to_be_visible()
    assert pages_of(pdf) == 1


def test_the_ledger(visit: Visit, campus: Campus, student: str) -> None:
    title = f"记在账上的讲座 {uuid4().hex}"
    lecture = campus.lecture(title=title)
    campus.book(student, lecture)
    page = visit(student, **DARK_DESK).open("/claims")
    entry = page.get_by_role("listitem").filter(has_text=title)
    expect(entry).to_be_visible()
    assert pages_of(on_paper(page)) >= 1
    expect(entry.get_by_text("预约成功")).to_be_visible()
