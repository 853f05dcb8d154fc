"""ZooKeeper behind several addresses: a server that is cut off is left in time, even by a client that keeps asking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic

import gevent
import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

from app.extensions import zookeeper
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from ops.drills.slow_link import SlowLink

SESSION_S = 4.0


@pytest.fixture
def ways(services: Services) -> Iterator[list[SlowLink]]:
    host, _, port = services.settings.zookeeper_hosts.partition(":")
    with ExitStack() as stack:
        yield [stack.enter_context(SlowLink(host, int(port)).open()) for _ in range(2)]


@pytest.fixture
def session_s() -> float:
    return SESSION_S


@pytest.fixture
def client(ways: list[SlowLink], session_s: float) -> Iterator[KazooClient]:
    made = connect_zookeeper(",".join(way.address for way in ways), session_timeout=session_s)
    made.start(timeout=10)
    yield made
    made.stop()
    made.close()


def way_of(client: KazooClient, ways: list[SlowLink]) -> SlowLink:
    host, port = client._connection._socket.getpeername()
    return next(way for way in ways if way.address == f"{host}:{port}")


def keep_asking(client: KazooClient, first: SlowLink, ways: list[SlowLink]) -> float:
    """Ask all the time, as a busy worker does; seconds until an answer came through the other server."""
    first.delay, began = 3600.0, monotonic()
    with gevent.Timeout(20):
        while True:
            try:
                client.exists_async("/").get(timeout=0.2)
            except (KazooException, gevent.Timeout):
                continue
            if way_of(client, ways) is not first:
                return monotonic() - began


@pytest.mark.parametrize("session_s", [12.0])  # of which the machine may pause for some
def test_a_server_that_is_cut_off_is_left_in_time(client: KazooClient, ways: list[SlowLink], session_s: float) -> None:
    session = client.client_id
    assert keep_asking(client, way_of(client, ways), ways) < session_s
    assert client.client_id == session


def test_without_the_watch_a_busy_client_never_notices(
    client: KazooClient, ways: list[SlowLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zookeeper, "SILENT_S", 1e9)
    session = client.client_id
    first = way_of(client, ways)
    first.delay, began = 3600.0, monotonic()
    while monotonic() - began < SESSION_S + 1:
        with pytest.raises((KazooException, gevent.Timeout)):
            client.exists_async("/").get(timeout=0.2)
    assert client.client_id == session
    assert way_of(client, ways) is first
