"""GET /api/ops/status: everything at one glance, and an answer whatever is away."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from time import monotonic
from typing import Any

import gevent
import orjson
import pytest
from flask.testing import FlaskClient

from app.admission.engine import Engine
from app.auth.permissions import Role
from app.extensions.redis import connect_redis
from app.extensions.services import Services
from app.factory import create_app
from app.lectures.booking import book
from app.operations.asking import Asker
from app.operations.facts import OLD_AFTER_S, process_facts
from app.operations.public import PublicStatus
from app.operations.trail import point
from tests.factories import actor_for, bearer, make_account
from tests.functional.lectures.conftest import Hall, Maker
from tests.functional.operations.conftest import Lamed

PARTS = {
    "mariadb": ("admission", "outbox_open"),
    "redis": ("claims",),
    "rabbitmq": ("queues", "dead_letters"),
    "zookeeper": ("marks",),
}
FLOW = ("accepted_per_s", "decided_per_s", "failed_per_s", "p95_ms")
PROGRAMS = ["web", "ws", "claims", "maintenance"]


SHORT_S = 1.5  # as it is


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not make a server slow that is asked what it is."""
    monkeypatch.setattr(Asker.ask, "__defaults__", (20.0,))


@pytest.fixture(autouse=True)
def no_pulses(services: Services) -> None:
    """No program runs here but what a test says."""
    for path in services.settings.pulses_dir.glob("*.json"):
        path.unlink()


