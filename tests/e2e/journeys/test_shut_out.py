"""Whoever is shut out hears nothing more: the live line ends, not only the next sign-in."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.browsing import Visitor
from tests.e2e.campus import Campus

Visit = Callable[..., Visitor]


def test_a_disabled_account_loses_its_live_line(visit: Visit, campus: Campus, student: str) -> None:
    visitor = visit(student)
    with visitor.page.expect_websocket(lambda socket: "/ws?" in socket.url) as line:
        visitor.open("/courses")
    line.value.wait_for_event("framereceived")
    (found,) = campus.call("manager", "GET", f"/api/manage/students?q={student}").json()["items"]
    body = {"account_status": "disabled", "version": found["version"]}
    with line.value.expect_event("close", timeout=30_000):
        assert campus.call("manager", "PATCH", f"/api/manage/students/{found['id']}", body).status_code == 200
