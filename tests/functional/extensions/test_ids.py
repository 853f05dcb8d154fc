"""The worker number of a process goes with what it knows of its session."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from kazoo.client import KazooClient

from app.extensions.ids import LEASED, STATIC, Snowflakes
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from tests.faults.test_zookeeper import end_session
from tests.waiting import until


@pytest.fixture
def client(services: Services) -> Iterator[KazooClient]:
    made = connect_zookeeper(services.settings.zookeeper_hosts, session_timeout=20.0)
    made.start(timeout=10)
    yield made
    made.stop()
    made.close()


@pytest.fixture
def ids(client: KazooClient, tmp_path: Path) -> Snowflakes:
    made = Snowflakes(tmp_path)
    made.lease_from(client)
    assert made.worker_number in LEASED
    return made


def test_while_zookeeper_is_not_heard_the_static_number_is_used(client: KazooClient, ids: Snowflakes) -> None:
    """The session may be over by then and the number another's; when it was not, it is used again."""
    leased = ids.worker_number
    used: list[tuple[str, int]] = []

    def look(state: str) -> None:
        used.append((str(state), ids.worker_number))

    # Once all of kazoo's listeners, which it keeps in no order, have been told.
    client.add_listener(lambda state: gevent.spawn(look, state) is None)
    client._connection._socket.shutdown(socket.SHUT_RDWR)
    until(lambda: len(used) >= 2, "a connection anew")
    assert used == [("SUSPENDED", STATIC[0]), ("CONNECTED", leased)]


def test_a_number_whose_session_ended_is_not_used_again(
    client: KazooClient, ids: Snowflakes, services: Services
) -> None:
    session = client.client_id
    end_session(services.settings.zookeeper_hosts, session[0])
    until(lambda: client.connected and client.client_id != session, "another session")
    assert ids.worker_number in STATIC