def status(client: FlaskClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = client.get("/api/ops/status", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def servers(seen: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["state"] for host in seen["hosts"] for one in host["servers"]}


def programs(seen: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["state"] for host in seen["hosts"] for one in host["programs"]}


def test_only_operators_see_it(client: FlaskClient, services: Services) -> None:
    for role, expected in ((Role.SUPER_ADMIN, 200), (Role.MANAGER, 403), (Role.CHECKIN, 403)):
        headers = bearer(services, make_account(services, role))
        assert client.get("/api/ops/status", headers=headers).status_code == expected
    assert client.get("/api/ops/status").status_code == 401


def test_what_waits_is_counted(
    client: FlaskClient, services: Services, engine: Engine, admin: dict[str, str], make: Maker, hall: Hall
) -> None:
    lecture, (student,) = make().lecture.id, hall.students(1)
    before = status(client, admin)
    assert before["claims"] == {"pending": 0, "oldest_pending_ms": None}
    book(engine, actor_for(services, student), lecture, "key-00000001")
    damaged = services.settings.spool_dir / "1.unreadable"
    damaged.parent.mkdir(parents=True, exist_ok=True)
    damaged.write_bytes(b"?")
    seen = status(client, admin)
    damaged.unlink()
    assert seen["claims"]["pending"] == 1
    assert seen["claims"]["oldest_pending_ms"] >= 0
    queues = {one["name"]: one for one in seen["queues"]}
    assert {"claims.0", "claims.1", "claims.dead"} <= queues.keys()
    assert sum(one["depth"] for name, one in queues.items() if name in {"claims.0", "claims.1"}) >= 1
    assert queues["claims.0"]["consumers"] == 0
    assert seen["epoch"] == {"mariadb": 1, "redis": 1}
    assert seen["admission"] == {"rate": 50_000, "burst": 50_000}
    segments = [*services.settings.spool_dir.glob("*.spool")]  # one, where the broker took its time to confirm
    assert seen["hosts"][0]["spool"] == {
        "segments": len(segments),
        "bytes": sum(one.stat().st_size for one in segments),
        "unreadable": 1,
    }
    assert servers(seen)["mariadb"] == servers(seen)["redis"] == servers(seen)["rabbitmq"] == "up"
    assert seen["vip_holder"] is None


@pytest.mark.parametrize("away", PARTS)
def test_it_answers_whatever_is_away(away: str, without: Lamed, engine: Engine, admin: dict[str, str]) -> None:
    seen = status(without(away), admin)
    assert servers(seen)[away] == "down"
    assert all(seen[part] is None for part in PARTS[away])
    others = [part for name, parts in PARTS.items() if name not in (away, "zookeeper") for part in parts]
    assert all(seen[part] is not None for part in others)


def test_with_everything_away_it_still_answers(without: Lamed, engine: Engine, admin: dict[str, str]) -> None:
    seen = status(without(*PARTS), admin)
    assert set(servers(seen).values()) == {"down"}
    assert programs(seen) == dict.fromkeys(PROGRAMS, "down")


def test_a_server_that_hangs_is_waited_for_once(
    services: Services, engine: Engine, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for a bounded time; the question of before is not asked again meanwhile."""
    monkeypatch.setattr(Asker.ask, "__defaults__", (SHORT_S,))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        changed = replace(services, redis=connect_redis(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"))
        client = create_app(services=changed).test_client()
        began = monotonic()
        assert servers(status(client, admin))["redis"] == "slow"
        assert monotonic() - began < 20


def test_a_question_under_way_is_not_asked_again() -> None:
    asked: list[int] = []
    answer = gevent.event.Event()

    def question() -> int:
        asked.append(1)
        answer.wait()
        return len(asked)

    asker = Asker()
    assert [asker.ask({"slow": question}, within_s=0.01)["slow"].state for _ in range(3)] == ["slow"] * 3
    answer.set()
    assert asker.ask({"slow": question}, within_s=5)["slow"].said == 1
    assert asker.ask({"slow": question}, within_s=5)["slow"].said == 2


def test_a_worker_tells_what_it_did(
    client: FlaskClient, services: Services, engine: Engine, admin: dict[str, str]
) -> None:
    for _ in range(20):
        services.pulse.answered(202, 0.04)
    services.pulse.answered(500, 1.0)
    services.pulse.answered(404, 0.0)
    services.pulse.count("decided", 7)
    services.pulse.beat("web", process_facts(services, engine))
    seen = status(client, admin)
    flow = seen["flow"]
    assert (flow["accepted_per_s"], flow["failed_per_s"], flow["decided_per_s"]) == (20, 1, 7)
    assert 30 < flow["p95_ms"] <= 50
    web = seen["hosts"][0]["programs"][0]
    (worker,) = web["workers"]
    assert (web["state"], worker["pid"], worker["state"]) == ("up", os.getpid(), "up")
    assert set(worker["breakers"].values()) == {"closed"}
    assert programs(seen) == {**dict.fromkeys(PROGRAMS, "down"), "web": "up"}


def test_a_worker_that_hangs_and_one_that_is_gone(
    client: FlaskClient, services: Services, engine: Engine, admin: dict[str, str]
) -> None:
    services.pulse.beat("web", process_facts(services, engine))
    (path,) = services.settings.pulses_dir.glob("web-*.json")
    told = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**told, "at": told["at"] - 60}))
    seen = status(client, admin)
    assert programs(seen)["web"] == "silent"
    assert seen["flow"]["p95_ms"] is None
    path.write_bytes(orjson.dumps({**told, "pid": 2**22 + 1}))  # beyond the kernel's largest
    assert programs(status(client, admin))["web"] == "down"
    assert not path.exists()
    path.write_bytes(b"{")
    assert programs(status(client, admin))["web"] == "down"


def test_the_last_reconciliation_is_told(
    client: FlaskClient, services: Services, engine: Engine, admin: dict[str, str], make: Maker
) -> None:
    make()
    assert status(client, admin)["reconciliation"] is None
    engine.reconciler.repair()
    services.pulse.beat("maintenance", process_facts(services, engine))
    told = status(client, admin)["reconciliation"]
    assert (told["compared"], told["offerings"], told["differing"], told["mended"]) == (True, 1, 0, 0)
    assert engine.reconciler.outcome
    engine.reconciler.outcome.at -= OLD_AFTER_S  # another host has the lease since
    services.pulse.beat("maintenance", process_facts(services, engine))
    assert status(client, admin)["reconciliation"] is None


def test_the_last_quarter_of_an_hour_outlives_its_writer(
    client: FlaskClient, services: Services, engine: Engine, admin: dict[str, str], without: Lamed
) -> None:
    services.settings.trail_file.unlink(missing_ok=True)
    assert client.get("/api/ops/history", headers=admin).json == {"items": []}
    for _ in range(2):
        PublicStatus(services, engine).write()  # another process each time
    first, second = client.get("/api/ops/history", headers=admin).json["items"]
    assert first["at"] <= second["at"]
    assert (second["pending"], second["oldest_pending_ms"], second["queued"] is not None) == (0, 0, True)
    services.settings.trail_file.write_bytes(b"[{")
    assert client.get("/api/ops/history", headers=admin).json == {"items": []}


def test_the_trail_has_gaps_and_an_end() -> None:
    nobody = {"at": "2026-11-28T11:00:00Z", "claims": None, "queues": None, "flow": dict.fromkeys(FLOW, 0.0)}
    told = point(nobody)
    assert (told["pending"], told["oldest_pending_ms"], told["queued"]) == (None, None, None)
    queues = [{"name": name, "depth": 3} for name in ("claims.0", "claims.11", "claims.dead", "audit")]
    assert point({**nobody, "queues": queues})["queued"] == 6


def test_the_public_status(services: Services, engine: Engine) -> None:
    """Written for everybody: which parts stand, and no more of them than that."""
    services.pulse.beat("web", process_facts(services, engine))
    PublicStatus(services, engine).write()
    told = orjson.loads(services.settings.public_status.read_bytes())
    assert (told["parts"]["app"], told["parts"]["deciding"], told["parts"]["database"]) == ("up", "down", "up")
    assert told["verdict"] == "partly"
    assert told["pending"] == 0
    assert abs(told["at_ms"] - services.clock.epoch_ms()) < 60_000
    services.pulse.end()
    for path in services.settings.pulses_dir.glob("*.json"):
        path.unlink()
    PublicStatus(services, engine).write()
    assert orjson.loads(services.settings.public_status.read_bytes())["verdict"] == "bad"
