"""One connection and confirming channel to a node of RabbitMQ, from the attempt to make it until it is over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

import gevent
import pika
from gevent.event import Event
from pika.adapters.gevent_connection import GeventConnection

from app.extensions.broker import Message

logger = logging.getLogger(__name__)

# A node that is cut off or frozen says nothing, and its connection looks well until heartbeats are missed (20 s). Where
# there is another node, one that left a whole publish without an answer for so long is left.
SILENT_S = 1.5


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


class Link:
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
