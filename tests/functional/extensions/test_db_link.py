"""A MariaDB that is frozen is not waited for as long as a statement may take: neither its greeting nor a ping."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import pytest
from pymysql.connections import Connection
from pymysql.err import OperationalError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.extensions import db
from app.extensions.db import Database, is_failure, is_outage, is_silence
from app.extensions.db_link import Link, Patience, SilentError
from app.settings import Settings
from ops.stack import Stack
from tests.stacks import frozen

QUICK = Patience(statement=4.0, at_once=0.8)


def _patient(*, answer_s: float, **named: Any) -> Connection[Any]:
    assert answer_s
    return Connection(**named)


# What is made with the guard on, and off.
LIMITED = pytest.mark.parametrize(("made_by", "limited"), [(Link, True), (_patient, False)])


@pytest.fixture
def made_by() -> Callable[..., Connection[Any]]:
    """Parametrized by some."""
    return Link


@pytest.fixture
def database(
    settings: Settings, made_by: Callable[..., Connection[Any]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A pool of one connection, which is there."""
    monkeypatch.setattr(db, "Link", made_by)
    made = Database(settings.database_url, pool_size=1, patience=QUICK)
    assert ask(made) == 1
    yield made
    made.dispose()


def ask(database: Database) -> int | None:
    with database.transaction() as session:
        return session.scalar(text("SELECT 1"))


def failure(act: Callable[[], object]) -> tuple[DBAPIError, float]:
    """What it ends with, and after how many seconds."""
    began = monotonic()
    with pytest.raises(DBAPIError) as caught:
        act()
    return caught.value, monotonic() - began


@LIMITED
def test_a_ping_and_a_handshake_are_not_waited_for(stack: Stack, database: Database, limited: bool) -> None:
    with frozen(stack.service("mariadb")):
        error, took = failure(lambda: ask(database))
    assert (took < QUICK.statement) == limited
    assert is_silence(error) == limited
    assert is_outage(error)
    assert is_failure(error)
    assert ask(database) == 1


@LIMITED
def test_a_ping_by_itself(stack: Stack, database: Database, limited: bool) -> None:
    with database.engine.connect() as connection:
        link: Any = connection.connection.dbapi_connection
        began = monotonic()
        with frozen(stack.service("mariadb")), pytest.raises(OperationalError) as caught:
            link.ping()
        connection.invalidate()
    assert isinstance(caught.value, SilentError) == limited
    assert (monotonic() - began < QUICK.statement) == limited


def test_a_statement_has_its_own_time(stack: Stack, database: Database) -> None:
    def work(session: Session) -> None:
        session.execute(text("SELECT 1"))
        with frozen(stack.service("mariadb")):
            session.execute(text("SELECT 2"))

    error, took = failure(lambda: database.retrying(work))
    assert took >= QUICK.statement
    assert (is_silence(error), is_failure(error)) == (False, True)


def test_a_mariadb_that_is_away_is_not_silent(settings: Settings) -> None:
    error, _ = failure(lambda: ask(Database("mysql+pymysql://root@127.0.0.1:1/none")))
    assert (is_silence(error), is_failure(error)) == (False, True)


@LIMITED
def test_a_full_line_before_the_door_costs_no_processor(
    tmp_path: Path, made_by: Callable[..., Connection[Any]], limited: bool
) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as door, socket.socket(socket.AF_UNIX) as first:
        door.bind(path)
        door.listen(0)
        first.connect(path)
        began, used = monotonic(), process_time()
        within_s = 1 if limited else 5  # what it burns it must get to burn
        with pytest.raises(OperationalError) as caught:
            made_by(unix_socket=path, user="u", connect_timeout=within_s, answer_s=1.0)
        assert within_s <= monotonic() - began < within_s + 10
    assert isinstance(caught.value, SilentError) == limited
    assert (process_time() - used < 0.3) == limited


def test_the_machines_certificates_are_read_once(settings: Settings) -> None:
    one, two = (Database(settings.database_url, pool_size=1) for _ in range(2))
    with one.engine.connect() as first, two.engine.connect() as second:
        links: list[Any] = [first.connection.dbapi_connection, second.connection.dbapi_connection]
        assert links[0].ctx is links[1].ctx
    one.dispose()
    two.dispose()
