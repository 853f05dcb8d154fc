"""The settle consumer: takes envelopes from the claim queues, settles them in batches, tells the world afterwards.

Order per batch: commit, ack, effects. While MariaDB is away it stops taking (closes its channel) instead of holding
messages unacknowledged; the queue keeps them.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event
from pika.exceptions import AMQPError

from app.admission.claims import Claim
from app.admission.courier import opened
from app.admission.engine import Engine
from app.admission.origins import Origin, origin_from
from app.extensions.broker import SPOOL, UNMARKED, claim_queue, connect, declare_topology
from app.extensions.services import Services
from consumers.burying import Graveyard
from consumers.effects import EffectsDesk
from consumers.outages import OutageError, wait_for_database
from consumers.settling import SettleDesk

logger = logging.getLogger(__name__)

PREFETCH = 400
BATCH_CLAIMS = 400
# A transaction costs about as much for ten claims as for a hundred, so a batch waits for company as long as messages keep
# coming; nobody notices, since a page asks for the first time after 0.6 s. Whoever comes alone is decided soon.
BATCH_WAIT_S = 0.15
ALONE_S = 0.04


@dataclass(slots=True)
class _Batch:
    """Messages that are settled together: delivery tag → its claims. `size` counts the claims; those in `unmarked` have no
    mark in ZooKeeper; `origins`: delivery tag → the spool that it came out of."""

    messages: dict[int, list[Claim]]
    size: int
    opened_at: float
    newest_at: float
    unmarked: set[str] = field(default_factory=set)
    origins: dict[int, Origin] = field(default_factory=dict)

    def due(self, now: float) -> bool:
        """True when it has waited long enough, or nothing more is coming."""
        return now - self.opened_at >= BATCH_WAIT_S or now - self.newest_at >= ALONE_S

    @property
    def claims(self) -> list[Claim]:
        return [claim for claims in self.messages.values() for claim in claims]

    def spooled(self) -> dict[str, list[Origin]]:
        """The claims that no message carries but those that came out of spools."""
        found: dict[str, list[Origin]] = {}
        for tag, origin in self.origins.items():
            for claim in self.messages[tag]:
                found.setdefault(claim.id, []).append(origin)
        others = self.messages.keys() - self.origins.keys() if found else ()
        for claim in (one for tag in others for one in self.messages[tag]):
            found.pop(claim.id, None)
        return found

    def tag_of(self, claim: Claim) -> int:
        """The first message that carries this claim."""
        return next(tag for tag, claims in self.messages.items() if any(one.id == claim.id for one in claims))


def run(services: Services, engine: Engine, stopping: Event) -> None:
    """Consume until told to stop, reconnecting to whatever went away."""
    effects = EffectsDesk(services, engine)
    desk = SettleDesk(services, engine, effects)
    gevent.spawn(effects.run)
    while not stopping.is_set():
        try:
            declare_topology(services.settings.amqp_url, services.settings.claim_queues)
            ClaimsConsumer(services, engine, desk, effects).consume(stopping)
        except AMQPError as error:
            logger.warning("broker away: %r", error)
            stopping.wait(0.5)
        except OutageError:
            logger.warning("MariaDB away: not taking claims until it answers")
            wait_for_database(services, stopping)
    effects.flush()


class ClaimsConsumer:
    """One connection and channel over all claim queues."""

    def __init__(self, services: Services, engine: Engine, desk: SettleDesk, effects: EffectsDesk) -> None:
        self._services = services
        self._faults = engine.faults
        self._desk = desk
        self._effects = effects
        self._batch: _Batch | None = None
        self._graves = Graveyard(services.publisher)
        self._channel: Any = None

    def consume(self, stopping: Event) -> None:
        """Take and settle until told to stop. Raises AMQPError, OutageError."""
        connection = connect(self._services.settings.amqp_url)
        try:
            self._channel = connection.channel()
            self._channel.basic_qos(prefetch_count=PREFETCH)
            for number in range(self._services.settings.claim_queues):
                self._channel.basic_consume(claim_queue(number), self._on_message)
            while not stopping.is_set():
                connection.process_data_events(time_limit=ALONE_S if self._batch else 0.2)
                if self._batch and self._batch.due(monotonic()):
                    self._settle()
                self._bury()
            if self._batch:
                self._settle()
            self._bury()
        finally:
            with contextlib.suppress(AMQPError):
                connection.close()

    def _on_message(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            claims = opened(body)
        except ValueError as error:
            self._graves.add(method.delivery_tag, body, str(error))
            return
        now = monotonic()
        if self._batch is None:
            self._batch = _Batch({}, 0, now, now)
        self._batch.newest_at = now
        self._batch.messages[method.delivery_tag] = claims
        self._batch.size += len(claims)
        headers = properties.headers or {}
        if headers.get(UNMARKED):
            self._batch.unmarked.update(claim.id for claim in claims)
        if origin := origin_from(headers.get(SPOOL)):
            self._batch.origins[method.delivery_tag] = origin
        if self._batch.size >= BATCH_CLAIMS:
            self._settle()

    def _settle(self) -> None:
        batch, self._batch = self._batch, None
        if batch is None:
            return
        self._faults.hit("before_commit")
        settled, hopeless = self._desk.settle(batch.claims, batch.spooled())
        self._faults.hit("after_commit")
        poisoned = set()
        for claim, reason in hopeless:
            poisoned.add(tag := batch.tag_of(claim))
            origin = batch.origins.get(tag)
            self._graves.add(tag, self._desk.wire(claim), reason, origin.written() if origin else "")
        self._acknowledge(sorted(batch.messages.keys() - poisoned))
        self._faults.hit("after_ack")
        self._effects.take(settled, batch.unmarked)

    def _acknowledge(self, tags: Sequence[int]) -> None:
        """In one word, unless that would take along a message whose poison is not buried yet."""
        for tag in tags if self._graves else ():
            self._channel.basic_ack(tag)
        if tags and not self._graves:
            self._channel.basic_ack(tags[-1], multiple=True)

    def _bury(self) -> None:
        for tag in self._graves.bury():
            self._channel.basic_ack(tag)
