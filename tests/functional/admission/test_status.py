"""Status while some of those who might know a claim are away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import sleep
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient

from app.admission import lag, status
from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.epochs import filling
from app.admission.lag import FRESH_S, TELL_AFTER_S, Lag
from app.admission.ledger import Ledger
from app.admission.marks import Marks, place_of
from app.admission.outbox import Effects
from app.admission.settle import settle
from app.admission.status import StatusDesk
from app.admission.store import Verdict
from app.auth.models import Account
from app.extensions.breakers import Breakers
from app.extensions.db import Database
from app.extensions.services import Services
from app.lectures.booking import book, cancel
from app.lectures.models import KIND
from ops.stack import Stack
from tests.factories import actor_for, bearer
from tests.functional.admission.conftest import Hall, MakeId, finish_outbox
from tests.functional.lectures.conftest import without_redis
from tests.waiting import until

KEY = "key-00000001"
NOWHERE = "mysql+pymysql://root@127.0.0.1:1/none"


@dataclass
class Asker:
    """A student who has made one claim and asks for it over HTTP."""

    client: FlaskClient
    services: Services
    student: Account
    lecture: int

    @property
    def claim(self) -> str:
        return claim_id(self.student.id, "book", KIND, self.lecture, KEY)

    def carried(self, claim: str = "", **fields: Any) -> Claim:
        """The claim as the gate carries it, or another one in its place."""
        return Claim(claim or self.claim, KIND, "book", self.student.id, self.lecture, **fields)

    def ask(self, *, proof: bool = True) -> Any:
        headers = bearer(self.services, self.student) | ({"Idempotency-Key": KEY} if proof else {})
        query = f"?kind={KIND}&offering_id={self.lecture}&action=book" if proof else ""
        return self.client.get(f"/api/claims/{self.claim}{query}", headers=headers)

    def state(self, *, proof: bool = True) -> str:
        answer = self.ask(proof=proof)
        assert answer.status_code == 200, answer.json
        return str(answer.json["state"])


@pytest.fixture
def asker(client: FlaskClient, services: Services, hall: Hall, make: MakeId) -> Asker:
    return Asker(client, services, hall.students(1)[0], make())


@pytest.fixture
def desk(engine: Engine, services: Services, near: Marks) -> StatusDesk:
    """The application's, with a ZooKeeper that is there."""
    engine.status = desk_with(engine, near, services.db)
    return engine.status


def desk_with(engine: Engine, marks: Marks, db: Database) -> StatusDesk:
    return StatusDesk(
        store=engine.store, epochs=engine.epochs, db=db, spool=engine.spool, marks=marks, breakers=Breakers()
    )


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("cart", ["", "a-cart"])
def test_a_mark_says_pending_when_redis_is_lost(asker: Asker, near: Marks, stack: Stack, cart: str) -> None:
    with without_redis(stack):
        assert asker.state() == "unknown"
        others = [asker.carried(claim_id(at, "book", KIND, asker.lecture, KEY), cart=cart) for at in (1, 2)]
        near.create(others)
        assert asker.state() == "unknown"
        near.delete([place_of(others[0])])
        near.create([*others, asker.carried(cart=cart)] if cart else [asker.carried()])
        pending = asker.ask().json
        assert (pending["state"], pending["offering_id"]) == ("pending", str(asker.lecture))
        assert asker.state(proof=False) == "unknown"


@pytest.mark.usefixtures("desk")
def test_the_spool_says_pending(asker: Asker, engine: Engine) -> None:
    engine.spool.append([Claim(asker.claim, KIND, "book", asker.student.id, asker.lecture)])
    try:
        assert asker.state() == "pending"
        assert asker.state(proof=False) == "unknown"
    finally:
        engine.spool.rotate()
        for one in engine.spool.replayable():
            one.removal.close()


def test_a_mark_is_not_believed_while_mariadb_cannot_say(
    asker: Asker, engine: Engine, near: Marks, stack: Stack
) -> None:
    """It may outlive its claim, and "pending" after "confirmed" would be a step back."""
    engine.status = desk_with(engine, near, Database(NOWHERE))
    near.create([asker.carried()])
    with without_redis(stack):
        assert asker.state() == "unknown"


def test_nor_is_a_record_without_a_verdict(asker: Asker, engine: Engine, near: Marks) -> None:
    """A replay during a rebuild: Redis records it as pending, though it may have been confirmed before."""
    engine.store.redis.delete(f"sr:o:{KIND}:{asker.lecture}")
    engine.store.redis.set("sr:draining", 1)
    assert [verdict.name for verdict in admit(engine, wish(asker.student.id, asker.lecture))] == ["recorded"]
    engine.status = desk_with(engine, near, asker.services.db)
    assert asker.state() == "pending"
    engine.status = desk_with(engine, near, Database(NOWHERE))
    assert asker.state() == "unknown"


