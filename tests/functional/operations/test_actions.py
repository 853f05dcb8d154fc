"""What operators do: brakes, rebuild, comparing, dead letters. Each by an operator only, with a reason that is kept."""

from __future__ import annotations

import socket
import uuid
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from app.admission.claims import Claim
from app.admission.engine import Engine
from app.auth.permissions import Role
from app.extensions.broker import DEAD, Message
from app.extensions.services import Services
from app.lectures.models import KIND
from tests.factories import bearer, make_account
from tests.functional.audit.conftest import Log, log
from tests.functional.lectures.conftest import Hall, Maker
from tests.functional.operations.conftest import Lamed, finish_outbox
from tests.waiting import until

__all__ = ["log"]

REASON = {"reason": "演练"}
WRITES = [
    ("PUT", "/api/ops/admission", {"rate": 5, "burst": 5}),
    ("POST", "/api/ops/offerings/lecture/1/freeze", REASON),
    ("POST", "/api/ops/offerings/section/1/resume", REASON),
    ("POST", "/api/ops/rebuild", REASON),
    ("POST", "/api/ops/reconciliation", None),
    ("POST", "/api/ops/dead-letters/redrive", REASON),
    ("GET", "/api/ops/dead-letters", None),
]
WITH_REASON = [path for method, path, body in WRITES if body == REASON]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_operators_may(client: FlaskClient, services: Services, method: str, path: str, body: Any) -> None:
    manager = bearer(services, make_account(services, Role.MANAGER))
    assert client.open(path, method=method, json=body, headers=manager).status_code == 403
    assert client.open(path, method=method, json=body).status_code == 401


@pytest.mark.parametrize("path", WITH_REASON)
@pytest.mark.parametrize("body", [{"reason": "x" * 256}, {"reason": 1}, [], "because"])
def test_a_reason_is_a_short_text(client: FlaskClient, admin: dict[str, str], path: str, body: Any) -> None:
    answer = client.post(path, json=body, headers=admin)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_a_lecture_is_frozen_and_resumed(
    client: FlaskClient, engine: Engine, admin: dict[str, str], make: Maker
) -> None:
    lecture = make().lecture.id
    for word, frozen in (("freeze", b"1"), ("freeze", b"1"), ("resume", b"0")):
        path = f"/api/ops/offerings/lecture/{lecture}/{word}"
        assert client.post(path, json=REASON, headers=admin).status_code == 204
        assert engine.store.redis.hget(f"sr:o:{KIND}:{lecture}", "frozen") == frozen
    missing = client.post("/api/ops/offerings/lecture/7/freeze", json=REASON, headers=admin)
    assert (missing.status_code, missing.json["code"]) == (404, "lecture_not_found")
    missing = client.post("/api/ops/offerings/section/7/freeze", json=REASON, headers=admin)
    assert (missing.status_code, missing.json["code"]) == (404, "section_not_found")


@pytest.mark.parametrize("said", [{}, {"json": {}}, {"json": {"reason": ""}}])
def test_a_script_need_not_say_why(
    client: FlaskClient, admin: dict[str, str], make: Maker, engine: Engine, said: dict[str, Any]
) -> None:
    """DESIGN §5 names these routes without a body; the pages ask for a reason."""
    lecture = make().lecture.id
    for word, frozen in (("freeze", b"1"), ("resume", b"0")):
        assert client.post(f"/api/ops/offerings/lecture/{lecture}/{word}", headers=admin, **said).status_code == 204
        assert engine.store.redis.hget(f"sr:o:{KIND}:{lecture}", "frozen") == frozen
    assert client.post("/api/ops/dead-letters/redrive", headers=admin, **said).status_code == 200
    assert client.post("/api/ops/rebuild", headers=admin, **said).status_code == 202


def test_a_rebuild_is_asked_for_and_kept_in_the_log(
    client: FlaskClient, engine: Engine, admin: dict[str, str], log: Log
) -> None:
    answer = client.post("/api/ops/rebuild", json={"reason": "计数可疑"}, headers=admin)
    assert (answer.status_code, answer.json) == (202, {"epoch": 1})
    assert engine.store.stored_fence()[0] == 0
    (row,) = log.delivered(1)
    assert (row.path, row.status, row.role) == ("/api/ops/rebuild", 202, "super_admin")
    assert orjson.loads(row.request_body or "") == {"reason": "计数可疑"}


