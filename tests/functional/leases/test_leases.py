"""Three hosts, one lease: exactly one does the pass, and one that has lost it, whatever it believes, writes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack

import gevent
import pytest
from gevent.event import Event
from kazoo.client import KazooClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.extensions import leases as module
from app.extensions.db import FENCE, Database
from app.extensions.leases import LEASES, LeaseLostError, Leases
from app.extensions.services import Services
from app.extensions.zookeeper import connect_zookeeper
from app.offerings import build_engine
from consumers import maintenance
from consumers.maintenance import RELAY, Job
from tests.faults.test_zookeeper import end_session
from tests.waiting import until

SESSION_S = 20.0  # sessions are ended from outside, not by a machine that stands still


class Host:
    """One maintenance process, with a session of its own; `written` are the rows it could write."""

    def __init__(self, services: Services, number: int) -> None:
        self.client: KazooClient = connect_zookeeper(services.settings.zookeeper_hosts, session_timeout=SESSION_S)
        self.client.start(timeout=10)
        self.leases = Leases(self.client, services.db)
        self.db = services.db
        self.number = number

    def write(self, session: Session) -> None:
        values = {"id": self.db_next(session), "host": self.number}
        session.execute(text("INSERT INTO outbox (id, payload) VALUES (:id, :host)"), values)

    @staticmethod
    def db_next(session: Session) -> int:
        return int(session.scalar(text("SELECT COALESCE(MAX(id), 0) + 1 FROM outbox FOR UPDATE")) or 1)

    def turn(self) -> bool:
        """One pass that writes a row; whether it was this host's to do."""
        with self.leases.holding(RELAY) as mine:
            if mine:
                with self.db.transaction() as session:
                    self.write(session)
            return mine


@pytest.fixture
def hosts(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Host]]:
    # As on three machines: nobody can look whether another's process is alive.
    monkeypatch.setattr(module, "_has_died", lambda _holder: False)
    with ExitStack() as stack:
        made = [Host(services, number) for number in range(3)]
        for host in made:
            stack.callback(host.client.close)
            stack.callback(host.client.stop)
        if made[0].client.exists(LEASES):
            made[0].client.delete(LEASES, recursive=True)
        yield made


def written(db: Database) -> list[int]:
    """Hosts in the order in which their rows were committed."""
    with db.transaction() as session:
        return [int(one) for one in session.scalars(text("SELECT payload FROM outbox ORDER BY id"))]


def expire(host: Host, services: Services) -> None:
    """ZooKeeper ends the session; the host has not noticed when this returns, or only just."""
    end_session(services.settings.zookeeper_hosts, host.client.client_id[0])


def test_exactly_one_of_three_does_each_pass(hosts: list[Host], db: Database) -> None:
    for _ in range(5):
        turns = [gevent.spawn(host.turn) for host in hosts]
        gevent.joinall(turns, raise_error=True)
        assert sorted(one.value for one in turns) == [False, False, True]
    assert len(set(written(db))) == 1
    assert len(written(db)) == 5


def lost_in_the_middle(hosts: list[Host], services: Services) -> None:
    """The first host's session ends while it is in its pass, and the second one does a pass; then the first commits."""
    first, second, _ = hosts
    with first.leases.holding(RELAY) as mine:
        assert mine
        expire(first, services)
        gevent.spawn(until, second.turn, "a turn of the second host").get(timeout=20)
        with first.db.transaction() as session:
            first.write(session)


def test_a_lease_that_was_lost_writes_nothing(hosts: list[Host], services: Services, db: Database) -> None:
    assert hosts[0].turn()
    with pytest.raises(LeaseLostError):
        lost_in_the_middle(hosts, services)
    assert written(db) == [0, 1]
    assert not hosts[0].turn()  # it has a new session by now, or will have one: the lease is the second one's


def test_fence_off_the_late_one_writes(
    hosts: list[Host], services: Services, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Lease, "check", lambda *_: None)
    assert hosts[0].turn()
    lost_in_the_middle(hosts, services)
    assert written(db) == [0, 1, 0]


