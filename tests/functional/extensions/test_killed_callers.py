"""A caller that is killed in the midst of a statement takes his connection with him: nobody else hears his answer."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pymysql
import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.extensions.db import Database
from app.settings import Settings


@pytest.fixture
def alone(settings: Settings) -> Iterator[Database]:
    """With a pool of one connection."""
    made = Database(settings.database_url, pool_size=1)
    yield made
    made.dispose()


def heard(db: Database, number: int, after_s: float = 0.0) -> int | None:
    """What MariaDB says the number is; None when it cannot be asked."""
    try:
        with db.transaction() as session:
            asked = text("SELECT :number + 0 * SLEEP(:after)")
            return int(session.scalar(asked, {"number": number, "after": after_s}) or 0)
    except DBAPIError:
        return None


def after_a_kill(db: Database, how: type[BaseException]) -> int | None:
    """What the next one hears who asks for 7, while the answer to the one before is still to come."""
    heard(db, 1)
    one = gevent.spawn(heard, db, 2, 4.0)
    gevent.sleep(0.1)
    assert db.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    one.kill(how)
    return heard(db, 7)


@pytest.mark.parametrize("how", [gevent.GreenletExit, gevent.Timeout])
def test_the_next_one_hears_his_own_answer(alone: Database, how: type[BaseException]) -> None:
    assert after_a_kill(alone, how) == 7
    assert alone.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_kept_the_connection_is_good_for_nobody(alone: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these alone sees that something is wrong with it."""
    heard(alone, 1)
    monkeypatch.setattr(pymysql.connections.Connection, "_force_close", lambda _: None)
    monkeypatch.setattr(sqlalchemy.util, "is_exit_exception", lambda _: False)
    monkeypatch.setattr(pymysql.connections.Connection, "rollback", lambda _: None)
    monkeypatch.setattr(alone.engine.pool, "_pre_ping", False)
    assert after_a_kill(alone, gevent.GreenletExit) != 7


def test_whenever_he_is_killed(alone: Database) -> None:
    """Connecting, asking, reading, committing, giving back."""
    for step in range(60):
        one = gevent.spawn(heard, alone, step)
        gevent.sleep(step * 0.0001)
        one.kill()
        assert heard(alone, 1000 + step) == 1000 + step
    assert alone.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
