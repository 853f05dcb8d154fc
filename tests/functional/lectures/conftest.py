"""Lectures on real servers: an engine over a fresh epoch, makers of lectures and of claims that are settled at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.admission.claims import Claim, Standing
from app.admission.engine import Engine
from app.admission.models import AdmissionControl
from app.admission.outbox import Effects
from app.admission.settle import settle
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.broker import declare_topology
from app.extensions.services import Services
from app.lectures.booking import book
from app.lectures.cancelling import lock_lecture
from app.lectures.creating import create_lecture
from app.lectures.draft import LectureDraft
from app.lectures.models import KIND, Lecture
from app.lectures.views import LectureView
from ops.stack import Stack
from tests.factories import actor_for, bearer, make_account, make_student

Maker = Callable[..., LectureView]


@pytest.fixture
def engine(app: Flask, services: Services) -> Engine:
    """The application's engine, with a Redis that is ready under epoch 1."""
    made: Engine = app.extensions["seatrush.engine"]
    declare_topology(services.settings.amqp_url, services.settings.claim_queues)
    with services.db.transaction() as session:
        session.merge(AdmissionControl(id=1, epoch=1, rate=50_000, burst=50_000))
    made.store.install()
    made.store.begin(1, made.store.run_id(), rate=50_000, burst=50_000)
    made.epochs.fenced(lambda fence: made.store.open(fence=fence))
    return made


@pytest.fixture
def manager(services: Services) -> Account:
    return make_account(services, Role.MANAGER)


@pytest.fixture
def make(services: Services, engine: Engine, manager: Account) -> Maker:
    """`make(**fields)` creates a lecture through its use case: open now, in two days, 10 seats, a line of 5."""
    numbers = iter(range(1, 10_000))

    def lecture(**fields: Any) -> LectureView:
        draft = LectureDraft(**{**sample(services.clock.now(), next(numbers)), **fields})
        return create_lecture(services, engine, actor_for(services, manager), draft)

    return lecture


def sample(now: datetime, number: int = 1) -> dict[str, Any]:
    """Fields of a lecture that is open now."""
    return {
        "title": f"讲座 {number}",
        "speaker": "张三",
        "place": f"礼堂 {number}",
        "starts_at": now + timedelta(days=2),
        "ends_at": now + timedelta(days=2, hours=2),
        "opens_at": now - timedelta(minutes=5),
        "closes_at": now + timedelta(days=1),
        "capacity": 10,
        "waitlist_capacity": 5,
    }


def body(fields: dict[str, Any]) -> dict[str, Any]:
    """The same as a JSON body."""
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in fields.items()}


@dataclass(repr=False)
class Hall:
    """Students who book, and a settle that is called by hand."""

    services: Services
    engine: Engine

    def students(self, count: int, **options: Any) -> list[Account]:
        return [make_student(self.services, **options) for _ in range(count)]

    def book(self, lecture_id: int, students: Sequence[Account]) -> list[Standing]:
        """Book and settle; where each claim stands, in the students' order."""
        ids = [
            book(self.engine, actor_for(self.services, one), lecture_id, f"key-{one.id}").claim_id for one in students
        ]
        self.settle()
        found = {one: self.engine.status.ask(one).standing for one in ids}
        return [standing for one in ids if (standing := found[one]) is not None]

    def pending(self) -> list[Claim]:
        """What is on its way."""
        ids: Any = self.engine.store.redis.zrange("sr:pending", 0, -1)
        return self.pending_of([one.decode() for one in ids])

    def pending_of(self, claims: Sequence[str]) -> list[Claim]:
        """Those of these that are pending, as Redis would have them published."""
        store = self.engine.store
        return self.engine.epochs.fenced(lambda fence: store.pending_claims(claims, fence=fence))

    def settle(self, some: Sequence[Claim] | None = None) -> list[Standing]:
        """Decide what is pending, or some of it, and apply the effects, as the consumer would."""
        claims = self.pending() if some is None else some
        now_ms = self.services.clock.epoch_ms()
        done = self.services.db.retrying(
            lambda session: settle(session, self.engine.kinds, self.services.ids, claims, now_ms)
        )
        assert self.engine.applier.apply(Effects(claims=done.standings))
        return done.standings

    def live_seats(self, lecture_id: int) -> dict[str, tuple[int, int]]:
        """Redis's counters."""
        store = self.engine.store
        return self.engine.epochs.fenced(lambda fence: store.seats(KIND, [lecture_id], fence=fence))[0]

    def stored(self, lecture_id: int) -> Lecture:
        with self.services.db.transaction() as session:
            return lock_lecture(session, lecture_id)


@pytest.fixture
def hall(services: Services, engine: Engine) -> Hall:
    return Hall(services, engine)


@contextmanager
def without_redis(stack: Stack) -> Iterator[None]:
    """Redis is killed, and comes back afterwards as another run of the server."""
    redis = stack.service("redis")
    redis.kill(stay_down=True)
    try:
        yield
    finally:
        redis.start()
        redis.wait_ready()


@dataclass
class Desk:
    """HTTP as one person."""

    client: FlaskClient
    headers: dict[str, str]

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, headers=self.headers, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.client.post(path, headers=self.headers, json=json, **options)

    def patch(self, path: str, json: Any) -> Any:
        return self.client.patch(path, headers=self.headers, json=json)

    def delete(self, path: str) -> Any:
        return self.client.delete(path, headers=self.headers)


@pytest.fixture
def desk(client: FlaskClient, services: Services, engine: Engine, manager: Account) -> Desk:
    """The manager's."""
    return Desk(client, bearer(services, manager))


def desk_of(client: FlaskClient, services: Services, account: Account) -> Desk:
    return Desk(client, bearer(services, account))