def test_who_takes_over_waits_for_a_transaction_that_is_past_its_look(hosts: list[Host], services: Services) -> None:
    """It is about to commit: its successor's token, and so the successor's first pass, come after it."""
    first, second, _ = hosts
    assert first.turn()
    order: list[str] = []
    with first.leases.holding(RELAY), first.db._sessions.begin() as session:
        fence = FENCE.get()
        assert fence is not None
        first.write(session)
        fence(session)
        expire(first, services)

        def take_over() -> None:
            until(second.turn, "a turn of the second host")
            order.append("second")

        taking = gevent.spawn(take_over)
        until(lambda: second.client.exists(f"{LEASES}/{RELAY}"), "the second host's node")
        gevent.idle()
        order.append("first")
    taking.join(timeout=20)
    assert order == ["first", "second"]


def test_a_host_that_stops_hands_over_at_once(hosts: list[Host], db: Database) -> None:
    assert hosts[0].turn()
    hosts[0].leases.give_back()
    assert hosts[2].turn()
    assert not hosts[0].turn()
    assert written(db) == [0, 2]


def test_a_host_whose_process_died_is_not_waited_for_on_the_same_host(
    hosts: list[Host], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hosts[0].turn()
    monkeypatch.setattr(module, "_has_died", lambda _holder: True)
    assert not hosts[1].turn()  # it takes the dead one's node away
    assert hosts[1].turn()
    with pytest.raises(LeaseLostError):
        hosts[0].turn()
    assert written(db) == [0, 1]


def test_only_a_process_that_is_gone_has_died() -> None:
    mine = module._this_process()
    assert not module._has_died(mine)
    assert module._has_died(mine + "0")  # another one with its number
    assert not module._has_died(f"elsewhere/{mine.partition('/')[2]}0")
    assert not module._has_died("")


def without_zookeeper(hosts: list[Host]) -> None:
    for host in hosts:
        host.client.stop()


def test_without_zookeeper_the_holder_goes_on_and_nobody_else_begins(hosts: list[Host], db: Database) -> None:
    assert hosts[0].turn()
    without_zookeeper(hosts)
    assert [host.turn() for host in hosts] == [True, False, False]
    assert written(db) == [0, 0]


def test_without_zookeeper_an_abandoned_lease_is_taken_and_its_old_holder_fenced(
    hosts: list[Host], db: Database
) -> None:
    assert hosts[0].turn()
    without_zookeeper(hosts)
    with db.transaction() as session:
        session.execute(text("UPDATE lease SET renewed_at = NOW(6) - INTERVAL 16 SECOND"))
    assert hosts[1].turn()
    with pytest.raises(LeaseLostError):
        hosts[0].turn()
    assert [host.turn() for host in hosts] == [False, True, False]
    assert written(db) == [0, 1, 1]


def test_the_passes_of_three_maintenance_processes(hosts: list[Host], services: Services, db: Database) -> None:
    """Through the beats, with a session that ends on the way: rows of one host, then of another, never mixed."""
    stopping = Event()

    def job(host: Host) -> Job:
        def work() -> None:
            with host.db.transaction() as session:
                host.write(session)

        return Job("test", 0.02, work, RELAY)

    beats = [gevent.spawn(maintenance._beat, job(host), host.leases, stopping, lambda: True) for host in hosts]
    until(lambda: len(written(db)) > 5, "rows")
    holder = written(db)[0]
    expire(hosts[holder], services)
    until(lambda: written(db)[-1] != holder, "rows of another host")
    seen = len(written(db))
    until(lambda: len(written(db)) > seen + 5, "more rows")
    stopping.set()
    gevent.joinall(beats, timeout=20)
    rows = written(db)
    changes = sum(one != other for one, other in itertools.pairwise(rows))
    assert changes == 1, rows


def test_only_what_is_each_hosts_own_has_no_lease(services: Services) -> None:
    jobs = maintenance.jobs(services, build_engine(services))
    assert [one.name for one in jobs if one.lease is None] == ["status", "spool", "hosts"]
