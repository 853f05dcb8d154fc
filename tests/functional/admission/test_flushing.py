"""A rebuild waits for the spools of all hosts: a claim that waits in one of them is known to no Redis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gevent
import pytest
from kazoo.client import KazooClient

from app.admission import rebuild
from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.errors import SoldOutError
from app.admission.flushing import ASKED, Flushes
from app.admission.spool import Spool
from app.auth.models import Account
from app.extensions.registry import HOSTS, Presence, Roster
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from app.lectures.booking import book
from tests.factories import actor_for
from tests.functional.admission.conftest import Hall, MakeId
from tests.waiting import until


@pytest.fixture
def client(services: Services) -> Iterator[KazooClient]:
    made = connect_zookeeper(services.settings.zookeeper_hosts)
    made.start(timeout=10)
    yield made
    made.stop()
    made.close()


@dataclass
class Elsewhere:
    """Another host, whose spool holds the only trace of a claim for the lecture's one seat."""

    hall: Hall
    flushes: Flushes
    spool: Spool
    lecture: int
    student: Account

    def send_on(self) -> list[Standing]:
        """Its spool is published and settled; where its claims stand."""
        self.spool.rotate()
        settled: list[Standing] = []
        for one in self.spool.replayable():
            settled += self.hall.settle(one.claims)
            one.removal.close()
        return settled

    def repeat(self) -> str:
        """The student presses again, with the same key."""
        actor = actor_for(self.hall.services, self.student)
        return book(self.hall.engine, actor, self.lecture, "key-elsewhere", waitlist=False).claim_id


@pytest.fixture
def elsewhere(
    engine: Engine, make: MakeId, hall: Hall, client: KazooClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Elsewhere]:
    monkeypatch.setattr(rebuild, "WORKERS_SWITCH_WITHIN_S", 0.0)
    monkeypatch.setattr(engine.watch, "_queues", 0)  # nobody settles barriers here
    roster, spool = Roster(client), Spool(tmp_path / "spool", "elsewhere", hall.services.clock)
    monkeypatch.setattr(engine.watch, "_flushes", Flushes(engine.store.redis, hall.services.db, engine.spool, roster))
    presence = Presence(client, f"{HOSTS}/elsewhere")
    presence.show([])
    until(lambda: "elsewhere" in roster.hosts(), "another host")
    other = Flushes(engine.store.redis, hall.services.db, spool, roster, "elsewhere")
    made = Elsewhere(hall, other, spool, make(capacity=1, waitlist_capacity=0), hall.students(1)[0])
    claim = made.repeat()
    spool.append(hall.pending_of([claim]))
    engine.store.redis.flushdb()
    yield made
    presence.leave()


def newcomer(elsewhere: Elsewhere) -> None:
    hall = elsewhere.hall
    book(hall.engine, actor_for(hall.services, hall.students(1)[0]), elsewhere.lecture, "key-newcomer", waitlist=False)


def test_redis_refuses_nobody_before_every_spool_is_sent_on(elsewhere: Elsewhere, engine: Engine) -> None:
    rebuilding = gevent.spawn(engine.watch.rebuild)
    until(lambda: engine.store.redis.exists(ASKED), "a question")
    assert elsewhere.flushes.answer()  # waited for; it is not empty: no answer
    newcomer(elsewhere)
    claim = elsewhere.repeat()
    assert engine.store.draining()
    elsewhere.send_on()
    assert engine.store.draining()  # it has not said so yet
    elsewhere.flushes.answer()
    rebuilding.get(timeout=20)
    assert not engine.store.draining()
    assert not elsewhere.flushes.answer()
    assert elsewhere.repeat() == claim
    standing = engine.status.ask(claim).standing
    assert standing is not None
    assert standing.state == "confirmed"


def test_without_waiting_it_refuses_whose_claim_is_confirmed_later(
    elsewhere: Elsewhere, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Flushes, "missing", lambda *_: set())
    engine.watch.rebuild()
    newcomer(elsewhere)
    with pytest.raises(SoldOutError):
        elsewhere.repeat()
    claims = elsewhere.send_on()
    assert [one.state for one in claims] == ["confirmed"]


def test_without_zookeeper_those_are_waited_for_who_were_there(
    engine: Engine, services: Services, client: KazooClient, tmp_path: Path
) -> None:
    """ZooKeeper's leader and Redis's primary may have been on one host: nobody is asked for the first time then."""
    presence = Presence(client, f"{HOSTS}/elsewhere")
    presence.show([])
    seen = Roster(client)
    until(lambda: "elsewhere" in seen.hosts(), "another host")
    own = connect_zookeeper(services.settings.zookeeper_hosts)
    own.start(timeout=10)
    spool = Spool(tmp_path)
    looking, blind = (Flushes(engine.store.redis, services.db, spool, Roster(own), "here") for _ in range(2))
    looking.look()
    own.stop()
    own.close()
    assert "elsewhere" in looking.missing(1)
    assert blind.missing(1) == set()
    presence.leave()


def test_a_host_that_is_gone_is_not_waited_for(elsewhere: Elsewhere, engine: Engine, client: KazooClient) -> None:
    rebuilding = gevent.spawn(engine.watch.rebuild)
    until(lambda: engine.store.redis.exists(ASKED), "a question")
    client.delete(f"{HOSTS}/elsewhere")  # as its session's end would
    rebuilding.get(timeout=20)
    assert not engine.store.draining()
