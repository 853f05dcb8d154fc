"""RabbitMQ: what the queues and headers are called, the topology, how a node is reached, and what a message is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPConnectionError

from app.addresses import broker_urls

CLAIMS = "claims"
DEAD = "claims.dead"
MAX_QUEUED = 1_000_000
# The audit log: messages of up to 500 requests each. When it is full the workers keep theirs, and count what they drop.
AUDIT = "audit"
AUDIT_DEAD = "audit.dead"
MAX_AUDIT_QUEUED = 20_000

# Headers of messages.
REASON = "x-reason"
UNMARKED = "x-unmarked"
SPOOL = "x-spool"


def claim_queue(number: int) -> str:
    """The name of the n-th claim queue."""
    return f"{CLAIMS}.{number}"


def parameters(urls: str) -> list[pika.URLParameters]:
    """Connection parameters of each node (`urls`: separated by commas, the preferred one first), for pika, which tries them
    in that order; with the time-outs this application relies on."""
    nodes = broker_urls(urls)
    return [_parameters(url, alone=len(nodes) == 1) for url in nodes]


def _parameters(url: str, *, alone: bool) -> pika.URLParameters:
    params = pika.URLParameters(url)
    params.heartbeat = 10
    params.blocked_connection_timeout = 5
    params.socket_timeout = 2
    params.stack_timeout = 4 if alone else 2  # another node may take less time than one that hangs
    params.connection_attempts = 1
    return params


def connect(urls: str) -> pika.BlockingConnection:
    """A connection to the first node that takes one. Raises AMQPError, whatever is the matter with them."""
    try:
        return pika.BlockingConnection(parameters(urls))
    except (AMQPConnectorException, OSError) as error:  # one that is frozen; a name that nobody knows
        raise AMQPConnectionError(repr(error)) from error


def declare_topology(url: str, queues: int) -> None:
    """Declare exchanges and quorum queues; safe to repeat. Raises pika's AMQPError when the broker is away."""
    with connect(url) as connection:
        channel = connection.channel()
        channel.exchange_declare(CLAIMS, "x-consistent-hash", durable=True)
        _declare_dead(channel, DEAD)
        for number in range(queues):
            arguments = {**_bounded(MAX_QUEUED), "x-single-active-consumer": True}
            channel.queue_declare(claim_queue(number), durable=True, arguments=arguments)
            # The binding key of a consistent-hash exchange is the queue's weight.
            channel.queue_bind(claim_queue(number), CLAIMS, routing_key="1")


def declare_audit(url: str) -> None:
    """Declare the audit log's queues; safe to repeat. Raises pika's AMQPError when the broker is away."""
    with connect(url) as connection:
        channel = connection.channel()
        channel.queue_declare(AUDIT, durable=True, arguments=_bounded(MAX_AUDIT_QUEUED))
        _declare_dead(channel, AUDIT_DEAD)


def _declare_dead(channel: Any, name: str) -> None:
    channel.exchange_declare(name, "fanout", durable=True)
    channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(name, name)


def _bounded(length: int) -> dict[str, Any]:
    """A quorum queue that refuses what it has no room for: what was not confirmed is still somebody's."""
    return {"x-queue-type": "quorum", "x-max-length": length, "x-overflow": "reject-publish"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be published persistently and mandatorily. `reason`: why it is a dead letter; `unmarked`: its claims have
    no mark in ZooKeeper; `spool`: which one it came out of. Headers, as a program of the release before must understand the
    body."""

    exchange: str
    routing_key: str
    message_id: str
    body: bytes
    reason: str = ""
    unmarked: bool = False
    spool: str = ""

    @property
    def headers(self) -> dict[str, Any] | None:
        """As they travel; None for most."""
        found = {REASON: self.reason[:500], UNMARKED: self.unmarked, SPOOL: self.spool}
        return {name: value for name, value in found.items() if value} or None
