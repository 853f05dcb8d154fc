"""The database's breaker: it opens when MariaDB is away, never because of what MariaDB answers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import gevent
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.extensions import breakers
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database
from app.extensions.services import Services
from app.settings import Settings
from tests.factories import make_account
from tests.waiting import until

TWICE = "INSERT INTO college (id, name, version) VALUES (1, 'a', 1), (1, 'b', 1)"


def guarded(services: Services, work: Callable[[Session], object], db: Database | None = None, times: int = 5) -> None:
    for _ in range(times):
        with suppress(Exception), services.breakers.guard("database"), (db or services.db).transaction() as session:
            work(session)


@pytest.mark.parametrize(
    "work",
    [
        lambda session: session.execute(text(TWICE)),
        lambda session: session.execute(text("UPDATE seat_pool SET taken = -1 WHERE no_such_column")),
        lambda session: session.execute(text("SELECT no such thing")),
        lambda session: {}["a defect of ours"],
    ],
    ids=["unique key", "unknown column", "syntax", "our own"],
)
def test_what_mariadb_answers_is_no_failure_of_mariadb(services: Services, work: Callable[[Session], object]) -> None:
    guarded(services, work)
    assert services.breakers.closed("database")


def test_a_row_that_somebody_holds_is_no_failure_of_mariadb(services: Services) -> None:
    held = {"id": make_account(services).id}
    query = text("SELECT id FROM account WHERE id = :id FOR UPDATE NOWAIT")
    with services.db.transaction() as holder:
        holder.execute(query, held)
        guarded(services, lambda session: session.execute(query, held))
    assert services.breakers.closed("database")


def test_a_mariadb_that_cannot_be_reached_is(services: Services) -> None:
    nowhere = Database("mysql+pymysql://root@127.0.0.1:1/none")
    guarded(services, lambda session: session.execute(text("SELECT 1")), nowhere)
    assert not services.breakers.closed("database")
    with pytest.raises(DependencyDownError), services.breakers.guard("database"):
        pass


def test_other_breakers_count_as_before(services: Services) -> None:
    for _ in range(5):
        with suppress(ValueError, DependencyDownError), services.breakers.guard("redis"):
            raise ValueError
    assert not services.breakers.closed("redis")


def killed(guards: Breakers, name: str, how: type[BaseException], times: int = 3) -> None:
    """Greenlets end while the dependency is being asked."""
    for _ in range(times):
        with suppress(how), guards.guard(name):
            raise how


@pytest.mark.parametrize("name", breakers.NAMES)
def test_a_killed_greenlet_is_no_failure_of_anything(name: str) -> None:
    guards = Breakers()
    killed(guards, name, gevent.GreenletExit)
    assert guards.closed(name)


@pytest.mark.parametrize("name", breakers.NAMES)
def test_unexcused_it_would_be(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakers, "_NOBODYS", ())
    monkeypatch.setattr(breakers, "_HARMLESS", {})
    guards = Breakers()
    killed(guards, name, gevent.GreenletExit)
    assert not guards.closed(name)


@pytest.mark.parametrize("name", breakers.NAMES)
def test_an_answer_that_is_too_late_is_a_failure(name: str) -> None:
    """gevent.Timeout is kazoo's word for it; no greenlet of ours is ended that way."""
    guards = Breakers()
    killed(guards, name, gevent.Timeout)
    assert not guards.closed(name)


def test_without_that_exception_three_duplicates_shut_everybody_out(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakers, "_HARMLESS", {})
    plain = Breakers()
    for _ in range(3):
        with pytest.raises(IntegrityError), plain.guard("database"), services.db.transaction() as one:
            one.execute(text(TWICE))
    assert not plain.closed("database")


@pytest.fixture
def started(settings: Settings) -> Iterator[Services]:
    """As a program's."""
    made = Services.for_process(settings)
    made.start()
    yield made
    made.close()


def test_zookeeper_is_tried_as_soon_as_its_session_is_back(started: Services) -> None:
    services = started
    breaker, client = services.breakers._breakers["zookeeper"], services.zookeeper
    until(lambda: client.connected, "a session")
    breaker.reset_timeout = 600
    breaker.open()
    with pytest.raises(DependencyDownError), services.breakers.guard("zookeeper"):
        pass
    client._connection._socket.shutdown(socket.SHUT_RDWR)
    until(lambda: services.breakers.states()["zookeeper"] == "half-open", "a trial")
    with services.breakers.guard("zookeeper"):
        client.exists("/")
    assert services.breakers.closed("zookeeper")


def test_a_connection_that_is_back_changes_nothing_for_a_closed_breaker(services: Services) -> None:
    services.breakers.try_again("redis")
    assert services.breakers.closed("redis")
