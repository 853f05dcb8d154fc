"""What each server, as the programs reach it, knows of the engine's state; each question goes to one server only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kazoo.exceptions import KazooException
from pika.exceptions import ChannelClosedByBroker
from sqlalchemy import func, select, text

from app.addresses import host_ports
from app.admission.engine import Engine
from app.admission.marks import count_marks
from app.admission.models import AdmissionControl, OutboxRow
from app.admission.write_offs import written_off
from app.extensions.broker import AUDIT, AUDIT_DEAD, DEAD, claim_queue, connect
from app.extensions.services import Services
from app.operations.members import zookeeper_report


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
            "written_off": written_off(session),
            # Whom the proxy leads to, by the name that the inventory gives to its host.
            "writer": session.scalar(text("SELECT @@wsrep_node_name")) if services.settings.hosts else None,
        }


def _redis(services: Services, engine: Engine) -> dict[str, Any]:
    epoch, _ = engine.store.stored_fence()
    pending: Any = services.redis.zcard("sr:pending")
    oldest: Any = services.redis.zrange("sr:pending", 0, 0, withscores=True)
    age = max(0, services.clock.epoch_ms() - int(oldest[0][1])) if oldest else None
    told = {"epoch": epoch, "pending": int(pending), "oldest_pending_ms": age}
    return {**told, "replicas": replicas(services.redis.info("replication")) if services.settings.hosts else {}}


def replicas(told: dict[str, Any]) -> dict[str, int]:
    """Address of each replica → by how many bytes it is behind, as the primary's INFO replication says."""
    listed = [one for name, one in told.items() if name.startswith("slave") and isinstance(one, dict)]
    return {str(one["ip"]): max(0, int(told["master_repl_offset"]) - int(one["offset"])) for one in listed}


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
    if not services.zookeeper.connected:
        raise KazooException("not connected")
    return {"marks": count_marks(services.zookeeper), "role": None if services.settings.hosts else _role(services)}


def _role(services: Services) -> str | None:
    for address in host_ports(services.settings.zookeeper_hosts.partition("/")[0]):
        with suppress(OSError):  # another one of the ensemble will do
            return zookeeper_report(address).get("zk_server_state")
    return None
