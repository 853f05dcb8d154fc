"""What the other rooms stand on: the stack, this process's clients of its servers, and waiting for what can be seen."""

from __future__ import annotations

from collections.abc import Callable

import pika

from app.admission.engine import Engine
from app.extensions.broker import parameters
from app.extensions.redis import patiently
from app.extensions.services import Services
from app.lectures.models import KIND
from ops.clients import settings_of
from ops.stack import Stack
from ops.stack.service import Service
from tests.waiting import until


class Ground:
    """A running stack and white-box clients of its servers."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.settings = settings_of(stack)
        self.services: Services
        self.engine: Engine

    def service(self, name: str) -> Service:
        return self.stack.service(name)

    def until(self, happened: Callable[[], object], what: str, within: float = 60.0) -> None:
        """Wait for something that can be looked at; errors of servers that are still away count as "not yet"."""
        until(happened, what, within)

    def empty_redis(self) -> None:
        """It has lost everything. A machine that stands still for a second is no outage."""
        patiently(self.services.redis.flushall)

    def gate_open(self) -> bool:
        """True when Redis carries the epoch of MariaDB, in this run of the server, and may refuse again."""
        store = self.engine.store
        epoch, run = store.stored_fence()
        trusted = epoch > 0 and epoch == self.engine.epochs.learn() and run == store.run_id()
        return trusted and not store.draining()

    def live_seats(self, lecture: int) -> dict[str, tuple[int, int]]:
        """Redis's counters of a lecture, {} when it is not loaded."""
        engine = self.engine
        return engine.epochs.fenced(lambda fence: engine.store.seats(KIND, [lecture], fence=fence))[0]

    def purge(self, queue: str) -> None:
        """Empty a queue of the broker."""
        with pika.BlockingConnection(parameters(self.settings.amqp_url)) as connection:
            connection.channel().queue_purge(queue)

    def now_ms(self) -> int:
        return self.services.clock.epoch_ms()
