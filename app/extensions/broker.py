"""RabbitMQ: the topology, and a publisher with pipelined confirms for one gevent process.

A publish is *confirmed* or *unknown*, never failed: a message whose confirm did not come may still be delivered.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any

import gevent
import pika
from gevent.event import Event
from gevent.lock import RLock
from pika.adapters.gevent_connection import GeventConnection, _GeventSelectorIOLoop
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPConnectionError

from app.addresses import broker_urls

logger = logging.getLogger(__name__)

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

# A node that is cut off or frozen says nothing, and its connection looks well until heartbeats are missed (20 s). Where
# there is another node, one that left a whole publish without an answer for so long is left.
SILENT_S = 1.5


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

    def __init__(self, urls: str) -> None:
        self._nodes = parameters(urls)
        self._node = 0
        self._ioloop: Any = None
        self._link: _Link | None = None
        self._linking = RLock()

    def reach(self, timeout: float) -> bool:
        """Whether a publish may be tried: connected, for which it is seen to if need be, and not blocked by an alarm. Raises
        TimeoutError when no node has said yes or no by then."""
        link = self._settled(monotonic() + timeout)
        if not link.settled.is_set():
            raise TimeoutError
        return link.usable

    def publish(self, messages: Sequence[Message], timeout: float, *, silence: float = inf) -> set[str]:
        """Send all, wait for all confirms up to `timeout` seconds, but no longer when the node has said nothing at all for
        `silence` seconds. Returns the message ids whose outcome is *unknown*.
        """
        deadline = monotonic() + timeout
        link = self._settled(deadline)
        if not link.usable:
            return {message.message_id for message in messages}
        unknown = link.publish(messages, max(0.0, deadline - monotonic()), silence)
        if unknown and len(self._nodes) > 1 and link.silent:
            logger.warning("a broker that says nothing is left for the next one")
            link.leave()
        return unknown

    def _settled(self, deadline: float) -> _Link:
        """A link to the first node that takes one, if there is time; else the last that was tried."""
        for _ in self._nodes:
            link = self._current()
            link.settled.wait(max(0.0, deadline - monotonic()))
            if link.usable or not link.over:
                break
        return link

    def _current(self) -> _Link:
        """The present link, or a new one when it is over. One that is still being made is never given up for another,
        which would leave two connections: pika's own time-outs bring it to an end."""
        with self._linking:  # pika may wait for a thread before the attempt has begun
            if self._link is None or self._link.over:
                if self._ioloop is None:
                    # One loop adapter for all attempts: each would leak two descriptors, and it must never be closed.
                    self._ioloop = _GeventSelectorIOLoop(gevent.get_hub())
                if self._link is not None and self._link.lost:
                    self._node += 1  # the next node; back to the preferred one only when the others are away too
                self._link = _Link(self._nodes[self._node % len(self._nodes)], self._ioloop)
            return self._link


class _Link:
    """A connection and its channel, from the attempt to make it until it is over; then a new one is needed.

    pika's callbacks run in gevent's hub, where nothing may block: they only set flags and events.
    """

    def __init__(self, params: pika.URLParameters, ioloop: Any) -> None:
        self.settled = Event()  # it is open, or over
        self.over = False
        self.lost = False  # it ended, and not because it was to: the node may be away
        self._ended = False
        self._heard_at = monotonic()
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

    @property
    def silent(self) -> bool:
        """True when confirms are due, none has come for SILENT_S, and no alarm says why."""
        return bool(self._waiting) and not self._blocked and monotonic() - self._heard_at > SILENT_S

    def leave(self) -> None:
        """Use it no more: whatever it has not confirmed is unknown."""
        self._on_end()

    def publish(self, messages: Sequence[Message], timeout: float, silence: float) -> set[str]:
        """As Publisher.publish."""
        if not self._waiting:
            self._heard_at = monotonic()  # nothing was due before
        flight, channel = _Flight(len(messages)), self._channel
        for position, message in enumerate(messages):
            properties = pika.BasicProperties(delivery_mode=2, message_id=message.message_id, headers=message.headers)
            tag, self._next_tag = self._next_tag, self._next_tag + 1
            self._waiting[tag] = (flight, message.message_id)
            try:
                channel.basic_publish(message.exchange, message.routing_key, message.body, properties, mandatory=True)
            except Exception:
                logger.warning("publish failed, outcome unknown", exc_info=True)
                flight.unknown.update(late.message_id for late in messages[position:])
                return flight.unknown | self._unsettled(flight)
        self._wait(flight, timeout, silence)
        return flight.unknown | self._unsettled(flight)

    def _wait(self, flight: _Flight, timeout: float, silence: float) -> None:
        begun = now = monotonic()
        while now < (until := min(begun + timeout, max(begun, self._heard_at) + silence)):
            if flight.done.wait(until - now):
                return
            now = monotonic()
        gevent.sleep(0)  # a process that stood still has its confirms in the socket, unread

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
        self._heard_at = monotonic()
        confirmed = frame.method.NAME == "Basic.Ack"
        tag = frame.method.delivery_tag
        # Tags are inserted in growing order, so the covered ones stand first.
        covered = [known for known in self._waiting if known <= tag] if frame.method.multiple else [tag]
        for one in covered:
            self._settle(one, confirmed=confirmed)
        if not confirmed:
            # A channel that was opened just after a queue's leader died refuses for as long as that node is away; a new
            # one does not. What it still owes is awaited, then it is closed.
            self.over = True
        if self.over and not self._waiting and self._connection.is_open:
            self._connection.close()

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
        if self._ended:
            return
        self._ended, self.lost = True, not self.over
        self.over, self._channel = True, None
        waiting, self._waiting = self._waiting, {}
        for flight, message_id in waiting.values():
            flight.settle(message_id, confirmed=False)
        self.settled.set()
        if self._connection.is_open:
            self._connection.close()
