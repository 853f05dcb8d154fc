"""The lean Flask gives the same answers as Flask."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from blueprints.lean import FinishedResponse, LeanFlask


def fill(app: Flask) -> Flask:
    app.url_map.strict_slashes = False
    app.add_url_rule(
        "/finished", view_func=lambda: FinishedResponse("结果", 202, [("Content-Type", "text/plain")]), endpoint="f"
    )
    app.add_url_rule(
        "/path/<path:rest>", view_func=lambda rest: {"rest": rest, "q": request.args.get("q")}, endpoint="p"
    )
    app.add_url_rule("/post", view_func=lambda: "done", methods=["POST"], endpoint="post")
    app.add_url_rule("/host", view_func=lambda: request.host, endpoint="host")
    return app


@pytest.fixture
def lean() -> Any:
    return fill(LeanFlask("lean", static_folder=None)).test_client()


@pytest.fixture
def plain() -> Any:
    return fill(Flask("plain", static_folder=None)).test_client()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/finished"),
        ("HEAD", "/finished"),
        ("GET", "/finished/"),
        ("GET", "/path/a/b?q=1"),
        ("GET", "/path/%E8%AE%B2%E5%BA%A7?q=%E8%AF%BE"),
        ("GET", "/path/%ff%fe"),
        ("GET", "//finished"),
        ("GET", "/nothing"),
        ("GET", "/post"),
        ("OPTIONS", "/post"),
        ("POST", "/post"),
        ("GET", "/host"),
    ],
)
def test_answers_are_flasks_own(lean: Any, plain: Any, method: str, path: str) -> None:
    mine, theirs = lean.open(path, method=method), plain.open(path, method=method)
    assert (mine.status_code, mine.data, dict(mine.headers)) == (theirs.status_code, theirs.data, dict(theirs.headers))


def test_a_hook_that_is_registered_is_called() -> None:
    called: list[str] = []
    app = fill(LeanFlask("hooked", static_folder=None))
    app.before_request(lambda: called.append("before"))
    app.teardown_request(lambda _error: called.append("after"))
    app.test_client().get("/finished")
    assert called == ["before", "after"]