def test_comparing_names_the_pools_that_differ(
    client: FlaskClient, engine: Engine, admin: dict[str, str], make: Maker, hall: Hall
) -> None:
    lecture = make(capacity=5).lecture.id
    hall.book(lecture, hall.students(1))
    busy = client.post("/api/ops/reconciliation", headers=admin).json
    assert (busy["compared"], busy["differing"]) == (False, 0)
    finish_outbox(hall)
    fine = client.post("/api/ops/reconciliation", headers=admin).json
    assert (fine["compared"], fine["offerings"], fine["differing"]) == (True, 1, 0)
    engine.store.redis.hincrby(f"sr:o:{KIND}:{lecture}", "s:0", -2)
    found = client.post("/api/ops/reconciliation", headers=admin).json
    assert found["differing"] == 1
    (one,) = found["differences"]
    assert (one["offering_id"], one["redis_left"], one["mariadb_left"]) == (str(lecture), 2, 4)
    assert engine.reconciler.outcome is None, "what the maintenance program tells is its own"


def test_comparing_while_redis_is_away(without: Lamed, engine: Engine, admin: dict[str, str]) -> None:
    answer = without("redis").post("/api/ops/reconciliation", headers=admin)
    assert (answer.status_code, answer.json["code"]) == (503, "service_unavailable")


# -- dead letters -----------------------------------------------------------------------------------------------


def bury(services: Services, *bodies: bytes) -> list[str]:
    """Dead letters with these bodies; their ids."""
    sent = [Message(DEAD, "", str(uuid.uuid4()), body, f"ValueError({at})") for at, body in enumerate(bodies)]
    assert services.publisher.publish(sent, timeout=10) == set()
    return [one.message_id for one in sent]


def claim(offering: int) -> bytes:
    return orjson.dumps([Claim(str(uuid.uuid4()), KIND, "book", 1, offering)])


def listed(client: FlaskClient, admin: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/api/ops/dead-letters", headers=admin)
    assert answer.status_code == 200
    return list(answer.json["items"])


@pytest.mark.usefixtures("letters")
def test_dead_letters_are_listed_and_stay(client: FlaskClient, services: Services, admin: dict[str, str]) -> None:
    ids = bury(services, claim(41), b"no claim \xff at all")
    for _ in range(2):
        first, second = listed(client, admin)
        assert [first["id"], second["id"]] == ids
        assert first["reason"] == "ValueError(0)"
        (one,) = first["claims"]
        assert (one["kind"], one["offering_id"], one["action"]) == (KIND, "41", "book")
        assert (second["claims"], second["text"]) == ([], "no claim � at all")
    assert len(client.get("/api/ops/dead-letters?limit=1", headers=admin).json["items"]) == 1


@pytest.mark.usefixtures("letters")
def test_one_dead_letter_is_driven_again(client: FlaskClient, services: Services, admin: dict[str, str]) -> None:
    _, second, _ = ids = bury(services, claim(41), claim(42), claim(43))
    path = "/api/ops/dead-letters/redrive"
    assert client.post(path, json={**REASON, "id": second}, headers=admin).json == {"driven": 1, "kept": 0}
    # The broker gives back what was only looked at a moment later.
    until(lambda: {one["id"] for one in listed(client, admin)} == {*ids} - {second}, "the others")
    assert client.post(path, json={**REASON, "id": second}, headers=admin).json == {"driven": 0, "kept": 0}


@pytest.mark.usefixtures("letters")
def test_all_claims_are_driven_again_and_what_is_none_stays(
    client: FlaskClient, services: Services, admin: dict[str, str]
) -> None:
    ids = bury(services, claim(41), b"none", claim(42))
    answer = client.post("/api/ops/dead-letters/redrive", json=REASON, headers=admin)
    assert answer.json == {"driven": 2, "kept": 1}
    assert [one["id"] for one in listed(client, admin)] == [ids[1]]


@pytest.mark.parametrize("frozen", [False, True])
def test_without_the_broker_both_say_so(without: Lamed, engine: Engine, admin: dict[str, str], frozen: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes connections, and never says a word
        away = without("rabbitmq", broker=listener.getsockname()[1]) if frozen else without("rabbitmq")
        for answer in (
            away.get("/api/ops/dead-letters", headers=admin),
            away.post("/api/ops/dead-letters/redrive", json=REASON, headers=admin),
        ):
            assert (answer.status_code, answer.json["code"]) == (503, "service_unavailable")
