"""A random walk over the real engine: every order of clicks, deliveries, lost effects and losses of Redis that
hypothesis can think of, against the checker. The servers are real; the consumer is stepped by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

import gevent
import pika
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete

from app.admission import maintenance, rebuild, store
from app.admission.claims import Claim
from app.admission.courier import opened
from app.admission.engine import Engine
from app.admission.models import ClaimRow, OutboxRow, SeatPool
from app.admission.outbox import Effects, finish
from app.admission.resizing import Change, create_pool
from app.admission.settle import Settled
from app.errors import SeatrushError
from app.extensions.breakers import Breakers
from app.extensions.broker import DEAD, claim_queue, declare_topology, parameters
from app.extensions.services import Services
from app.lectures.models import KIND, Lecture, LectureBooking
from app.offerings import build_engine
from app.settings import Settings
from consumers.effects import EffectsDesk
from consumers.settling import SettleDesk
from tests.checker import Checker
from tests.crowd import SETTLED, Answer, Student, Told, Wish
from tests.lua_guards import library_without

USERS = st.sampled_from([101, 102, 103])
WHICH = st.integers(0, 50)


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

    def open_lecture(self, capacity: int, line: int) -> int:
        ids, now = self.services.ids, datetime.now(UTC)
        lecture_id = ids.next_id()
        with self.services.db.transaction() as session:
            session.add(
                Lecture(
                    id=lecture_id, title="", speaker="", summary="", place=str(lecture_id), audience={}, created_by=0,
                    opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(hours=1),
                    starts_at=now + timedelta(hours=2), ends_at=now + timedelta(hours=3),
                    capacity=capacity, waitlist_capacity=line,
                )
            )  # fmt: skip
            create_pool(session, ids.next_id(), Change(KIND, lecture_id, "0", capacity, line))
        self.engine.loader.describe(KIND, lecture_id)
        return lecture_id

    def submit(self, wish: Wish) -> None:
        """Send a wish through the gate; what it answers is remembered as HTTP would have said it."""
        claim = Claim(
            wish.claim_id, KIND, wish.action, wish.student.id, wish.lecture_id, line_ok=wish.waitlist,  # type: ignore[arg-type]
            hold="any" if wish.action == "book" else "none", fingerprint="1",
        )  # fmt: skip
        try:
            self.engine.gate.submit(claim)
        except SeatrushError as error:
            wish.answers.append(Answer(error.status, {"code": error.code, **error.data}))
        else:
            wish.answers.append(Answer(202, {"claim_id": wish.claim_id}))

    def look(self, wish: Wish, clock: int) -> None:
        standing = self.engine.status.ask(wish.claim_id).standing
        if standing is not None:
            wish.told.append(Told(standing.state, standing.version, standing.reason, clock, clock))

    def deliver(self, *, acknowledged: bool = True, wait_s: float = 0.02) -> bool:
        """Settle the next message. Unacknowledged, it will come again. False when there is none."""
        if not self.inbox:
            self.connection.process_data_events(time_limit=wait_s)
        if not self.inbox:
            return False
        tag, body = self.inbox.pop(0)
        desk = SettleDesk(self.services, self.engine, EffectsDesk(self.services, self.engine))
        settled, hopeless = desk.settle(opened(body))
        assert not hopeless
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
        """Everything that goes on by itself goes on until nothing is left to do."""
        keeper, deadline = self.engine.keeper, time.monotonic() + 10
        while self.engine.watch.tick() != "fine" or (list(checker.unrest()) and time.monotonic() < deadline):
            while self.deliver():
                pass
            for work in (keeper.relay, keeper.sweep, keeper.clear_marks):
                with_outage(work)

    def forget(self) -> None:
        """Nothing of this walk is read again by the next one's rebuilds."""
        with self.services.db.transaction() as session:
            for table in (ClaimRow, SeatPool, OutboxRow, LectureBooking, Lecture):
                session.execute(delete(table))