@pytest.fixture
def cancelled(asker: Asker, engine: Engine, hall: Hall) -> Asker:
    """Whose booking was confirmed, and cancelled just now: the effects of that are still on their way."""
    actor = actor_for(asker.services, asker.student)
    book(engine, actor, asker.lecture, KEY)
    hall.settle()
    cancel(engine, actor, asker.lecture, "key-00000002")
    with asker.services.db.transaction() as session:
        settle(session, engine.kinds, asker.services.ids, hall.pending(), asker.services.clock.epoch_ms())
    return asker


@pytest.mark.parametrize("guard", [True, False])
def test_a_redis_that_decisions_reach_late_is_not_enough(
    cancelled: Asker, stack: Stack, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    """What MariaDB has told meanwhile is not taken back by a Redis that has not heard of it yet."""
    monkeypatch.setattr(status, "CATCHES_UP_WITHIN_S", 0.0)
    if not guard:
        monkeypatch.setattr(lag, "LATE_S", 1e6)
    redis = stack.service("redis")
    redis.pause()
    try:
        until(lambda: cancelled.state() == "cancelled", "MariaDB's word")
    finally:
        redis.resume()
    said = {"cancelled"}
    for _ in range(25 if guard else 300):  # until it is asked again
        said.add(cancelled.state())
        if not guard and "confirmed" in said:
            break
        sleep(0.1)
    assert said == ({"cancelled"} if guard else {"cancelled", "confirmed"})


@pytest.mark.parametrize("guard", [True, False])
def test_what_was_decided_just_now_is_kept_back_by_who_cannot_reach_redis(
    cancelled: Asker, engine: Engine, near: Marks, stack: Stack, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    """Another worker may reach it, and not know yet that effects are late."""
    monkeypatch.setattr(status, "TELL_AFTER_S", 60.0 if guard else 0.0)
    other = desk_with(engine, near, cancelled.services.db)
    monkeypatch.setattr(other, "_lag", NeverLate())  # its last look found nothing late, as the effect was younger then
    assert told(other, cancelled) == "confirmed"
    redis = stack.service("redis")
    redis.pause()
    try:
        first = cancelled.state()
    finally:
        redis.resume()
    assert told(other, cancelled) == "confirmed"
    assert first == ("unknown" if guard else "cancelled")
    monkeypatch.undo()
    until(lambda: told(other, cancelled) == "cancelled", "a look at MariaDB")


@pytest.mark.parametrize("guard", [True, False])
def test_what_was_decided_just_now_is_kept_back_while_redis_does_not_know_it(
    asker: Asker, engine: Engine, hall: Hall, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    """Sent again it would be pending there, as after a Redis that was killed and built anew."""
    monkeypatch.setattr(status, "TELL_AFTER_S", 60.0 if guard else 0.0)
    book(engine, actor_for(asker.services, asker.student), asker.lecture, KEY)
    hall.settle()
    engine.store.redis.delete(f"sr:c:{asker.claim}")
    assert asker.state() == ("unknown" if guard else "confirmed")


@pytest.mark.parametrize("guard", [True, False])
def test_until_a_rebuild_is_done_redis_is_not_enough(
    cancelled: Asker, hall: Hall, engine: Engine, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    """What has ended, and is sent again, is a new claim to it before the last step."""
    finish_outbox(hall)
    monkeypatch.setattr(status, "CATCHES_UP_WITHIN_S", 0.0)
    if not guard:
        monkeypatch.setattr(StatusDesk, "_filled", lambda *_: True)
    engine.store.redis.set(filling(engine.epochs.current), 1)
    sleep(TELL_AFTER_S)
    assert cancelled.state() == ("cancelled" if guard else "confirmed")


def test_a_mariadb_that_hangs_does_not_hang_what_redis_says(
    asker: Asker, engine: Engine, near: Marks, services: Services, stack: Stack
) -> None:
    book(engine, actor_for(asker.services, asker.student), asker.lecture, KEY)
    desk = desk_with(engine, near, services.db)
    assert told(desk, asker) == "pending"
    mariadb = stack.service("mariadb")
    mariadb.pause()
    try:
        sleep(FRESH_S)
        with gevent.Timeout(5):
            assert [told(desk, asker) for _ in range(3)] == ["pending"] * 3
    finally:
        mariadb.resume()


class NeverLate(Lag):
    """Its last look found nothing late."""

    def __init__(self) -> None:
        """Without anybody to ask."""

    def none(self) -> bool:
        return True


def told(desk: StatusDesk, asker: Asker) -> str | None:
    """What a worker says."""
    standing = desk.ask(asker.claim).standing
    return standing.state if standing else None


@pytest.mark.parametrize("guard", [True, False])
def test_a_redis_that_takes_no_writes_is_not_asked(
    cancelled: Asker, engine: Engine, spoil: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    monkeypatch.setattr(lag, "LATE_S", 1e6)
    if not guard:
        spoil("status_writes")
    redis = engine.store.redis
    redis.config_set("min-replicas-to-write", 1)
    try:
        if guard:
            until(lambda: cancelled.state() == "cancelled", "MariaDB's word")
        else:
            sleep(TELL_AFTER_S)
            assert cancelled.state() == "confirmed"
    finally:
        redis.config_set("min-replicas-to-write", 0)


def emptied_and_draining(asker: Asker, engine: Engine) -> None:
    """The claim is accepted and in a queue when Redis is emptied and a rebuild begins."""
    admission = book(engine, actor_for(asker.services, asker.student), asker.lecture, KEY)
    assert admission.claim_id == asker.claim
    assert asker.state(proof=False) == "pending"
    engine.store.redis.flushdb()
    engine.store.begin(2, engine.store.run_id(), rate=1, burst=1, draining=True)


def test_while_a_rebuild_drains_an_accepted_claim_is_not_unheard_of(asker: Asker, engine: Engine) -> None:
    emptied_and_draining(asker, engine)
    assert asker.state(proof=False) == "unknown"
    engine.epochs.fenced(lambda fence: engine.store.open(fence=fence))
    assert asker.ask(proof=False).status_code == 404


def test_without_a_look_at_the_drain_it_is(asker: Asker, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    emptied_and_draining(asker, engine)
    monkeypatch.setattr(engine.store, "draining", lambda: False)
    assert asker.ask(proof=False).status_code == 404


def wish(user: int, lecture: int) -> Claim:
    made = claim_id(user, "book", KIND, lecture, KEY)
    return Claim(id=made, kind=KIND, action="book", user_id=user, offering_id=lecture, fingerprint="1")


def admit(engine: Engine, *claims: Claim) -> list[Verdict]:
    return engine.epochs.fenced(
        lambda fence: engine.store.admit(claims, fence=fence, interval_ms=0, emission_ms=0, burst=1)
    )


@pytest.mark.parametrize("kind", ["..", ".", "a/../b", "", "course"])
def test_a_kind_that_does_not_exist_is_asked_for_nowhere(asker: Asker, desk: StatusDesk, kind: str) -> None:
    """It would become a part of ZooKeeper's path, and fail for everybody whose marks are asked for with it."""
    made = claim_id(asker.student.id, "book", kind, 1, KEY)
    headers = bearer(asker.services, asker.student) | {"Idempotency-Key": KEY}
    for _ in range(4):  # three failures would open the breaker
        answer = asker.client.get(
            f"/api/claims/{made}", query_string={"kind": kind, "offering_id": "1"}, headers=headers
        )
        assert answer.status_code == 404, answer.json
    assert desk._breakers.closed("zookeeper")


def test_positions_are_the_same_from_redis_from_mariadb_and_for_settle(
    engine: Engine, make: MakeId, hall: Hall, services: Services
) -> None:
    """A batch is admitted in one millisecond: only sequences tell its claims apart, and without Redis not even those."""
    lecture = make(capacity=1, waitlist_capacity=20)
    students = [one.id for one in hall.students(7)]
    claims = [wish(user, lecture) for user in students]
    engine.store.redis.hset(f"sr:o:{KIND}:{lecture}", "seq", 9_996)  # order must not turn over with the digits
    admit(engine, *claims)
    hall.settle()
    direct = [wish(one.id, lecture) for one in hall.students(4)]
    at = services.clock.epoch_ms()
    with services.db.transaction() as session:
        sent = [replace(one, admitted_at=at, hold="any") for one in direct]
        done = settle(session, engine.kinds, services.ids, sent, at)
        line = Ledger(session, {(KIND, lecture)}).waiters((KIND, lecture, "0"))
    assert engine.applier.apply(Effects(claims=done.standings))
    waiting = [*(one.id for one in claims[1:]), *sorted(one.id for one in direct)]
    assert [one.id for one in line] == waiting
    expected = list(range(1, len(waiting) + 1))
    assert positions(engine, waiting) == expected
    engine.store.redis.flushdb()
    assert positions(engine, waiting) == expected


def positions(engine: Engine, claims: list[str]) -> list[int | None]:
    standings = [engine.status.ask(one).standing for one in claims]
    return [one.position for one in standings if one is not None]
