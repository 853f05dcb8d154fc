"""Files in and out: tried first, confirmed, written before one's eyes; a broken one changes nothing and says why."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Download, Page, expect

from tests.e2e.browsing import Visitor, axe
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]
DESK = {"width": 1280, "height": 900}
HEADINGS = "学号,姓名,班级\r\n"
# Every text of the status region, for what is there for a moment only.
WATCH = """window.told = [];
new MutationObserver(() => window.told.push(document.querySelector('.desk-main').innerText))
  .observe(document.body, { childList: true, subtree: true, characterData: true });"""


def class_name(campus: Campus) -> str:
    """A class of the demo campus."""
    return str(campus.call("manager", "GET", "/api/manage/classes?limit=1").json()["items"][0]["name"])


def choose(page: Page, content: bytes, name: str = "名单.csv") -> None:
    """Put a file into the form."""
    page.get_by_label("文件").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def rows_of(download: Download) -> list[list[str]]:
    """What a downloaded CSV file holds."""
    return list(csv.reader(io.StringIO(Path(download.path()).read_text(encoding="utf-8-sig"))))


def found(campus: Campus, number: str) -> list[dict[str, Any]]:
    """The students whose numbers begin so."""
    items: list[dict[str, Any]] = campus.call("manager", "GET", f"/api/manage/students?q={number}").json()["items"]
    return items


def test_a_file_is_tried_confirmed_and_written(visit: Visit, campus: Campus) -> None:
    school, start = class_name(campus), f"27{uuid4().int % 10**5:05d}"
    good = "".join(f"{start}{n:04d},导入生{n},{school}\r\n" for n in range(450))
    page = visit("manager", viewport=DESK).open("/manage/imports")
    page.get_by_role("button", name="上传并试运行").click()
    expect(page.get_by_text("请选择文件。")).to_be_visible()
    choose(page, f"{HEADINGS}{good}{start}9999,没有班的人,没有这个班\r\n".encode())
    page.get_by_role("button", name="上传并试运行").press("Enter")
    expect(page.get_by_role("status").filter(has_text="等待确认")).to_be_visible()
    assert page.locator(".pairs dd").all_inner_texts() == ["450", "0", "0", "1"]
    mistake = page.get_by_role("table").get_by_role("row").filter(has_text="452")
    expect(mistake).to_contain_text("没有这个班")
    assert axe(page) == []
    assert found(campus, start) == []
    confirm = page.get_by_role("button", name="确认导入")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("先改正错误重新上传")).to_be_visible()
    page.get_by_role("checkbox", name="跳过有错误的 1 行").press("Space")
    page.evaluate(WATCH)
    confirm.press("Enter")
    expect(page.get_by_role("status").filter(has_text="导入完成。")).to_be_visible()
    assert "已写入" in "".join(page.evaluate("window.told"))
    assert len(found(campus, f"{start}0449")) == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="下载错误清单").click()
    _, line = rows_of(download.value)
    assert "452" in line
    assert any("没有这个班" in cell for cell in line)
    page.get_by_role("link", name="导入导出").first.click()
    expect(page.get_by_role("listitem").filter(has_text="名单.csv").filter(has_text="已完成").first).to_be_visible()


def test_a_broken_file_changes_nothing_and_says_why(visit: Visit, campus: Campus) -> None:
    number = f"28{uuid4().int % 10**8:08d}"
    page = visit("manager", viewport=DESK).open("/manage/imports")
    broken = [
        (f"学号,姓名,宿舍\r\n{number},甲,1 栋\r\n".encode(), "名单.csv", "班级"),
        (b"PK\x03\x04" + bytes(200), "名单.xlsx", "XLSX"),
    ]
    for content, name, why in broken:
        choose(page, content, name)
        page.get_by_role("button", name="上传并试运行").click()
        expect(page.get_by_role("status").filter(has_text="失败")).to_be_visible()
        expect(page.locator(".field-error")).to_contain_text(why)
        expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
        page.get_by_role("link", name="导入导出").first.click()
        expect(page.get_by_role("heading", name="导入", exact=True)).to_be_visible()
    assert found(campus, number) == []


def test_a_template_and_an_export_are_downloaded(visit: Visit, campus: Campus) -> None:
    page = visit("manager", viewport=DESK).open("/manage/imports")
    page.get_by_label("内容").select_option(label="课程")
    with page.expect_download() as template:
        page.get_by_role("button", name="下载模板").click()
    headings, example = rows_of(template.value)
    assert headings[:2] == ["课程代码", "课程名称"]
    assert example[0]
    with page.expect_download() as export:
        page.get_by_role("button", name="课程 CSV", exact=True).click()
    assert export.value.suggested_filename == "courses.csv"
    first, *rows = rows_of(export.value)
    assert first == headings
    some = campus.call("manager", "GET", "/api/manage/courses?limit=1").json()["items"][0]
    assert some["name"] in {row[1] for row in rows if row[0] == some["code"]}