class Opening(RuleBasedStateMachine):
    """Three students, one or two seats, a line for one."""

    world: ClassVar[World]
    checker: ClassVar[Checker]

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[Wish] = []
        self.lecture = 0
        self.clock = 0
        self.stormy = False

    @rule(capacity=st.integers(1, 2), line=st.integers(0, 1), stormy=st.booleans())
    @precondition(lambda self: not self.lecture)
    def open(self, capacity: int, line: int, stormy: bool) -> None:
        """On a stormy day Redis is lost, which mends much of what else could go wrong."""
        self.stormy = stormy
        self.lecture = self.world.open_lecture(capacity, line)

    @rule(user=USERS, waitlist=st.booleans())
    @precondition(lambda self: self.lecture)
    def book(self, user: int, waitlist: bool) -> None:
        self.wish(user, "book", waitlist=waitlist)

    @rule(user=USERS)
    @precondition(lambda self: self.lecture)
    def cancel(self, user: int) -> None:
        self.wish(user, "cancel")

    def wish(self, user: int, action: str, *, waitlist: bool = True) -> None:
        wish = Wish(Student(user, ""), self.lecture, action, f"key-{next(self.world.numbers)}", waitlist)
        self.wishes.append(wish)
        self.world.submit(wish)

    @rule(which=WHICH)
    @precondition(lambda self: self.wishes)
    def replay(self, which: int) -> None:
        """Once more by the same key; a refused key is not used again."""
        wish = self.wishes[which % len(self.wishes)]
        if not wish.refusals:
            self.world.submit(wish)

    @rule(which=WHICH)
    @precondition(lambda self: self.wishes)
    def look(self, which: int) -> None:
        self.clock += 2
        self.world.look(self.wishes[which % len(self.wishes)], self.clock)

    @rule(acknowledged=st.booleans())
    @precondition(lambda self: self.wishes)
    def deliver(self, acknowledged: bool) -> None:
        """A consumer settles one message, and perhaps dies before it can say so."""
        self.world.deliver(acknowledged=acknowledged)

    @rule(which=WHICH)
    @precondition(lambda self: self.world.effects)
    def tell(self, which: int) -> None:
        """Effects happen in any order, late ones too."""
        self.world.tell(self.world.effects.pop(which % len(self.world.effects)))

    @rule()
    @precondition(lambda self: len(self.world.effects) > 1)
    def tell_backwards(self) -> None:
        while self.world.effects:
            self.world.tell(self.world.effects.pop())

    @rule()
    @precondition(lambda self: self.wishes)
    def settle(self) -> None:
        """The consumer catches up."""
        while self.world.deliver():
            pass

    @rule()
    @precondition(lambda self: self.world.effects and self.stormy)
    def lose_effects(self) -> None:
        """The consumer dies with everything it wanted to tell; the outbox knows."""
        self.world.effects.clear()

    @rule()
    @precondition(lambda self: self.wishes)
    def sweep(self) -> None:
        """Too early, on purpose."""
        with_outage(self.world.engine.keeper.sweep)

    @rule()
    @precondition(lambda self: self.lecture and self.stormy)
    def empty_redis(self) -> None:
        self.world.services.redis.flushall()

    @rule()
    @precondition(lambda self: self.lecture and self.stormy)
    def watch(self) -> None:
        self.world.engine.watch.tick()

    @rule()
    @precondition(lambda self: self.lecture)
    def restart(self) -> None:
        """Another process takes over: it knows nothing but what the servers know."""
        self.world.engine = build_engine(self.world.services)

    def teardown(self) -> None:
        if not self.lecture:
            return
        self.world.rest(self.checker)
        for wish in self.wishes:
            self.clock += 2
            self.world.look(wish, self.clock)
        found = [*self.checker.unrest(), *self.checker.wrong(self.wishes, [self.lecture])]
        self.world.effects.clear()
        assert found == []
        self.world.forget()
        assert all(wish.told and wish.told[-1].state in SETTLED for wish in self.wishes if wish.promised)


def with_outage(work: Any) -> None:
    """Run a pass of the watch as the watch does: an emptied Redis is put off to the next beat."""
    try:
        work()
    except Exception as error:
        if type(error).__name__ not in {"EpochError", "DependencyDownError"}:
            raise


@pytest.fixture
def world(services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The servers without programs, emptied; passes that wait for an age do not."""
    own = replace(Services.for_process(settings), breakers=Breakers(reset_timeout=0.01))
    own.start()
    with gevent.Timeout(10):
        while not own.zookeeper.connected:
            gevent.sleep(0.02)
    declare_topology(settings.amqp_url, settings.claim_queues)
    monkeypatch.setattr(maintenance, "RELAY_AGE_MS", -60_000)
    monkeypatch.setattr(maintenance, "SWEEP_AGE_MS", 0)
    monkeypatch.setattr(maintenance, "MARK_AGE_MS", 0)
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)
    with pika.BlockingConnection(parameters(settings.amqp_url)) as connection:
        made = World(own, build_engine(own), connection, iter(range(1_000_000, 2_000_000)))
        made.consume()
        # While a rebuild drains, somebody else's consumer goes on.
        clock = SimpleNamespace(monotonic=rebuild.time.monotonic, sleep=lambda _: made.deliver())
        monkeypatch.setattr(rebuild, "time", clock)
        made.engine.watch.tick()
        yield made
    own.close()


def walk(world: World, *, examples: int, phases: Sequence[Phase] = tuple(Phase)) -> None:
    """So many random walks; raises the checker's AssertionError."""
    Opening.world, Opening.checker = world, Checker(world.services, world.engine)
    run_state_machine_as_test(
        Opening,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_engine_keeps_its_promises_in_every_order(world: World) -> None:
    walk(world, examples=50)


def test_a_walk_without_a_guard_ends_badly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The naive release: a seat is given back whether or not the claim held one."""
    spoiled = library_without("compare_hold")
    monkeypatch.setattr(store, "library", lambda: spoiled)
    world.engine.store.install()
    with pytest.raises(AssertionError):
        walk(world, examples=60, phases=[Phase.generate])
