"""RabbitMQ: the topology, and a publisher with pipelined confirms for one gevent process.

A publish is *confirmed* or *unknown*, never failed: a message whose confirm did not come may still be delivered.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gevent
import pika
from gevent.event import Event
from gevent.lock import RLock
from pika.adapters.gevent_connection import GeventConnection, _GeventSelectorIOLoop

logger = logging.getLogger(__name__)

CLAIMS = "claims"
DEAD = "claims.dead"
MAX_QUEUED = 1_000_000
# The audit log: messages of up to 500 requests each. When it is full the workers keep theirs, and count what they drop.
AUDIT = "audit"
AUDIT_DEAD = "audit.dead"
MAX_AUDIT_QUEUED = 20_000


def claim_queue(number: int) -> str:
    """The name of the n-th claim queue."""
    return f"{CLAIMS}.{number}"


def parameters(url: str) -> pika.URLParameters:
    """Connection parameters with the time-outs this application relies on."""
    params = pika.URLParameters(url)
    params.heartbeat = 10
    params.blocked_connection_timeout = 5
    params.socket_timeout = 2
    params.stack_timeout = 4
    params.connection_attempts = 1
    return params


def declare_topology(url: str, queues: int) -> None:
    """Declare exchanges and quorum queues; safe to repeat. Raises pika's AMQPError when the broker is away."""
    with pika.BlockingConnection(parameters(url)) as connection:
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
    with pika.BlockingConnection(parameters(url)) as connection:
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
    """One message to be published persistently and mandatorily. `reason`: why it is a dead letter."""

    exchange: str
    routing_key: str
    message_id: str
    body: bytes
    reason: str = ""


class _Flight:
    """Messages sent together that wait for their confirms together."""

    __slots__ = ("done", "open", "unknown")

    def __init__(self, count: int) -> None:
        self.open = count
        self.unknown: set[str] = set()
        self.done = Event()

    def settle(self, message_id: str, *, confirmed: bool) -> None:
        if not confirmed:
            self.unknown.add(message_id)
        self.open -= 1
        if self.open <= 0:
            self.done.set()


class Publisher:
    """One connection and one confirming channel, shared by every greenlet of the process; reconnects by itself."""

    def __init__(self, url: str) -> None:
        self._parameters = parameters(url)
        self._ioloop: Any = None
        self._link: _Link | None = None
        self._linking = RLock()

    @property
    def usable(self) -> bool:
        """True when a publish may be tried: connected and not blocked by an alarm."""
        return self._link is not None and self._link.usable

    def publish(self, messages: Sequence[Message], timeout: float) -> set[str]:
        """Send all, wait for all confirms up to `timeout` seconds. Returns the message ids whose outcome is *unknown*."""
        link = self._current()
        link.settled.wait(timeout)
        if not link.usable:
            return {message.message_id for message in messages}
        return link.publish(messages, timeout)

    def _current(self) -> _Link:
        """The present link, or a new one when it is over. One that is still being made is never given up for another,
        which would leave two connections: pika's own time-outs bring it to an end."""
        with self._linking:  # pika may wait for a thread before the attempt has begun
            if self._link is None or self._link.over:
                if self._ioloop is None:
                    # One loop adapter for all attempts: each would leak two descriptors, and it must never be closed.
                    self._ioloop = _GeventSelectorIOLoop(gevent.get_hub())
                self._link = _Link(self._parameters, self._ioloop)
            return self._link


class _Link:
    """A connection and its channel, from the attempt to make it until it is over; then a new one is needed.

    pika's callbacks run in gevent's hub, where nothing may block: they only set flags and events.
    """

    def __init__(self, params: pika.URLParameters, ioloop: Any) -> None:
        self.settled = Event()  # it is open, or over
        self.over = False
        self._blocked = False
        self._channel: Any = None
        self._next_tag = 1
        self._waiting: dict[int, tuple[_Flight, str]] = {}
        self._connection = GeventConnection(
            params,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_end,
            on_close_callback=self._on_end,
            custom_ioloop=ioloop,
        )

    @property
    def usable(self) -> bool:
        return self._channel is not None and not self._blocked

    def publish(self, messages: Sequence[Message], timeout: float) -> set[str]:
        """As Publisher.publish."""
        flight, channel = _Flight(len(messages)), self._channel
        for position, message in enumerate(messages):
            headers = {"x-reason": message.reason[:500]} if message.reason else None
            properties = pika.BasicProperties(delivery_mode=2, message_id=message.message_id, headers=headers)
            tag, self._next_tag = self._next_tag, self._next_tag + 1
            self._waiting[tag] = (flight, message.message_id)
            try:
                channel.basic_publish(message.exchange, message.routing_key, message.body, properties, mandatory=True)
            except Exception:
                logger.warning("publish failed, outcome unknown", exc_info=True)
                flight.unknown.update(late.message_id for late in messages[position:])
                return flight.unknown | self._unsettled(flight)
        flight.done.wait(timeout)
        return flight.unknown | self._unsettled(flight)

    def _unsettled(self, flight: _Flight) -> set[str]:
        if flight.open <= 0:
            return set()
        return {message_id for owner, message_id in self._waiting.values() if owner is flight}

    def _on_open(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(self._on_blocked)
        connection.add_on_connection_unblocked_callback(self._on_unblocked)
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        channel.confirm_delivery(self._on_confirm)
        channel.add_on_return_callback(self._on_return)
        channel.add_on_close_callback(self._on_end)
        self._channel = channel
        self.settled.set()

    def _on_confirm(self, frame: Any) -> None:
        confirmed = frame.method.NAME == "Basic.Ack"
        tag = frame.method.delivery_tag
        if not frame.method.multiple:
            self._settle(tag, confirmed=confirmed)
            return
        # Tags are inserted in growing order, so the covered ones stand first.
        for covered in [known for known in self._waiting if known <= tag]:
            self._settle(covered, confirmed=confirmed)

    def _settle(self, tag: int, *, confirmed: bool) -> None:
        entry = self._waiting.pop(tag, None)
        if entry is not None:
            entry[0].settle(entry[1], confirmed=confirmed)

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # Unroutable: the confirm that follows would lie, so the message counts as unknown.
        for flight, message_id in self._waiting.values():
            if message_id == properties.message_id:
                flight.unknown.add(message_id)

    def _on_blocked(self, *_: Any) -> None:
        self._blocked = True

    def _on_unblocked(self, *_: Any) -> None:
        self._blocked = False

    def _on_end(self, *_: Any) -> None:
        """No connection, or it was closed, or its channel was: whichever is told first."""
        if self.over:
            return
        self.over, self._channel = True, None
        waiting, self._waiting = self._waiting, {}
        for flight, message_id in waiting.values():
            flight.settle(message_id, confirmed=False)
        self.settled.set()
        if self._connection.is_open:
            self._connection.close()
