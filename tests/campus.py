"""The whole campus for races and faults: every server and every program, one stack for both folders of tests.

`SEATRUSH_TEST_CAMPUS=<folder>` keeps it there and uses it again in the next run, which saves its start.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pika
import pytest
from gevent.event import Event
from gevent.pool import Group
from sqlalchemy import delete, insert, select, text

from app.admission.claims import GENERAL
from app.admission.engine import Engine
from app.admission.marks import IN_PROGRESS
from app.admission.models import ClaimRow, SeatPool
from app.admission.outbox import Effects, append
from app.admission.resizing import Change, create_pool
from app.admission.rows import decided
from app.auth.actor import Actor, StudentStanding
from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.broker import DEAD, parameters
from app.extensions.services import Services
from app.lectures.models import KIND, Lecture, LectureBooking
from app.offerings import build_engine
from app.org.models import Student as StudentRow
from app.settings import Settings
from consumers import claims, maintenance
from consumers.runner import Program
from migrations import upgrade
from ops.stack import Stack, StackConfig
from ops.stack.servers.rabbitmq import RabbitMQ, node_environment
from ops.stack.service import Service
from tests.checker import Checker
from tests.crowd import Crowd, Student
from tests.factories import Place, make_place
from tests.lua_guards import library_without

# As in production, but quick: nobody waits 10 s between two clicks here, and one student may click a lot.
SETTINGS = {
    "SEATRUSH_FAULT_POINTS": "1",
    "SEATRUSH_CLAIM_INTERVAL_MS": "20",
    "SEATRUSH_USER_RATE": "1000",
    "SEATRUSH_USER_BURST": "1000",
    "SEATRUSH_ACCESS_TOKEN_TTL": "36000",
}
HEALS_WITHIN_S = 30.0


class Campus:
    """A running stack, white-box clients of its servers, students, lectures, faults, and the checker."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.settings = _settings(stack)
        self.services: Services
        self.engine: Engine
        self._checker: Checker
        self._students: dict[str, list[Student]] = {}
        self._places: dict[str, Place] = {}
        self._faults = stack.config.run / "faults"
        self._warned = 0

    def open(self) -> None:
        """Start everything: servers, tables, programs, and the clients of this process."""
        self.stack.up()
        upgrade(self.settings.database_url)
        self._faults.mkdir(exist_ok=True)
        self.clear_faults()
        self.stack.start_programs()
        self.services = Services.for_process(self.settings)
        self.services.start()
        self.engine = build_engine(self.services)
        self._checker = Checker(self.services, self.engine)
        self._tokens = Identity.for_process(self.services).tokens
        self.until(lambda: self.services.zookeeper.connected, "ZooKeeper's session")
        self.until(self.gate_open, "the first epoch")
        self._warned = self._repairs()

    def close(self) -> None:
        """Stop everything."""
        if hasattr(self, "services"):
            self.services.close()
        self.stack.down()

    # -- people and lectures --------------------------------------------------------------------------------------

    def students(self, count: int, college: str = "计算机学院") -> list[Student]:
        """So many students of a college; the same ones again in another test, whose lecture is another."""
        known = self._students.setdefault(college, [])
        missing = count - len(known)
        if missing > 0:
            known += self._enrol(missing, self.place(college))
        return known[:count]

    def place(self, college: str) -> Place:
        """The college's one class."""
        if college not in self._places:
            self._places[college] = make_place(self.services, college=college)
        return self._places[college]

    def manager(self) -> str:
        """A manager's token."""
        return self._tokens.issue(Actor.of(self.services.ids.next_id(), "m", Role.MANAGER))

    def _enrol(self, count: int, place: Place) -> list[Student]:
        ids = [self.services.ids.next_id() for _ in range(count)]
        with self.services.db.transaction() as session:
            session.execute(
                insert(Account),
                [{"id": one, "username": f"c{one}", "display_name": f"C {one}", "role": "student"} for one in ids],
            )
            session.execute(
                insert(StudentRow),
                [{"id": one, "account_id": one, "student_no": str(one), "class_id": place.class_id} for one in ids],
            )
        standing = StudentStanding(place.class_id, place.major_id, place.department_id, place.college_id, place.grade)
        actors = [Actor.of(one, f"c{one}", Role.STUDENT, 0, standing) for one in ids]
        return [Student(actor.account_id, self._tokens.issue(actor)) for actor in actors]

    def lecture(self, capacity: int, waitlist: int = 0) -> int:
        """A lecture that is open for an hour; returns its id."""
        lecture_id, now = self.services.ids.next_id(), datetime.now(UTC)
        effects = Effects(offerings=[(KIND, lecture_id)])
        with self.services.db.transaction() as session:
            session.add(
                Lecture(
                    id=lecture_id,
                    title=f"Lecture {lecture_id}",
                    speaker="Ada",
                    summary="",
                    place=f"Room {lecture_id}",
                    opens_at=now - timedelta(minutes=1),
                    closes_at=now + timedelta(hours=1),
                    starts_at=now + timedelta(days=1),
                    ends_at=now + timedelta(days=1, hours=1),
                    audience={},
                    capacity=capacity,
                    waitlist_capacity=waitlist,
                    created_by=0,
                )
            )
            create_pool(session, self.services.ids.next_id(), Change(KIND, lecture_id, GENERAL, capacity, waitlist))
            append(session, self.services.ids, effects)
        self.engine.applier.apply(effects)
        return lecture_id

    def crowd(self, seed: int = 1) -> Crowd:
        """Clients for one test."""
        return Crowd(self.stack.config.ports.http, seed)

    @contextmanager
    def steady_load(
        self, *, students: int = 300, per_second: int = 100, seats: int = 100, waitlist: int = 40, again: float = 0.1
    ) -> Iterator[Crowd]:
        """Students come one after another to a lecture of their own while the block runs; all are told at its end.

        They ask again by the same key, some cancel, some of those book again.
        """
        lecture, crowd = self.lecture(seats, waitlist), self.crowd()
        coming = Group()

        def arrive() -> None:
            for student in self.students(students):
                coming.add(gevent.spawn(crowd.visit, student, lecture, again=again))
                gevent.sleep(1 / per_second)

        coming.add(gevent.spawn(arrive))
        yield crowd
        coming.join(raise_error=True)
        crowd.close()

    # -- guards off -----------------------------------------------------------------------------------------------

    @contextmanager
    def lua_without(self, guard: str) -> Iterator[None]:
        """Run with a function library in which one guard is off."""
        self.services.redis.function_load(library_without(guard), replace=True)
        try:
            yield
        finally:
            self.engine.store.install()

    def own_consumer(self) -> AbstractContextManager[None]:
        """Settle in this process, whose code a test may change, instead of in the program."""
        return self._own("claims", claims.run)

    def own_watch(self) -> AbstractContextManager[None]:
        """The same with the watch and its rebuilds."""
        return self._own("maintenance", maintenance.run)

    @contextmanager
    def _own(self, name: str, run: Program) -> Iterator[None]:
        program, stopping = self.service(name), Event()
        program.stop()
        running = gevent.spawn(run, self.services, self.engine, stopping)
        try:
            yield
        finally:
            stopping.set()
            running.join(20)
            program.start()

    @contextmanager
    def altered(self, without: str, again: str, *, of: Crowd) -> Iterator[None]:
        """Run with a table altered; alter it back when the spoiled lectures are forgotten."""
        with self.services.db.transaction() as session:
            session.execute(text(without))
        try:
            yield
        finally:
            self.forget(of)
            with self.services.db.transaction() as session:
                session.execute(text(again))

    def forget(self, crowd: Crowd) -> None:
        """Take the lectures that a guard turned off has spoiled out of MariaDB, Redis and ZooKeeper."""
        tables = [(ClaimRow, "offering_id"), (SeatPool, "offering_id"), (LectureBooking, "lecture_id"), (Lecture, "id")]
        for lecture in {wish.lecture_id for wish in crowd.wishes}:
            with self.services.db.transaction() as session:
                for table, column in tables:
                    session.execute(delete(table).where(getattr(table, column) == lecture))
            keys: Any = self.services.redis.keys(f"sr:*:{KIND}:{lecture}*")
            self.services.zookeeper.delete(f"{IN_PROGRESS}/{KIND}/{lecture}", recursive=True)
            if keys:
                self.services.redis.delete(*keys)
        if crowd.wishes:
            self.services.redis.zrem("sr:pending", *(wish.claim_id for wish in crowd.wishes))
        self._warned = self._repairs()

    # -- faults ---------------------------------------------------------------------------------------------------

    def service(self, name: str) -> Service:
        return self.stack.service(name)

    def fault(self, name: str, order: str) -> None:
        """Order a fault at a fault point (`app.admission.faults`); it happens once."""
        partial = self._faults / f".{name}"
        partial.write_text(order)
        partial.rename(self._faults / name)

    def fault_met(self, name: str, within: float = 15.0) -> None:
        """Wait until some process has met the fault."""
        self.until(lambda: not (self._faults / name).exists(), f"somebody at {name}", within)

    def clear_faults(self) -> None:
        for order in self._faults.iterdir():
            order.unlink()

    def broker_memory_limit(self, limit: str) -> None:
        """Set the broker's memory watermark, as `rabbitmqctl` does; "1" (byte) raises the alarm."""
        server = self.stack.servers["rabbitmq"]
        assert isinstance(server, RabbitMQ)
        tool = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmqctl"))[-1]
        command = [str(tool), "set_vm_memory_high_watermark", "absolute", limit]
        subprocess.run(command, env={**os.environ, **node_environment(server)}, check=True, capture_output=True)

    def heal(self) -> None:
        """What an earlier test left broken is mended: nothing paused, nothing down, the gate open."""
        self.clear_faults()
        services = [self.stack.service(name) for name in (*self.stack.servers, *self.stack.programs)]
        for service in services:
            service.resume()
            service.start()
        for service in services:
            service.wait_ready()
        self.until(self.gate_open, "an open gate")
        self.purge(DEAD)

    def gate_open(self) -> bool:
        """True when Redis carries the epoch of MariaDB, in this run of the server, and may refuse again."""
        store = self.engine.store
        epoch, run = store.stored_fence()
        trusted = epoch > 0 and epoch == self.engine.epochs.learn() and run == store.run_id()
        return trusted and not store.draining()

    def until(self, happened: Callable[[], object], what: str, within: float = 30.0) -> None:
        """Wait for something that can be looked at; errors of servers that are still away count as "not yet"."""
        deadline = time.monotonic() + within
        error: Exception | None = None
        while time.monotonic() < deadline:
            try:
                if happened():
                    return
                error = None
            except Exception as problem:
                error = problem
            gevent.sleep(0.05)
        raise AssertionError(f"{what} did not come within {within:.0f} s ({error!r})")

    def purge(self, queue: str) -> None:
        """Empty a queue of the broker."""
        with pika.BlockingConnection(parameters(self.settings.amqp_url)) as connection:
            connection.channel().queue_purge(queue)

    def decided(self, claim_id: str) -> tuple[str, str] | None:
        """State and reason of a claim in MariaDB, None when it is not decided."""
        with self.services.db.transaction() as session:
            standing = decided(session, [claim_id]).get(claim_id)
        return (standing.state, standing.reason) if standing else None

    def promoted_in_order(self, lecture: int) -> bool:
        """True when nobody of a line still waits who was admitted before somebody that was promoted."""
        with self.services.db.transaction() as session:
            rows = session.scalars(select(ClaimRow).where(ClaimRow.offering_id == lecture, ClaimRow.action == "book"))
            orders = [((row.admitted_at, row.sequence), row.state, row.reason) for row in rows]
        promoted = [order for order, _, reason in orders if reason == "promoted"]
        waiting = [order for order, state, _ in orders if state == "waitlisted"]
        return bool(promoted) and (not waiting or max(promoted) < min(waiting))

    def now_ms(self) -> int:
        return self.services.clock.epoch_ms()

    # -- the checker ----------------------------------------------------------------------------------------------

    def verify(
        self, *crowds: Crowd, within: float = HEALS_WITHIN_S, lectures: Sequence[int] | None = None
    ) -> list[str]:
        """Every invariant that does not hold `within` seconds from now, as sentences; [] when all hold."""
        wishes = [wish for crowd in crowds for wish in crowd.wishes]
        if lectures is None and wishes:
            lectures = sorted({wish.lecture_id for wish in wishes})
        deadline = time.monotonic() + within
        found = ["never looked"]
        while found and time.monotonic() < deadline:
            try:
                found = self._checker.violations(wishes, lectures)
            except Exception as error:
                found = [f"a server does not answer: {error!r}"]
            if found:
                gevent.sleep(0.2)
        if found:
            found = [*self._checker.unrest(), *self._checker.wrong(wishes, lectures)]
        return [*found, *self._repaired(), *(one for crowd in crowds for one in crowd.complaints)]

    def violations_at_rest(self, crowd: Crowd, within: float = 15.0) -> list[str]:
        """What is wrong as soon as nothing is on its way any more, before anything could be mended: for guards off."""
        lectures = sorted({wish.lecture_id for wish in crowd.wishes})
        self.until(lambda: not list(self._checker.unrest()), "rest", within)
        return list(self._checker.wrong(crowd.wishes, lectures))

    def _repaired(self) -> list[str]:
        """Counters that had to be mended had drifted: the checker must not be fooled by the repair."""
        before, self._warned = self._warned, self._repairs()
        return [f"{self._warned - before} pools had to be repaired"] if self._warned > before else []

    def _repairs(self) -> int:
        log = self.stack.config.logs / "maintenance.log"
        return log.read_text(errors="replace").count("repairing Difference") if log.exists() else 0


def _settings(stack: Stack) -> Settings:
    """Read as the programs do, without leaving anything in this process's environment."""
    before = dict(os.environ)
    try:
        return Settings.from_environment(
            {name.removeprefix("SEATRUSH_"): value for name, value in stack.environment().items()}
        )
    finally:
        os.environ.clear()
        os.environ.update(before)


def shared(config: pytest.Config, make_folder: Callable[[], Path]) -> Campus:
    """The one campus of this run, opened by the first test that asks and closed at the end of the run."""
    if _CAMPUS not in config.stash:
        kept = os.environ.get("SEATRUSH_TEST_CAMPUS")
        folder = Path(kept) if kept else make_folder()
        campus = Campus(Stack(StackConfig.for_folder(folder, name="campus", env_extra=SETTINGS)))
        config.stash[_CAMPUS] = campus
        if not kept:
            config.add_cleanup(campus.close)
        campus.open()
    return config.stash[_CAMPUS]


_CAMPUS: pytest.StashKey[Campus] = pytest.StashKey()
