"""An operator writes off the spool of a host that is lost: one that is there cannot be, nor one that is none."""

from __future__ import annotations

import platform
import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.admission.engine import Engine
from app.admission.write_offs import written_off
from app.auth.permissions import Role
from app.extensions.clock import to_epoch_ms
from app.extensions.registry import HOSTS, Presence, Roster
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from app.factory import create_app
from tests.factories import bearer, make_account
from tests.functional.audit.conftest import Log, log
from tests.functional.operations.conftest import NOBODY
from tests.functional.operations.test_hosts import several, status
from tests.waiting import until

__all__ = ["log"]

GONE = f"127.0.0.1:{NOBODY}"
REASON = {"reason": "机房失火"}


@pytest.fixture
def listening() -> Iterator[str]:
    """The address of a host that takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def ask(services: Services, headers: dict[str, str], host: str, **said: Any) -> TestResponse:
    client = create_app(services=services).test_client()
    return client.post(f"/api/ops/hosts/{host}/write-off", headers=headers, **said)


def kept(services: Services) -> dict[str, int]:
    with services.db.transaction() as session:
        return written_off(session)


@pytest.mark.usefixtures("engine")
def test_one_that_is_gone(services: Services, admin: dict[str, str]) -> None:
    here = several(services, ("h2", GONE))
    answer = ask(here, admin, "h2", json=REASON)
    assert (answer.status_code, answer.json["host"]) == (200, "h2")
    at = datetime.fromisoformat(answer.json["written_off_at"])
    assert kept(services) == {"h2": to_epoch_ms(at)}
    assert [one["written_off_at"] for one in status(here, admin)["hosts"]] == [None, at.isoformat()]


def test_a_reason_may_be_left_out_and_it_may_be_said_again(services: Services, admin: dict[str, str]) -> None:
    for _ in range(2):
        assert ask(several(services, ("h2", GONE)), admin, "h2").status_code == 200
    assert [*kept(services)] == ["h2"]


def test_one_that_answers(services: Services, admin: dict[str, str], listening: str) -> None:
    here = several(services, ("h2", listening))
    for host in ("h1", "h2"):  # this one, and one that hangs: it has to be turned off first
        answer = ask(here, admin, host, json=REASON)
        assert (answer.status_code, answer.json["code"]) == (409, "host_is_there")
    assert kept(services) == {}


def test_one_that_zookeeper_sees(services: Services, engine: Engine, admin: dict[str, str]) -> None:
    """Its Nginx is away, its maintenance program is not."""
    other = connect_zookeeper(services.settings.zookeeper_hosts)
    other.start(timeout=10)
    if not services.zookeeper.connected:
        services.zookeeper.start(timeout=10)
    presence = Presence(other, f"{HOSTS}/h2")
    presence.show([])
    until(lambda: "h2" in Roster(services.zookeeper).hosts(), "a host")
    assert ask(several(services, ("h2", GONE)), admin, "h2", json=REASON).status_code == 409
    presence.leave()
    other.stop()
    other.close()
    assert kept(services) == {}


def test_one_that_nobody_knows(services: Services, admin: dict[str, str]) -> None:
    answer = ask(several(services, ("h2", GONE)), admin, "h3", json=REASON)
    assert (answer.status_code, answer.json["code"]) == (404, "host_not_found")


def test_one_that_is_alone_and_the_log(client: FlaskClient, admin: dict[str, str], log: Log) -> None:
    path = f"/api/ops/hosts/{platform.node()}/write-off"
    alone = client.post(path, headers=admin, json=REASON)
    assert (alone.status_code, alone.json["code"]) == (409, "host_is_there")
    (row,) = log.delivered(1)
    assert (row.path, row.status, orjson.loads(row.request_body or "")) == (path, 409, REASON)


def test_only_operators_may(services: Services) -> None:
    manager = bearer(services, make_account(services, Role.MANAGER))
    here = several(services, ("h2", GONE))
    assert ask(here, manager, "h2", json=REASON).status_code == 403
    assert ask(here, {}, "h2", json=REASON).status_code == 401
    assert kept(services) == {}
