"""The lean Flask gives the same answers as Flask."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from flask import Flask, Request, Response, after_this_request, request
from werkzeug.test import EnvironBuilder

from blueprints import lean as lean_module
from blueprints.lean import BEGAN, FinishedResponse, LeanFlask


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
    expected = (theirs.status_code, theirs.data, dict(theirs.headers))
    assert (mine.status_code, mine.data, dict(mine.headers)) == expected
    again = lean.open(path, method=method)  # from the remembered route
    assert (again.status_code, again.data, dict(again.headers)) == expected


def test_the_values_of_a_remembered_route_are_the_requests_own() -> None:
    app = LeanFlask("values", static_folder=None)

    def spoil(word: str) -> str:
        assert request.view_args is not None
        request.view_args["word"] = "spoilt"
        return word

    app.add_url_rule("/<word>", view_func=spoil)
    client = app.test_client()
    assert [client.get("/fresh").text for _ in range(3)] == ["fresh"] * 3


def test_no_more_routes_are_remembered_than_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean_module, "_KNOWN_ROUTES", 3)
    app = fill(LeanFlask("few", static_folder=None))
    for at in range(10):
        assert app.test_client().get(f"/path/{at}").json == {"rest": str(at), "q": None}
    assert len(app._routes) <= 3


@pytest.mark.parametrize(("kind", "cycles"), [(LeanFlask, False), (Flask, True)])
def test_a_request_leaves_nothing_for_the_collector(kind: type[Flask], cycles: bool) -> None:
    """werkzeug's own matcher does: this test can fail."""
    app = fill(kind("clean", static_folder=None))
    environ = EnvironBuilder("/post", method="POST").get_environ()

    def ask() -> None:
        for _ in range(50):
            assert b"".join(app(dict(environ), lambda *_: None)) == b"done"

    ask()
    gc.collect()
    gc.disable()
    try:
        ask()
        assert (gc.collect() >= 50) is cycles
    finally:
        gc.enable()


def test_a_hook_that_is_registered_is_called() -> None:
    called: list[str] = []

    def change(response: Response) -> Response:
        called.append("after")
        response.headers["X-Changed"] = "1"
        return response

    app = fill(LeanFlask("hooked", static_folder=None))
    app.after_request(change)
    assert app.test_client().get("/finished").headers["X-Changed"] == "1"
    own = fill(LeanFlask("own", static_folder=None))

    @own.route("/one")
    def one() -> str:
        after_this_request(change)
        return "one"

    assert "X-Changed" in own.test_client().get("/one").headers
    assert "X-Changed" not in own.test_client().get("/finished").headers
    assert called == ["after", "after"]


def test_every_answer_is_told_once_errors_too() -> None:
    told: list[tuple[str, int, bool]] = []

    def note(request: Request, response: Response) -> None:
        told.append((request.path, response.status_code, BEGAN in request.environ))
        raise RuntimeError("must not cost the answer")

    app = fill(LeanFlask("told", static_folder=None))
    app.add_url_rule("/wrong", view_func=lambda: 1 // 0, endpoint="wrong")
    app.on_answer = note
    for path, status in (("/finished", 202), ("/nothing", 404), ("/wrong", 500)):
        assert app.test_client().get(path).status_code == status
    assert told == [("/finished", 202, True), ("/nothing", 404, True), ("/wrong", 500, True)]


def test_hooks_around_a_request_are_called() -> None:
    called: list[str] = []
    app = fill(LeanFlask("hooked", static_folder=None))
    app.before_request(lambda: called.append("before"))
    app.teardown_request(lambda _error: called.append("after"))
    app.test_client().get("/finished")
    assert called == ["before", "after"]
