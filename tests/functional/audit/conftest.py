"""The audit log on real servers: the application's recorder, an empty queue, and a consumer to start and stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gevent
import pika
import pytest
from flask import Flask
from gevent.event import Event
from sqlalchemy import select

from app.audit.models import RequestLog
from app.audit.recorder import Recorder
from app.extensions.broker import AUDIT, AUDIT_DEAD, declare_audit, parameters
from app.extensions.services import Services
from consumers import audit
from tests.functional.lectures.conftest import engine, make, manager

__all__ = ["engine", "make", "manager"]


@dataclass(repr=False)
class Log:
    """What was noted, what waits in the queue, what has arrived."""

    services: Services
    app: Flask

    @property
    def recorder(self) -> Recorder[Any]:
        found: Recorder[Any] = self.app.extensions["seatrush.audit"]
        return found

    def rows(self) -> Sequence[RequestLog]:
        """The rows in MariaDB, oldest first."""
        with self.services.db.transaction() as session:
            return session.scalars(select(RequestLog).order_by(RequestLog.at, RequestLog.id)).all()

    def arrived(self, count: int, within: float = 60.0) -> Sequence[RequestLog]:
        """Wait for so many rows."""
        until(lambda: len(self.rows()) >= count, within)
        return self.rows()

    def delivered(self, count: int) -> Sequence[RequestLog]:
        """Publish what was noted, have it consumed, and wait for so many rows."""
        assert self.recorder.flush()
        with self.consuming():
            return self.arrived(count)

    @contextmanager
    def consuming(self) -> Iterator[None]:
        """The consumer, in a greenlet of this process."""
        stopping = Event()
        running = gevent.spawn(audit.run, self.services, self.app.extensions["seatrush.engine"], stopping)
        try:
            yield
        finally:
            stopping.set()
            running.join(10)
            assert running.successful()

    def unsent(self) -> int:
        """Rows that the recorder has made a message of, and the broker has not confirmed."""
        return sum(rows for _, rows in self.recorder._outbound._messages)

    def waiting(self, queue: str = AUDIT) -> int:
        """Messages ready in a queue."""
        with pika.BlockingConnection(parameters(self.services.settings.amqp_url)) as connection:
            return int(connection.channel().queue_declare(queue, passive=True).method.message_count)


def until(happened: Callable[[], object], within: float = 60.0) -> None:
    """Wait for something that can be looked at."""
    with gevent.Timeout(within):
        while not happened():
            gevent.sleep(0.05)


@pytest.fixture
def log(services: Services, app: Flask) -> Log:
    """The log of the application under test, with nothing in it."""
    declare_audit(services.settings.amqp_url)
    with pika.BlockingConnection(parameters(services.settings.amqp_url)) as connection:
        for queue in (AUDIT, AUDIT_DEAD):
            connection.channel().queue_purge(queue)
    return Log(services, app)
