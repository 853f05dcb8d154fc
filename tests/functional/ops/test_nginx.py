"""Nginx as it is rendered: pages, the proxy and its headers, the micro-cache, and its own answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.exchange import jobs
from ops.stack import Stack
from ops.stack.servers.nginx import Nginx
from tests.functional.ops.answers import Answer, ask

NOTHING: Mapping[str, str] = {}


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("/", b"index page"),
        ("/lectures", b"lectures page"),
        ("/lectures/4711", b"lecture page"),
    ],
)
def test_pages_have_short_addresses(stack: Stack, target: str, text: bytes) -> None:
    answer = ask(stack, target)
    assert (answer.status, answer.body) == (200, text)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert ask(stack, target, If_None_Match=answer.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "target",
    [
        "/no-such-page",
        "/lectures/x",
        "/routes.map",
        "/.git/config",
        "/s/none.js",
        "/lecture",
        "/lectures.html",
        "/404.html",
    ],
)
def test_what_is_no_page_is_404(stack: Stack, target: str) -> None:
    """A shell by its own name neither: its router knows no such address, and would load it again and again."""
    assert ask(stack, target).status == 404


def test_hashed_files_are_kept_for_a_year_and_sent_gzipped(stack: Stack) -> None:
    plain = ask(stack, "/s/0123abcd/app.js")
    assert (plain.body, plain.headers["cache-control"]) == (b"let a = 1;", "public, max-age=31536000, immutable")
    small = ask(stack, "/s/0123abcd/app.js", Accept_Encoding="gzip")
    assert (small.body, small.headers["content-encoding"]) == (b"(gzipped)", "gzip")


def test_time_comes_from_nginx_itself(stack: Stack) -> None:
    before = time.time() * 1000
    answer = ask(stack, "/time")
    assert before - 1000 < answer.json["epoch_ms"] < time.time() * 1000 + 1000
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_a_client_can_not_set_the_headers_which_the_application_trusts(stack: Stack) -> None:
    forged = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"}
    forged |= {"X-Request-ID": "mine", "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6", "Proxy": "evil"}
    answer = ask(stack, "/api/echo", **forged)
    seen = answer.json["headers"]
    assert seen["X_FORWARDED_FOR"] == seen["X_REAL_IP"] == "127.0.0.1"
    assert seen["X_FORWARDED_PROTO"] == "http"
    assert not {"X_FORWARDED_HOST", "FORWARDED", "PROXY"} & set(seen)
    assert seen["X_REQUEST_ID"] == answer.headers["x-request-id"] != "mine"
    assert answer.headers["x-content-type-options"] == "nosniff"


def asked_twice(
    stack: Stack, path: str, first: Mapping[str, str] = NOTHING, second: Mapping[str, str] = NOTHING
) -> tuple[str, Answer, Answer]:
    """A target that was never asked for, and two answers within its second: the machine may pause between them, once."""
    for _ in range(5):
        target, began = f"/api/{path}?try={time.monotonic_ns()}", time.monotonic()
        answers = ask(stack, target, **first), ask(stack, target, **second)
        if time.monotonic() - began < 0.5:
            break
    return target, *answers


def test_the_public_list_is_asked_for_once_a_second(stack: Stack) -> None:
    target, first, again = asked_twice(
        stack,
        "lectures",
        {"Authorization": "Bearer a", "Cookie": "a=1"},
        {"Authorization": "Bearer b", "Cookie": "b=2"},
    )
    assert (first.headers["x-cache"], again.headers["x-cache"]) == ("MISS", "HIT")
    assert first.body == again.body
    assert not {"AUTHORIZATION", "COOKIE"} & set(first.json["headers"])
    assert "set-cookie" not in first.headers
    assert len(first.fields.keys()) == len(first.headers), "a header twice"
    time.sleep(2.2)  # Nginx counts whole seconds: one second of validity lasts up to two
    assert ask(stack, target).headers["x-cache"] == "EXPIRED"


@pytest.mark.parametrize("path", ["lectures/1", "courses", "courses/1", "sections", "sections/1", "terms", "rounds"])
def test_what_is_public_is_cached(stack: Stack, path: str) -> None:
    _, *answers = asked_twice(stack, path)
    assert [one.headers["x-cache"] for one in answers] == ["MISS", "HIT"]


@pytest.mark.parametrize(
    "target", ["/api/lectures/1/standing", "/api/me", "/api/me/programme", "/api/lectures/x", "/api/terms/1"]
)
def test_nothing_else_is_cached(stack: Stack, target: str) -> None:
    counts = [ask(stack, target, Authorization="Bearer a").json["count"] for _ in range(2)]
    assert counts[0] < counts[1]
    assert ask(stack, target, Authorization="Bearer a").json["headers"]["AUTHORIZATION"] == "Bearer a"


def test_the_websocket_goes_to_its_own_server(stack: Stack) -> None:
    deflate = {"Sec_WebSocket_Extensions": "permessage-deflate"}
    answer = ask(stack, "/ws?ticket=1", Upgrade="websocket", Connection="Upgrade", **deflate)
    assert answer.json["app"] == "wsgi_ws"
    assert (answer.json["headers"]["UPGRADE"], answer.json["headers"]["CONNECTION"]) == ("websocket", "upgrade")
    assert "SEC_WEBSOCKET_EXTENSIONS" not in answer.json["headers"], "a compressor for each socket"
    assert ask(stack, "/api/ws-tickets", "POST").json["app"] == "wsgi"


def test_operators_addresses_are_for_loopback_only(stack: Stack) -> None:
    assert ask(stack, "/metrics").status == 200
    rendered = (stack.config.etc("nginx") / "seatrush.conf").read_text()
    for place in ("location ^~ /api/ops {", "location = /metrics {"):
        assert rendered.partition(place)[2].split("\n")[1:3] == ["        allow 127.0.0.1;", "        deny all;"]


def test_the_networks_of_operators_are_the_stack_s_own_to_say(stack: Stack) -> None:
    config = replace(stack.config, ops_networks=("10.1.0.0/16", "::1"))
    (rendered,) = [file.text for file in Nginx(config).files() if file.path.name == "seatrush.conf"]
    lines = rendered.partition("location ^~ /api/ops {")[2].split("\n")[1:4]
    assert [line.strip() for line in lines] == ["allow 10.1.0.0/16;", "allow ::1;", "deny all;"]


def test_the_public_status_is_a_file_of_its_own(stack: Stack) -> None:
    """Whatever wrote it; nobody keeps it, as it is another one in two seconds."""
    path = stack.config.run / "public" / "status.json"
    path.unlink(missing_ok=True)
    assert ask(stack, "/status.json").status == 404
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"verdict": "good"}')
    answer = ask(stack, "/status.json", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert (answer.status, answer.json) == (200, {"verdict": "good"})
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/json")
    assert "etag" not in answer.headers


def test_a_body_over_the_limit_is_a_problem_answer(stack: Stack) -> None:
    answer = ask(stack, "/api/echo", "POST", body=b"x" * (1024 * 1024 + 1))
    assert (answer.status, answer.json["code"]) == (413, "body_too_large")
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_the_import_takes_files_and_says_how_large(stack: Stack) -> None:
    limit = jobs.LIMIT_MB * 1024 * 1024
    assert ask(stack, "/api/manage/imports", "POST", body=b"x" * (limit + 1000)).status == 200
    answer = ask(stack, "/api/manage/imports", "POST", body=b"x" * (limit + 2 * 1024 * 1024))
    assert (answer.status, answer.json["code"], answer.json["limit_mb"]) == (413, "file_too_large", jobs.LIMIT_MB)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ask(stack, "/api/manage/imports/1/confirm", "POST", body=b"x" * (1024 * 1024 + 1)).status == 413


def test_the_address_of_a_calendar_feed_stands_in_no_log(stack: Stack) -> None:
    rendered = (stack.config.etc("nginx") / "seatrush.conf").read_text()
    assert rendered.partition("location ^~ /api/calendar/ {")[2].split("\n")[1] == "        access_log off;"
    assert ask(stack, "/api/calendar/a-secret.ics").json["path"] == "/api/calendar/a-secret.ics"


@pytest.mark.parametrize(
    ("method", "target", "headers", "status", "code"),
    [
        ("GET", "/api/lectures/%00", {}, 400, "bad_request"),
        ("GET", "/api/%2e%2e/%2e%2e/etc/passwd", {}, 400, "bad_request"),
        ("GET", "/api/me", {"X_Long": "x" * 9000}, 400, "bad_request"),
        ("GET", f"/api/lectures?q={'x' * 9000}", {}, 414, "uri_too_long"),
        ("TRACE", "/api/me", {}, 405, "method_not_allowed"),
    ],
)
def test_what_nginx_cannot_read_is_answered_with_a_problem(
    stack: Stack, method: str, target: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = ask(stack, target, method, **headers)
    assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_somebody_signed_in_is_told_is_kept_by_nobody(stack: Stack) -> None:
    """Unless the application says more exactly what may be done with it."""
    told = {"Authorization": "Bearer x"}
    assert ask(stack, "/api/silent", **told).headers["cache-control"] == "no-store"
    assert "cache-control" not in ask(stack, "/api/silent").headers
    assert ask(stack, "/api/me", **told).headers["cache-control"] == "no-cache"


def test_the_applications_own_503_passes_as_it_is(stack: Stack) -> None:
    answer = ask(stack, "/api/busy")
    assert (answer.status, answer.json["path"]) == (503, "/api/busy")


def test_without_the_application_the_api_answers_a_problem_and_the_pages_go_on(stack: Stack) -> None:
    cached = f"/api/lectures?try={time.monotonic_ns()}"
    before = ask(stack, cached).body
    web = stack.service("web")
    web.kill(stay_down=True)
    try:
        answer = ask(stack, "/api/lectures/1/bookings", "POST", body=b"{}")
        assert (answer.status, answer.json["code"]) == (503, "service_unavailable")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "2"
        assert answer.json["request_id"] == answer.headers["x-request-id"]
        assert ask(stack, "/lectures").status == 200
        stale = ask(stack, cached)
        assert (stale.body, stale.status) == (before, 200)
    finally:
        web.start()
        web.wait_ready()


def test_too_many_requests_of_one_address_are_refused(stack: Stack) -> None:
    tight = Stack(replace(stack.config, requests_per_second=1, request_burst=2))
    tight.up(["nginx"])
    try:
        answers = [ask(stack, "/api/me") for _ in range(6)]
    finally:
        stack.up(["nginx"])
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].json["code"] == "too_many_requests"
    assert refused[0].headers["retry-after"] == "1"
    assert ask(stack, "/api/me").status == 200
