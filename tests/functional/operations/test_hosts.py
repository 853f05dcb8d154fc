"""Several hosts: each one's sheet over real HTTP, and one that says nothing, something old or nonsense."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import time
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from gevent.pywsgi import WSGIServer

from app.admission.engine import Engine
from app.extensions.services import Services
from app.factory import create_app
from app.operations import members, sheets
from app.operations.asking import Asker
from app.operations.facts import process_facts
from app.operations.hosts import OLD_AFTER_S
from app.operations.overview import Overview
from app.operations.public import PublicStatus
from app.operations.sheets import PATH
from tests.functional.operations.conftest import NOBODY

NOWHERE = "192.0.2.1"  # an address that no machine has (RFC 5737)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not make a server slow that is asked what it is."""
    monkeypatch.setattr(Asker.ask, "__defaults__", (20.0,))
    monkeypatch.setattr(members, "WITHIN_S", 15.0)
    monkeypatch.setattr(sheets, "WITHIN_S", 15.0)


class Peer:
    """Another host's Nginx, which serves the sheet that is given to it, or 404.

    What is no bytes is a sheet as it was written `age_s` ago, however long the test has taken since.
    """

    age_s = 0.0

    def __init__(self) -> None:
        self.sheet: bytes | dict[str, Any] | None = None
        self._server = WSGIServer(("127.0.0.1", 0), self._answer, log=None)
        self._server.start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], begin: Any) -> list[bytes]:
        found = self.sheet is not None and environ["PATH_INFO"] == PATH
        begin("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
        if isinstance(self.sheet, dict):
            return [orjson.dumps({**self.sheet, "at": time() - self.age_s})]
        return [self.sheet or b""] if found else [b"<html>"]

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture
def peer() -> Iterator[Peer]:
    one = Peer()
    yield one
    one.stop()


def several(services: Services, *others: tuple[str, str], vip: str = NOWHERE) -> Services:
    """As the first of these hosts has them."""
    settings = services.settings
    own = {"own_database_url": settings.database_url, "own_redis_url": settings.redis_url}
    return replace(services, settings=replace(settings, hosts=(("h1", "127.0.0.1:1"), *others), vip=vip, **own))


def sheet_of(services: Services, engine: Engine) -> dict[str, Any]:
    """What a host with one web worker, which has accepted 20 claims, tells of itself; its servers are the test's."""
    for path in services.settings.pulses_dir.glob("*.json"):
        path.unlink()
    for _ in range(20):
        services.pulse.answered(202, 0.04)
    services.pulse.beat("web", process_facts(services, engine))
    told = Overview(several(services, vip="127.0.0.1"), engine).look()[1]
    services.pulse.end()
    for path in services.settings.pulses_dir.glob("*.json"):
        path.unlink()
    return {**told, "name": "h2"}


def status(services: Services, headers: dict[str, str]) -> dict[str, Any]:
    answer = create_app(services=services).test_client().get("/api/ops/status", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def roles(host: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {one["name"]: (one["state"], one["role"]) for one in host["servers"]}


def test_each_host_is_shown(services: Services, engine: Engine, admin: dict[str, str], peer: Peer) -> None:
    peer.sheet = sheet_of(services, engine)
    seen = status(several(services, ("h2", peer.address)), admin)
    own, other = seen["hosts"]
    assert [(one["name"], one["state"], one["holds_vip"]) for one in seen["hosts"]] == [
        ("h1", "up", False),
        ("h2", "up", True),
    ]
    assert seen["vip_holder"] == "h2"
    assert roles(own)["redis"] == roles(other)["redis"] == ("up", "primary")
    assert roles(own)["rabbitmq"] == ("up", "member")
    assert roles(own)["zookeeper"] == ("up", "standalone")
    # It answers, but the member of a cluster it is not: whoever writes to such a one is refused.
    assert roles(own)["mariadb"] == ("down", "member")
    assert {one["name"]: one["state"] for one in seen["servers"]}["mariadb"] == "up"
    assert [one["state"] for one in own["programs"]] == ["down"] * 4
    (worker,) = other["programs"][0]["workers"]
    assert (other["programs"][0]["state"], worker["accepted_per_s"]) == ("up", 20)
    assert seen["flow"]["accepted_per_s"] == 20
    assert 30 < seen["flow"]["p95_ms"] <= 50


def test_two_that_hold_the_address(services: Services, engine: Engine, admin: dict[str, str], peer: Peer) -> None:
    peer.sheet = sheet_of(services, engine)
    seen = status(several(services, ("h2", peer.address), vip="127.0.0.1"), admin)
    assert ([one["holds_vip"] for one in seen["hosts"]], seen["vip_holder"]) == ([True, True], None)


@contextmanager
def deaf() -> Iterator[str]:
    """A host that takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_one_that_does_not_answer(
    services: Services, admin: dict[str, str], peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "WITHIN_S", 3.0)
    with deaf() as address:
        hosts = ("h2", f"127.0.0.1:{NOBODY}"), ("h3", address), ("h4", peer.address)
        seen = status(several(services, *hosts), admin)
    assert [one["state"] for one in seen["hosts"]] == ["up", "down", "slow", "down"]
    assert seen["hosts"][1] == {
        "name": "h2", "state": "down", "age_s": None, "holds_vip": None, "programs": [], "servers": [], "spool": None,
        "written_off_at": None,
    }  # fmt: skip
    assert seen["claims"] is not None


def test_what_is_old_is_not_shown_as_now(services: Services, engine: Engine, admin: dict[str, str], peer: Peer) -> None:
    peer.sheet, peer.age_s = sheet_of(services, engine), OLD_AFTER_S + 60
    seen = status(several(services, ("h2", peer.address)), admin)
    assert (seen["hosts"][1]["state"], seen["hosts"][1]["programs"]) == ("silent", [])
    assert seen["hosts"][1]["age_s"] >= OLD_AFTER_S + 59
    assert (seen["vip_holder"], seen["flow"]["accepted_per_s"]) == (None, 0)


def test_the_inventory_says_who_it_is(services: Services, engine: Engine, admin: dict[str, str], peer: Peer) -> None:
    """One that calls itself something else, by an older inventory, is no error."""
    peer.sheet = {**sheet_of(services, engine), "name": "h9"}
    seen = status(several(services, ("h2", peer.address)), admin)
    assert [(one["name"], one["state"]) for one in seen["hosts"]] == [("h1", "up"), ("h2", "up")]


@pytest.mark.parametrize("servers", [[1], [{}], {"redis": "up"}, None])
def test_servers_that_are_none_are_no_error(
    services: Services, engine: Engine, admin: dict[str, str], peer: Peer, servers: Any
) -> None:
    peer.sheet = {**sheet_of(services, engine), "servers": servers}
    assert status(several(services, ("h2", peer.address)), admin)["hosts"][1]["state"] == "down"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"name": "h2", "at": "noon"}', b'{"name": "h2", "at": 1}'])
def test_nonsense_is_no_error(
    services: Services, engine: Engine, admin: dict[str, str], peer: Peer, body: bytes
) -> None:
    peer.sheet = body
    assert status(several(services, ("h2", peer.address)), admin)["hosts"][1]["state"] in ("down", "silent")


def test_what_a_host_tells_is_written_for_the_others(services: Services, engine: Engine, client: FlaskClient) -> None:
    here = several(services)
    services.settings.host_sheet.unlink(missing_ok=True)
    PublicStatus(services, engine).write()
    assert not services.settings.host_sheet.exists()  # alone: there is nobody to tell
    PublicStatus(here, engine).write()
    told = orjson.loads(here.settings.host_sheet.read_bytes())
    assert (told["name"], [one["name"] for one in told["servers"]]) == (
        "h1",
        ["mariadb", "redis", "rabbitmq", "zookeeper"],
    )
    here.settings.host_sheet.unlink()


def test_the_campus_is_up_when_another_host_is(services: Services, engine: Engine, peer: Peer) -> None:
    peer.sheet = sheet_of(services, engine)
    here = several(services, ("h2", peer.address))
    PublicStatus(here, engine).write()
    told = orjson.loads(here.settings.public_status.read_bytes())
    assert (told["parts"]["app"], told["parts"]["database"], told["parts"]["deciding"]) == ("up", "up", "down")
