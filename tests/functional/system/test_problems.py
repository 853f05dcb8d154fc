"""RFC 9457: every way a request can fail says so in the same shape."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.errors import ConflictError, TooManyRequestsError
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.factory import create_app

LOGIN = "/api/auth/login"
JSON = {"Content-Type": "application/json"}


def expect(answer: TestResponse, status: int, code: str) -> dict[str, object]:
    """Check the shape every problem has; returns the document."""
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"/problems/{code}"
    assert {"title", "detail", "request_id"} <= body.keys()
    return body


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "malformed_json"),
        (b'{"username": NaN}', JSON, 400, "malformed_json"),
        (b"\xff\xfe", JSON, 400, "malformed_json"),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b"{}", {}, 415, "unsupported_media_type"),
        (b"{}", JSON, 422, "invalid_input"),
        (b"", JSON, 422, "invalid_input"),
        (b"[]", JSON, 422, "invalid_input"),
        (b"null", JSON, 422, "invalid_input"),
        (b'{"username": 1, "password": []}', JSON, 422, "invalid_input"),
        (b'{"username": "a", "password": "b", "admin": true}', JSON, 422, "invalid_input"),
        (b'{"username": "' + b"a" * 300_000 + b'"}', JSON, 413, "body_too_large"),
    ],
)
def test_bad_bodies(client: FlaskClient, body: bytes, headers: dict[str, str], status: int, code: str) -> None:
    expect(client.post(LOGIN, data=body, headers=headers), status, code)


def test_validation_names_the_fields(client: FlaskClient) -> None:
    body = expect(client.post(LOGIN, json={"password": 5}), 422, "invalid_input")
    assert body["errors"].keys() == {"username", "password"}


def test_unknown_address_and_wrong_method(client: FlaskClient) -> None:
    expect(client.get("/api/nothing"), 404, "not_found")
    answer = client.get(LOGIN)
    expect(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "Bearer a.b.c", "Bearer é", "x"])
def test_bad_tokens(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/me", headers={"Authorization": header})
    expect(answer, 401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_no_token(client: FlaskClient) -> None:
    expect(client.get("/api/me"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [(None, "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,en;q=0.9", "en"), ("fr", "zh"), ("fr,en;q=0.5", "en")],
)
def test_detail_follows_accept_language(app: Flask, wanted: str | None, language: str) -> None:
    headers = {"Accept-Language": wanted} if wanted else {}
    answer = app.test_client().get("/api/nothing", headers=headers)
    assert answer.headers["Content-Language"] == language
    assert ("没有" in answer.json["detail"]) == (language == "zh")


@pytest.mark.parametrize(
    ("given", "kept"), [("0123456789abcdef", True), ("f" * 64, True), ("ABCDEF0123456789", False), ("x\"'", False)]
)
def test_request_id_is_nginx_s_when_it_looks_like_one(client: FlaskClient, given: str, kept: bool) -> None:
    body = client.get("/api/nothing", headers={"X-Request-ID": given}).json
    assert (body["request_id"] == given) == kept
    assert len(body["request_id"]) >= 16


@pytest.fixture
def failing(services: Services) -> FlaskClient:
    """An application with views that fail in every way."""
    app = create_app(services=services)
    lost = Database("mysql+pymysql://root@127.0.0.1:1/none")

    def view(how: str) -> str:
        if how == "bug":
            raise RuntimeError("secret detail")
        if how == "conflict":
            raise ConflictError(claim_id="42", state="pending")
        if how == "busy":
            raise TooManyRequestsError(retry_after=0.2)
        if how == "breaker":
            raise DependencyDownError("redis")
        if how == "redis":
            connect_redis("redis://127.0.0.1:1/0").ping()
        database = services.db if how == "sql" else lost
        with database.transaction() as session:
            session.execute(text("SELECT nonsense FROM nowhere"))
        return "unreachable"

    app.add_url_rule("/fail/<how>", view_func=view)
    return app.test_client()


@pytest.mark.parametrize("how", ["breaker", "redis", "database"])
def test_outages_are_503_with_a_retry_time(failing: FlaskClient, how: str) -> None:
    answer = failing.get(f"/fail/{how}")
    expect(answer, 503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("how", ["bug", "sql"])
def test_bugs_are_logged_with_the_request_id_and_not_told(
    failing: FlaskClient, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    create_app(services=failing.application.extensions["seatrush"])  # the log handler of this test's stderr
    body = expect(failing.get(f"/fail/{how}"), 500, "internal_error")
    assert "secret" not in str(body)
    assert "nowhere" not in str(body)
    logged = capfd.readouterr().err
    assert body["request_id"] in logged
    assert "Traceback" in logged


def test_domain_errors_carry_their_data(failing: FlaskClient) -> None:
    body = expect(failing.get("/fail/conflict"), 409, "conflict")
    assert (body["claim_id"], body["state"]) == ("42", "pending")
    answer = failing.get("/fail/busy")
    expect(answer, 429, "too_many_requests")
    assert answer.headers["Retry-After"] == "1"


def test_login_without_database_is_a_503(services: Services) -> None:
    away = replace(services, db=Database("mysql+pymysql://root@127.0.0.1:1/none"), breakers=Breakers())
    client = create_app(services=away).test_client()
    for _ in range(5):
        answer = client.post(LOGIN, json={"username": "s00001", "password": "x"})
        expect(answer, 503, "service_unavailable")
