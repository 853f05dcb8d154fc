"""One worker's part of the audit log: note, mask, publish. It must never slow or fail a request.

A request costs one tuple and one append. Everything else is a greenlet's, once a second or when many have come: rows are
masked a few at a time, so that nobody waits behind them, and travel as one persistent message. What the broker does not
confirm is kept and sent again under the same ids (the consumer knows a row by its id); there is room for so much, then
the oldest goes, and is counted.
"""

from __future__ import annotations

import logging
import uuid
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent.event import Event
from prometheus_client import Counter

from app.audit.rows import Noted, Row, row_of, to_message
from app.extensions.broker import AUDIT, Message
from app.extensions.publisher import Publisher
from app.extensions.services import Services

logger = logging.getLogger(__name__)

Entry = TypeVar("Entry")

LOST = Counter("seatrush_audit_lost_total", "Requests that found no room in the audit log's buffers")

EVERY_S = 1.0
AT_MOST = 500  # rows in a message
MOST_ENTRIES = 5_000
MOST_BYTES = 32 * 1024 * 1024  # of messages that wait for the broker: about a minute of an opening
SLICE = 25  # rows between two chances for the requests
CONFIRM_WITHIN_S = 5.0


class Recorder(Generic[Entry]):
    """Give `take` what was picked up of a request; `run` in a greenlet of its own.

    `read` makes out of an entry what is known of the request: later, and not in the request's own time.
    None: it need not be logged after all.
    """

    def __init__(self, services: Services, read: Callable[[Entry], Noted | None]) -> None:
        self._services = services
        self._read = read
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._outbound = _Outbound(services.publisher)
        self._many = Event()

    def take(self, entry: Entry) -> None:
        """Note one request. Never waits, never raises."""
        entries = self._entries
        count = len(entries)
        if count >= AT_MOST:
            self._crowded(count)
        entries.append(entry)

    def _crowded(self, count: int) -> None:
        self._many.set()
        if count == MOST_ENTRIES:
            LOST.inc()

    def run(self) -> None:
        """Mask and publish for ever. Two greenlets: a silent broker must not keep secrets waiting unmasked."""
        gevent.spawn(self._outbound.run)
        while True:
            self._many.wait(EVERY_S)
            self._many.clear()
            self.wrap()

    def flush(self, timeout: float = CONFIRM_WITHIN_S) -> bool:
        """Publish what was noted so far; True when the broker has confirmed all of it."""
        self.wrap()
        return self._outbound.send(timeout)

    def wrap(self) -> None:
        """Make messages of what was noted. Tokens are looked up now, while they are known."""
        while self._entries:
            rows: list[Row] = []
            while self._entries and len(rows) < AT_MOST:
                rows += self._slice(min(SLICE, AT_MOST - len(rows)))
                gevent.sleep(0)
            if rows:
                self._outbound.add(to_message(rows), len(rows))

    def _slice(self, most: int) -> list[Row]:
        rows: list[Row] = []
        for _ in range(min(most, len(self._entries))):
            entry = self._entries.popleft()
            try:
                noted = self._read(entry)
                if noted is not None:
                    rows.append(row_of(noted, self._services.ids.next_id()))
            except Exception:
                # This greenlet must live, and one strange request must not take others along.
                LOST.inc()
                logger.exception("a request that cannot be logged")
        return rows


class _Outbound:
    """Messages that the broker has not confirmed, oldest first; beyond MOST_BYTES the oldest makes room."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._messages: deque[tuple[Message, int]] = deque()
        self._bytes = 0
        self._waiting = Event()

    def add(self, body: bytes, rows: int) -> None:
        self._messages.append((Message("", AUDIT, str(uuid.uuid4()), body), rows))
        self._bytes += len(body)
        while self._bytes > MOST_BYTES:
            LOST.inc(self._forget())
        self._waiting.set()

    def _forget(self) -> int:
        message, rows = self._messages.popleft()
        self._bytes -= len(message.body)
        return rows

    def run(self) -> None:
        while True:
            self._waiting.wait()
            try:
                if not self.send(CONFIRM_WITHIN_S):
                    gevent.sleep(EVERY_S)
            except Exception:
                logger.exception("the audit log could not be published; trying again")
                gevent.sleep(EVERY_S)

    def send(self, timeout: float) -> bool:
        """False when the broker confirmed only some.

        Not through the broker's breaker: a full audit queue says nothing about the claims', and must not open it.
        """
        while self._messages:
            message = self._messages[0][0]
            if self._publisher.publish([message], timeout):
                return False
            if self._messages and self._messages[0][0] is message:  # it may have had to make room meanwhile
                self._forget()
        self._waiting.clear()
        return True
