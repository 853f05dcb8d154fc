"""Redis and the broker are both away: a claim is promised only when a second host holds it too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from gevent.pywsgi import WSGIServer
from redis.exceptions import ConnectionError as RedisConnectionError

from app.admission.copies import PATH, SIGNATURE, Copies
from app.admission.engine import Engine
from app.admission.errors import OutcomeUnknownError
from app.admission.gate import Admission
from app.admission.spool_lines import line
from app.extensions.breakers import Breakers
from app.extensions.publisher import Publisher
from app.extensions.services import Services
from app.factory import create_app
from app.offerings import build_engine
from tests.functional.admission.conftest import MakeId
from tests.functional.admission.test_gate import wish

NOBODY = "127.0.0.1:1"
Host = Callable[..., Engine]


@pytest.fixture
def peer(engine: Engine, services: Services, tmp_path: Path) -> Iterator[tuple[str, Engine]]:
    """Another host's web program: its address and its engine."""
    settings = replace(services.settings, spool_dir=tmp_path / "peer")
    app = create_app(services=replace(services, settings=settings))
    server = WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()
    yield f"127.0.0.1:{server.server_port}", app.extensions["seatrush.engine"]
    server.stop(timeout=0)


@pytest.fixture
def host(engine: Engine, services: Services, tmp_path: Path) -> Host:
    """`host(peers, redis=False)`: a worker whose broker is away, and its Redis unless that is there."""

    def worker(*peers: str, redis: bool = False) -> Engine:
        breakers = Breakers(reset_timeout=60)
        while not redis and breakers.closed("redis"):
            with suppress(RedisConnectionError), breakers.guard("redis"):
                raise RedisConnectionError
        settings = replace(services.settings, spool_dir=tmp_path / "own", spool_peers=peers)
        nowhere = Publisher("amqp://guest:guest@127.0.0.1:1/")
        return build_engine(replace(services, settings=settings, breakers=breakers, publisher=nowhere))

    return worker


def test_another_host_holds_what_was_promised_and_sends_it_on(
    host: Host, peer: tuple[str, Engine], make: MakeId
) -> None:
    address, other = peer
    claim = wish(1, make())
    assert host(NOBODY, address).gate.submit(claim) == Admission(claim.id, None)
    assert other.spool.knows(claim.id)
    assert other.courier.replay_spool() == 1
    assert other.spool.empty()


def test_nothing_is_promised_that_one_host_alone_holds(host: Host, make: MakeId) -> None:
    worker, claim = host(NOBODY), wish(1, make())
    with pytest.raises(OutcomeUnknownError) as error:
        worker.gate.submit(claim)
    assert error.value.data["claim_id"] == claim.id
    # Or it would be sent on when its student has been refused elsewhere, by a Redis that was never told.
    assert worker.spool.empty()


def test_what_the_broker_confirmed_is_promised_beside_it(
    host: Host, make: MakeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, claims = host(NOBODY), [wish(1, make()), wish(2, make())]
    monkeypatch.setattr(worker.courier, "publish", lambda some, **_: list(some)[1:])
    confirmed, alone = worker.gate.submit_together(claims)
    assert confirmed == Admission(claims[0].id, None)
    assert isinstance(alone, OutcomeUnknownError)


def test_copies_off_it_is_promised(host: Host, make: MakeId, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Copies, "keep", lambda *_: None)
    claim = wish(1, make())
    assert host(NOBODY).gate.submit(claim).claim_id == claim.id


def test_what_redis_holds_needs_no_copy_nor_does_a_host_that_is_alone(host: Host, make: MakeId) -> None:
    first, second = wish(1, make()), wish(2, make())
    assert host(NOBODY, redis=True).gate.submit(first).sequence is not None
    assert host().gate.submit(second) == Admission(second.id, None)


def post(address: str, body: bytes, signature: str) -> int:
    connection = HTTPConnection(address, timeout=10)
    connection.request("POST", PATH, body, {SIGNATURE: signature})
    return connection.getresponse().status


def test_only_hosts_of_this_system_are_believed(peer: tuple[str, Engine], make: MakeId) -> None:
    address, other = peer
    body = line(wish(1, make()))
    forged = Copies((), "another system's key, which is long enough", other.spool)
    assert [post(address, body, one) for one in ("", "\xfc", forged._sign(body))] == [403] * 3
    torn = body[:-20] + b"\n"
    assert [post(address, one, other.copies._sign(one)) for one in (b"", torn, body + torn)] == [400] * 3
    assert other.spool.empty()
    assert post(address, body, other.copies._sign(body)) == 204
    assert not other.spool.empty()
