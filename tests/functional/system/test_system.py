"""Health, readiness, metrics, time, and the pages about the API."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from app.extensions.breakers import Breakers
from app.extensions.db import Database
from app.extensions.publisher import Publisher
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.factory import create_app
from blueprints.system import readiness

NOWHERE = "mysql+pymysql://root@127.0.0.1:1/none"


def lamed(services: Services, *, database: bool = False, redis: bool = False) -> FlaskClient:
    """A client of an application that cannot reach some of its servers."""
    changed = replace(
        services,
        breakers=Breakers(),
        db=Database(NOWHERE) if database else services.db,
        redis=connect_redis("redis://127.0.0.1:1/0") if redis else services.redis,
    )
    return create_app(services=changed).test_client()


def test_health_needs_nobody(services: Services) -> None:
    assert lamed(services, database=True, redis=True).get("/healthz").json == {"status": "ok"}


def test_ready_names_every_dependency(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "TIMEOUT", 30.0)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    states = answer.json["dependencies"]
    assert states.keys() == {"database", "redis", "rabbitmq", "zookeeper", "spool"}
    assert (states["database"], states["redis"], states["spool"]) == ("up", "up", "up")
    assert answer.json["breakers"].keys() == {"database", "redis", "rabbitmq", "zookeeper"}


@pytest.mark.parametrize(
    ("lost", "status", "word"),
    [
        ({"database": True}, 200, "degraded"),
        ({"redis": True}, 200, "degraded"),
        ({"database": True, "redis": True}, 503, "unavailable"),
    ],
)
def test_ready_while_a_degraded_mode_can_serve(
    services: Services, monkeypatch: pytest.MonkeyPatch, lost: dict[str, bool], status: int, word: str
) -> None:
    monkeypatch.setattr(readiness, "TIMEOUT", 30.0)  # a refused connection takes its time on a busy machine
    answer = lamed(services, **lost).get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (status, word), answer.json


def test_a_broker_is_up_for_whoever_has_published_nothing_yet(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publisher connects when it is needed first: whether it could is asked here."""
    monkeypatch.setattr(readiness, "TIMEOUT", 30.0)
    for url, state in ((services.settings.amqp_url, "up"), ("amqp://nobody:none@127.0.0.1:1/none", "down")):
        client = create_app(services=replace(services, publisher=Publisher(url))).test_client()
        assert client.get("/readyz").json["dependencies"]["rabbitmq"] == state


def test_slow_is_not_gone(services: Services) -> None:
    """A server that accepts and does not answer: an overloaded one must not be taken out of service for it."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        changed = replace(services, db=Database(NOWHERE), redis=connect_redis(f"redis://127.0.0.1:{port}/0"))
        answer = create_app(services=changed).test_client().get("/readyz")
    assert answer.json["dependencies"]["redis"] == "slow"
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")


def test_metrics(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain")
    assert "seatrush_breaker_open" in answer.text


def test_time_has_an_offset_and_agrees_with_itself(client: FlaskClient) -> None:
    body = client.get("/api/time").json
    now = datetime.fromisoformat(body["now"])
    assert now.utcoffset() is not None
    assert round(now.timestamp() * 1000) == body["epoch_ms"]
    assert abs(body["epoch_ms"] - time.time() * 1000) < 5000


def test_docs_page_has_no_inline_script(client: FlaskClient) -> None:
    answer = client.get("/api/docs")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "/swagger/init.js" in answer.text
    assert answer.text.count("<script") == answer.text.count("<script src=")


def test_every_operation_documents_its_errors_as_problems(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            responses = operation["responses"]
            assert {"500", "503"} <= responses.keys(), path
            assert "default" not in responses, path
            assert ("401" in responses) or "security" not in operation, path
            if "requestBody" in operation:
                assert {"400", "413", "415", "422"} <= responses.keys(), path
    problem = document["components"]["responses"]["problem_401"]["content"]
    assert problem == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
