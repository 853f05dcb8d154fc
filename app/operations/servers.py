"""What each server knows of the engine's state; each question goes to one server only."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kazoo.exceptions import KazooException
from pika.exceptions import ChannelClosedByBroker
from sqlalchemy import func, select

from app.addresses import host_ports
from app.admission.engine import Engine
from app.admission.models import AdmissionControl, OutboxRow
from app.extensions.broker import AUDIT, AUDIT_DEAD, DEAD, claim_queue, connect
from app.extensions.services import Services

ZOOKEEPER_WITHIN_S = 1.0
_LARGEST_REPORT = 64 * 1024


def questions(services: Services, engine: Engine) -> dict[str, Callable[[], Any]]:
    """Server → what it is asked."""
    return {
        "mariadb": lambda: _mariadb(services),
        "redis": lambda: _redis(services, engine),
        "rabbitmq": lambda: _rabbitmq(services),
        "zookeeper": lambda: _zookeeper(services),
    }


def _mariadb(services: Services) -> dict[str, Any]:
    with services.db.transaction() as session:
        control = session.get_one(AdmissionControl, 1)
        waiting = session.scalar(select(func.count()).where(OutboxRow.done_at.is_(None)))
        return {
            "epoch": control.epoch,
            "admission": {"rate": control.rate, "burst": control.burst},
            "outbox_open": waiting or 0,
        }


def _redis(services: Services, engine: Engine) -> dict[str, Any]:
    epoch, _ = engine.store.stored_fence()
    pending: Any = services.redis.zcard("sr:pending")
    oldest: Any = services.redis.zrange("sr:pending", 0, 0, withscores=True)
    age = max(0, services.clock.epoch_ms() - int(oldest[0][1])) if oldest else None
    return {"epoch": epoch, "pending": int(pending), "oldest_pending_ms": age}


def _rabbitmq(services: Services) -> dict[str, Any]:
    """Messages that wait and who takes them, queue by queue. One that nobody has declared yet is left out."""
    names = [*(claim_queue(number) for number in range(services.settings.claim_queues)), DEAD, AUDIT, AUDIT_DEAD]
    found = []
    with connect(services.settings.amqp_url) as connection:
        channel = connection.channel()
        for name in names:
            try:
                method = channel.queue_declare(name, passive=True).method
            except ChannelClosedByBroker:
                channel = connection.channel()
                continue
            found.append({"name": name, "depth": method.message_count, "consumers": method.consumer_count})
    return {"queues": found}


def _zookeeper(services: Services) -> dict[str, Any]:
    """Marks, counted by ZooKeeper itself: its ephemeral nodes, so a few leases are among them."""
    if not services.zookeeper.connected:
        raise KazooException("not connected")
    told: dict[str, str] = {}
    for address in host_ports(services.settings.zookeeper_hosts.partition("/")[0]):
        with suppress(OSError):  # another one of the ensemble will do
            told = _report(address)
            break
    count = told.get("zk_ephemerals_count")
    return {"marks": None if count is None else int(count), "role": told.get("zk_server_state")}


def _report(address: tuple[str, int]) -> dict[str, str]:
    """What one ZooKeeper answers to `mntr`. Raises OSError."""
    with socket.create_connection(address, timeout=ZOOKEEPER_WITHIN_S) as connection:
        connection.sendall(b"mntr")
        report = b""
        while len(report) < _LARGEST_REPORT and (part := connection.recv(8192)):
            report += part
    return dict(line.split("\t", 1) for line in report.decode("ascii", "replace").splitlines() if "\t" in line)
