"""A publisher with pipelined confirms for one gevent process.

A publish is *confirmed* or *unknown*, never failed: a message whose confirm did not come may still be delivered.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from math import inf
from time import monotonic
from typing import Any

import gevent
from gevent.lock import RLock
from pika.adapters.gevent_connection import _GeventSelectorIOLoop

from app.extensions.broker import Message, parameters
from app.extensions.broker_link import Link

logger = logging.getLogger(__name__)


class Publisher:
    """One connection and one confirming channel, shared by every greenlet of the process; reconnects by itself."""

    def __init__(self, urls: str) -> None:
        self._nodes = parameters(urls)
        self._node = 0
        self._ioloop: Any = None
        self._link: Link | None = None
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

    def _settled(self, deadline: float) -> Link:
        """A link to the first node that takes one, if there is time; else the last that was tried."""
        for _ in self._nodes:
            link = self._current()
            link.settled.wait(max(0.0, deadline - monotonic()))
            if link.usable or not link.over:
                break
        return link

    def _current(self) -> Link:
        """The present link, or a new one when it is over. One that is still being made is never given up for another,
        which would leave two connections: pika's own time-outs bring it to an end."""
        with self._linking:  # pika may wait for a thread before the attempt has begun
            if self._link is None or self._link.over:
                if self._ioloop is None:
                    # One loop adapter for all attempts: each would leak two descriptors, and it must never be closed.
                    self._ioloop = _GeventSelectorIOLoop(gevent.get_hub())
                if self._link is not None and self._link.lost:
                    self._node += 1  # the next node; back to the preferred one only when the others are away too
                self._link = Link(self._nodes[self._node % len(self._nodes)], self._ioloop)
            return self._link
