"""The audit log's consumer: rows from the queue into MariaDB, up to 500 or about a second's in one transaction.

Acknowledged after the commit. What comes twice is known by its row ids. Runs beside the passes of the maintenance
process (docs/audit.md says why), or as a program of its own: `python -m consumers audit`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from gevent.event import Event
from pika.exceptions import AMQPError
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.admission.engine import Engine
from app.audit.rows import Row, from_message
from app.audit.storing import store
from app.extensions.broker import AUDIT, AUDIT_DEAD, connect, declare_audit
from app.extensions.db import is_outage
from app.extensions.pulse import ANSWERS_OF_ALL_SORTS, WINDOW_S, per_second, pulses
from app.extensions.redis import RedisClient, RedisError
from app.extensions.services import Services
from consumers.burying import Graveyard
from consumers.outages import OutageError, wait_for_database

logger = logging.getLogger(__name__)

STORED = Counter("seatrush_audit_rows_total", "Rows of the audit log that were committed")

ROWS = 500
WAIT_S = 1.0
# Whole messages are taken: a batch is at most 500 rows and one message's more.
PREFETCH = 16
# While so many claims wait to be decided, or this host's web workers give so many answers a second (a rush for what is sold
# out makes no claims), storing the log (45 µs of CPU a row, most of it MariaDB's) is put off; the queue holds it. Not for
# ever: then it catches up, rush or not.
RUSH_CLAIMS = 50
RUSH_ANSWERS = 400
RUSH_S = 60.0
LOOK_AGAIN_S = 0.5


def run(services: Services, engine: Engine, stopping: Event) -> None:
    """Consume until told to stop, whatever goes away meanwhile."""
    while not stopping.is_set():
        try:
            declare_audit(services.settings.amqp_url)
            AuditConsumer(services, engine).consume(stopping)
        except AMQPError as error:
            logger.warning("broker away: %r", error)
            stopping.wait(1.0)
        except OutageError:
            logger.warning("MariaDB away: the audit log waits in its queue")
            wait_for_database(services, stopping)
        except Exception:
            # Beside it run the passes that keep the claims' promise: a defect here must not end their process.
            logger.exception("the audit consumer failed; it begins again")
            stopping.wait(1.0)


class _Rush:
    """Whether the servers have something better to do; looked at twice a second at most."""

    def __init__(self, redis: RedisClient, pulses_dir: Path) -> None:
        self._redis = redis
        self._pulses_dir = pulses_dir
        self._began: float | None = None
        self._looked_at = -LOOK_AGAIN_S
        self._on = False

    def on(self) -> bool:
        """True while much is going on, but for no longer than RUSH_S; then it must have been quiet first."""
        now = monotonic()
        if now - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = now
            if not (self._many_claims() or self._many_answers()):
                self._began = None
            elif self._began is None:
                self._began = now
            self._on = self._began is not None and now - self._began < RUSH_S
        return self._on

    def _many_claims(self) -> bool:
        try:
            return self._redis.zcard("sr:pending") >= RUSH_CLAIMS
        except RedisError:
            return False

    def _many_answers(self) -> bool:
        told = [one for one in pulses(self._pulses_dir) if one["age_s"] < WINDOW_S]
        return sum(per_second(one, *ANSWERS_OF_ALL_SORTS) for one in told) >= RUSH_ANSWERS


class AuditConsumer:
    """One connection and channel over the audit queue."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._faults = engine.faults
        self._rush = _Rush(services.redis, services.settings.pulses_dir)
        self._graves = Graveyard(services.publisher, AUDIT_DEAD)
        self._batch: dict[int, tuple[bytes, list[Row]]] = {}
        self._rows = 0
        self._opened_at = 0.0

    def consume(self, stopping: Event) -> None:
        """Take and store until told to stop. Raises AMQPError, OutageError; what was not acknowledged comes again."""
        with connect(self._services.settings.amqp_url) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            for method, _properties, body in channel.consume(AUDIT, inactivity_timeout=0.2):
                if method is not None:
                    self._take(method.delivery_tag, body)
                if stopping.is_set() or self._due():
                    self._store(channel)
                for tag in self._graves.bury():
                    channel.basic_ack(tag)
                if stopping.is_set():
                    return

    def _take(self, tag: int, body: bytes) -> None:
        try:
            rows = from_message(body)
        except ValueError as error:
            self._graves.add(tag, body, str(error))
            return
        if not self._batch:
            self._opened_at = monotonic()
        self._batch[tag] = (body, rows)
        self._rows += len(rows)

    def _due(self) -> bool:
        full = self._rows >= ROWS or len(self._batch) >= PREFETCH
        due = bool(self._batch) and (full or monotonic() - self._opened_at >= WAIT_S)
        return due and not self._rush.on()

    def _store(self, channel: Any) -> None:
        batch, self._batch, self._rows = self._batch, {}, 0
        if not batch:
            return
        self._faults.hit("audit_before_commit")
        hopeless = self._commit(list(batch.items()))
        self._faults.hit("audit_after_commit")
        for tag in batch.keys() - hopeless.keys():
            channel.basic_ack(tag)
        for tag, reason in hopeless.items():
            self._graves.add(tag, batch[tag][0], reason)

    def _commit(self, batch: Sequence[tuple[int, tuple[bytes, list[Row]]]]) -> dict[int, str]:
        """One transaction; halved when it holds something that no table takes. Returns such messages: tag → why."""
        rows = [row for _, (_, some) in batch for row in some]
        try:
            self._services.db.retrying(lambda session: store(session, rows))
        except (DBAPIError, PoolTimeoutError) as error:
            if isinstance(error, PoolTimeoutError) or is_outage(error):
                raise OutageError from error
            if len(batch) == 1:
                return {batch[0][0]: str(error.orig)[:300]}
            half = len(batch) // 2
            return {**self._commit(batch[:half]), **self._commit(batch[half:])}
        STORED.inc(len(rows))
        return {}
