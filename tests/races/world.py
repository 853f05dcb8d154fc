"""The engine of one process and a consumer that is stepped by hand, for random walks over it; the servers are real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete

from app.admission import courier
from app.admission.claims import Claim
from app.admission.courier import opened
from app.admission.engine import Engine
from app.admission.models import ClaimRow, OutboxRow, SeatPool
from app.admission.outbox import Effects, finish
from app.admission.settle import Settled
from app.errors import SeatrushError
from app.extensions.broker import DEAD, claim_queue
from app.extensions.redis import patiently
from app.extensions.services import Services
from app.offerings import build_engine
from consumers.effects import EffectsDesk
from consumers.settling import SettleDesk
from ops.drills.checker import Checker
from ops.drills.wishes import Answer, Told, Wish

USUAL_SILENCE_S = courier.SILENCE_S


@dataclass
class World:
    """The engine of one process, and a consumer that settles when it is told to."""

    services: Services
    engine: Engine
    connection: Any
    numbers: Iterator[int]
    inbox: list[tuple[int, bytes]] = field(default_factory=list)
    effects: list[Settled] = field(default_factory=list)
    channel: Any = None
    people: list[int] = field(default_factory=list)
    first_class: int = 0
    spooled: int = 0  # claims that were sent on from the spool
    hopeless: list[str] = field(default_factory=list)  # errors of claims that no transaction would take

    def wait_for_confirms(self, patient: bool) -> None:
        """Whether the gate waits for the broker at all, from now on. (`monkeypatch` puts it right after the test.)"""
        courier.SILENCE_S = USUAL_SILENCE_S if patient else 0.0

    def consume(self) -> None:
        """Take what the claim queues hold, one message at a time."""
        self.channel = self.connection.channel()
        self.channel.basic_qos(prefetch_count=1)
        for name in (*(claim_queue(number) for number in range(self.services.settings.claim_queues)), DEAD):
            self.channel.queue_purge(name)
            if name != DEAD:
                self.channel.basic_consume(name, self._on_message)

    def _on_message(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        self.inbox.append((method.delivery_tag, body))

    def submit(self, wish: Wish) -> None:
        """Send a wish through the gate; what it answers is remembered as HTTP would have said it."""
        claim = Claim(
            wish.claim_id, wish.kind, wish.action, wish.student.id, wish.lecture_id,  # type: ignore[arg-type]
            line_ok=wish.waitlist and not wish.drops, hold="none" if wish.action == "cancel" else "any",
            fingerprint="1", drops=wish.drops, pools=wish.pools,
        )  # fmt: skip
        try:
            self.engine.gate.submit(claim)
        except SeatrushError as error:
            wish.answers.append(Answer(error.status, {"code": error.code, **error.data}))
        else:
            wish.answers.append(Answer(202, {"claim_id": wish.claim_id}))

    def look(self, wish: Wish, clock: int) -> None:
        answer = self.engine.status.ask(wish.claim_id)
        if (standing := answer.standing) is not None and not answer.early:
            wish.told.append(Told(standing.state, standing.version, standing.reason, clock, clock))

    def deliver(self, *, acknowledged: bool = True, wait_s: float = 0.05) -> bool:
        """Settle the next message. Unacknowledged, it will come again. False when there is none."""
        if not self.inbox:
            self.connection.process_data_events(time_limit=wait_s)
        if not self.inbox:
            return False
        tag, body = self.inbox.pop(0)
        desk = SettleDesk(self.services, self.engine, EffectsDesk(self.services, self.engine))
        settled, hopeless = desk.settle(opened(body))
        self.hopeless += [error for _, error in hopeless]
        self.effects += settled
        if acknowledged:
            self.channel.basic_ack(tag)
        else:
            self.channel.basic_nack(tag, requeue=True)
        return True

    def tell(self, settled: Settled) -> None:
        """Let the effects of one transaction happen."""
        if self.engine.applier.apply(Effects(claims=settled.standings)) and settled.outbox_id is not None:
            with self.services.db.transaction() as session:
                finish(session, [settled.outbox_id], self.services.clock.epoch_ms())

    def rest(self, checker: Checker) -> None:
        """Everything that goes on by itself goes on until nothing is left to do. (For a claim that no transaction takes there
        always is something.)"""
        keeper, deadline = self.engine.keeper, time.monotonic() + 40
        while time.monotonic() < deadline and (
            self.engine.watch.tick() != "fine" or (not self.hopeless and list(checker.unrest()))
        ):
            while self.deliver():
                pass
            for work in (self.send_spool, keeper.relay, keeper.sweep, keeper.clear_marks, self.engine.offers.make):
                with_outage(work)

    def meanwhile(self) -> None:
        """What others do while a rebuild drains: it waits for the spool and for the queues."""
        self.send_spool()
        self.deliver()

    def send_spool(self) -> None:
        """What the broker had not confirmed."""
        self.spooled += self.engine.courier.replay_spool()

    def restart(self) -> None:
        """Another process takes over: it knows nothing but what the servers and the disk know."""
        self.engine.spool.rotate()  # the death of a process unlocks its segment
        self.engine = build_engine(self.services)

    def begin_anew(self) -> None:
        """After something went wrong: nothing of it is met by the next walk."""
        self.hopeless.clear()
        while self.deliver():
            pass
        self.effects.clear()
        self.hopeless.clear()
        patiently(self.services.redis.flushall)
        self.engine.watch.tick()

    def forget(self, *tables: Any) -> None:
        """Nothing of this walk is read again by the next one's rebuilds."""
        with self.services.db.transaction() as session:
            for table in (ClaimRow, SeatPool, OutboxRow, *tables):
                session.execute(delete(table))


def with_outage(work: Any) -> None:
    """Run a pass of the watch as the watch does: an emptied Redis is put off to the next beat."""
    try:
        work()
    except Exception as error:
        if type(error).__name__ not in {"EpochError", "DependencyDownError"}:
            raise
