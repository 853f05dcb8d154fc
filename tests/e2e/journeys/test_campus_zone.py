"""The pages' clocks in any campus time zone: the site's own modules in Chromium, whose own zone is another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from ops.webroot.build import WEB

Ask = Callable[[str], Any]
_MODULES = "Promise.all([import('/lib/format.js'), import('/lib/wall-time.js')])"
ZONES = ("Europe/Berlin", "Asia/Shanghai", "America/St_Johns", "Australia/Lord_Howe")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of web/ as it is, beside an empty page for each zone."""
    folder = tmp_path_factory.mktemp("zones")
    for name in ("lib", "vendor", "i18n"):
        copytree(WEB / name, folder / name)
    for number, zone in enumerate(ZONES):
        Path(folder / f"{number}.html").write_text(f'<!doctype html><html lang="zh-CN" data-zone="{zone}">')
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def campus_in(browser: Browser, sources: str) -> Iterator[Callable[[str], Ask]]:
    """`ask = campus_in("Europe/Berlin")`, then `ask("format.toInput(0)")`: by a browser in New York."""
    context = browser.new_context(timezone_id="America/New_York", locale="zh-CN")

    def enter(zone: str) -> Ask:
        page = context.new_page()
        page.goto(f"{sources}/{ZONES.index(zone)}.html")
        return lambda what: page.evaluate(f"{_MODULES}.then(([format, wall]) => {what})")

    yield enter
    context.close()


@pytest.mark.parametrize("zone", ZONES)
def test_times_are_the_campuss_and_come_back(campus_in: Callable[[str], Ask], zone: str) -> None:
    """Through a year, an hour and a half at a time; in the hour that comes twice a field cannot say which is meant."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(minutes=90 * n) for n in range(365 * 16)]
    epochs = [int(one.timestamp() * 1000) for one in times]
    ask = campus_in(zone)
    local = [one.astimezone(ZoneInfo(zone)) for one in times]
    assert ask(f"{epochs}.map(format.toInput)") == [one.strftime("%Y-%m-%dT%H:%M") for one in local]
    back = ask(f"{epochs}.map((one) => wall.fromInput(format.toInput(one)))")
    assert [datetime.fromisoformat(one) for one in back] == [one.replace(fold=0).astimezone(UTC) for one in local]


def test_summer_and_winter(campus_in: Callable[[str], Ask]) -> None:
    ask = campus_in("Europe/Berlin")
    for field, means in (
        ("2026-07-01T19:00", "2026-07-01T17:00:00"),
        ("2026-12-01T19:00", "2026-12-01T18:00:00"),
        ("2026-03-29T01:59", "2026-03-29T00:59:00"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00"),
        ("2026-03-29T02:30", "2026-03-29T01:30:00"),  # skipped: half past three
        ("2026-10-25T02:30", "2026-10-25T00:30:00"),  # twice: the first
        ("2026-10-25T03:00", "2026-10-25T02:00:00"),
    ):
        assert ask(f"wall.fromInput('{field}')") == f"{means}.000Z", field
    assert ask("format.format('2026-07-01T23:00:00Z', 'time')") == "01:00"
    assert ask("format.campusDay('2026-07-01T23:00:00Z')") == "2026-07-02"
    assert ask("format.zoneName()") == "中欧时间"
    assert ask("wall.fromInput('')") == ""


def test_the_usual_campus(campus_in: Callable[[str], Ask]) -> None:
    ask = campus_in("Asia/Shanghai")
    assert ask("wall.fromInput('2026-11-20T19:00')") == "2026-11-20T11:00:00.000Z"
    assert ask("format.zoneName()") == "中国标准时间"
