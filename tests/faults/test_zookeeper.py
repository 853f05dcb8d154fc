"""ZooKeeper is away, or ends a worker's session: booking goes on without marks."""

from __future__ import annotations

import statistics
import time
from functools import partial

import gevent
from kazoo.client import KazooClient

from app.extensions.ids import LEASES
from tests.campus import Campus
from tests.campus.loads import Load

_SUPER_SECRET = 0xB3415C00  # of org.apache.zookeeper.server.ZooKeeperServer, not a secret at all


def test_zookeeper_is_killed(campus: Campus) -> None:
    zookeeper = campus.service("zookeeper")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        zookeeper.kill(stay_down=True)
        decided_without(campus, load)
        zookeeper.start()
        zookeeper.wait_ready()
    assert campus.verify(*load) == []


def test_zookeeper_is_paused(campus: Campus) -> None:
    zookeeper = campus.service("zookeeper")
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        zookeeper.pause()
        decided_without(campus, load)
        zookeeper.resume()
    assert campus.verify(*load) == []


def decided_without(campus: Campus, load: Load) -> None:
    """Wait for decisions, of both kinds, while ZooKeeper says nothing."""
    before = load.told()
    campus.until(lambda: load.told() > before + 20, "decisions without ZooKeeper")


def test_every_session_is_ended_from_outside(campus: Campus) -> None:
    """With the session go the marks and the lease of the worker number; neither decides anything."""
    client = campus.services.zookeeper
    with campus.load() as load:
        campus.until(load.told, "a first decision")
        own = client.client_id[0]
        sessions = {client.exists(f"{LEASES}/{name}").ephemeralOwner for name in client.get_children(LEASES)} - {own}
        assert sessions
        for session in sessions:
            end_session(campus.settings.zookeeper_hosts, session)
    assert campus.verify(*load) == []


def test_hundreds_of_requests_at_once_lose_no_wake_up(campus: Campus) -> None:
    """More than kazoo's socket pair can announce, from several greenlets: the next answer still comes at once."""
    marks = campus.engine.marks
    crowd = [[("lecture", "1", number) for number in range(500)] for _ in range(6)]
    gevent.joinall([gevent.spawn(marks.delete, places) for places in crowd], raise_error=True)
    requests = [partial(campus.services.zookeeper.get_async, "/seatrush") for _ in range(2000)]
    gevent.joinall([gevent.spawn(request) for request in requests], raise_error=True)
    campus.until(lambda: not campus.services.zookeeper._queue, "an empty queue")
    took = []
    for _ in range(5):  # without the wake-up each of them waits for the next ping
        asked_at = time.monotonic()
        campus.services.zookeeper.get_async("/seatrush").get(timeout=20)
        took.append(time.monotonic() - asked_at)
    assert statistics.median(took) < 1


def end_session(hosts: str, session: int) -> None:
    """Take a session over by its number and password, and close it."""
    thief = KazooClient(hosts=hosts, client_id=(session, password_of(session)))
    thief.start(timeout=5)
    thief.stop()
    thief.close()


def password_of(session: int) -> bytes:
    """ZooKeeper makes it from the number: 16 bytes of java.util.Random, seeded with number ^ constant."""
    mask = (1 << 48) - 1
    seed = ((session ^ _SUPER_SECRET) ^ 0x5DEECE66D) & mask
    password = b""
    for _ in range(4):
        seed = (seed * 0x5DEECE66D + 0xB) & mask
        password += ((seed >> 16) & 0xFFFFFFFF).to_bytes(4, "little")
    return password
