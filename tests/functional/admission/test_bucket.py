"""The global token bucket, changed while Redis is being rebuilt: what was stored is what counts afterwards."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient

from app.admission import bucket, rebuild
from app.admission.engine import Engine
from app.admission.epochs import advance
from app.auth.permissions import Role
from app.extensions.services import Services
from tests.factories import bearer, make_account

WANTED = {"rate": 7, "burst": 9}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No consumer runs here, so nothing would pass the barriers; no other worker, so nobody has to switch."""
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)


def change(client: FlaskClient, services: Services) -> Any:
    headers = bearer(services, make_account(services, Role.SUPER_ADMIN))
    return client.put("/api/ops/admission", json=WANTED, headers=headers)


def counted_with(engine: Engine) -> dict[str, int]:
    rate, burst = engine.store.redis.hmget("sr:bucket", "rate", "burst")
    return {"rate": int(rate or 0), "burst": int(burst or 0)}


def test_it_is_changed_at_once(client: FlaskClient, services: Services, engine: Engine) -> None:
    assert change(client, services).json == WANTED
    assert counted_with(engine) == WANTED
    assert engine.bucket.read() == (7, 9)


def test_a_change_during_a_rebuild_is_what_counts_afterwards(
    client: FlaskClient, services: Services, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "BEGUN_WITHIN_S", 30.0)
    engine.store.redis.flushdb()
    asked = gevent.spawn(change, client, services)
    gevent.sleep(0.2)
    assert engine.watch.tick() == "rebuilt"
    answer = asked.get(timeout=30)
    assert (answer.status_code, answer.json) == (200, WANTED)
    assert counted_with(engine) == WANTED


def test_a_rebuild_that_has_read_the_old_numbers_does_not_bring_them_back(
    client: FlaskClient, services: Services, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes after the new epoch in MariaDB and before it in Redis, which still has the old one."""
    monkeypatch.setattr(bucket, "BEGUN_WITHIN_S", 30.0)
    epoch, rate, burst = advance(services.db)
    asked = gevent.spawn(change, client, services)
    gevent.sleep(0.3)
    engine.store.redis.flushdb()
    engine.store.begin(epoch, engine.store.run_id(), rate=rate, burst=burst)
    assert asked.get(timeout=30).status_code == 200
    assert counted_with(engine) == WANTED


def test_a_redis_that_nobody_rebuilds_is_a_problem_to_retry(
    client: FlaskClient, services: Services, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "BEGUN_WITHIN_S", 0.1)
    engine.store.redis.flushdb()
    answer = change(client, services)
    assert (answer.status_code, answer.json["code"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert engine.watch.tick() == "rebuilt"
    assert counted_with(engine) == WANTED
