"""What a Galera node says that is not, or not any more, the one that takes writes: try again later, and elsewhere."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

import gevent
import pymysql
import pytest
from gevent.event import Event
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app.extensions import db as module
from app.extensions.db import CHECK_VIOLATED, Database, error_number, is_failure, is_outage
from app.extensions.db_link import Link
from app.settings import Settings
from ops.stack.packages import find_binary
from ops.stack.ports import Ports
from tests.waiting import until

AWAY = 1  # a port on which nobody listens
PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")  # mariadb-server depends on it


def connect(socket: Path) -> pymysql.connections.Connection:  # type: ignore[type-arg]
    return pymysql.connect(unix_socket=str(socket), user="root")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Path]:
    """A cluster of one node; its socket."""
    data, socket = tmp_path / "data", tmp_path / "s"
    installing = [
        "mariadb-install-db",
        "--no-defaults",
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
    ]
    subprocess.run([*installing, "--skip-test-db", "--user=root"], check=True, capture_output=True)
    command = [
        find_binary("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking",
        "--user=root", f"--pid-file={tmp_path / 'pid'}", f"--log-error={tmp_path / 'log'}", "--binlog-format=ROW",
        "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", f"--wsrep-provider={PROVIDER}", "--wsrep-new-cluster",
        "--wsrep-cluster-address=gcomm://", "--wsrep-node-address=127.0.0.1",
        f"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{Ports.free().amqp};gcache.size=8M",
    ]  # fmt: skip
    server = subprocess.Popen(command)
    try:
        until(lambda: connect(socket), "a node")
        yield socket
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def over(node: Path) -> Iterator[Database]:
    made = Database(f"mysql+pymysql://root@localhost/mysql?unix_socket={quote(str(node))}", pool_size=2)
    yield made
    made.dispose()


@contextmanager
def outside_the_majority(node: Path) -> Iterator[None]:
    """The node answers as it does by itself then."""
    keep = connect(node)  # it must be there already to take the word back
    keep.cursor().execute("SET GLOBAL wsrep_reject_queries = ALL")
    yield
    keep.cursor().execute("SET GLOBAL wsrep_reject_queries = NONE")
    keep.close()


def connections(over: Database) -> set[int]:
    """The pool's two connections, by the server's numbers."""
    asked = text("SELECT CONNECTION_ID()")
    with over.transaction() as first, over.transaction() as second:
        return {int(first.scalar(asked) or 0), int(second.scalar(asked) or 0)}


def refused(over: Database) -> DBAPIError:
    with pytest.raises(OperationalError) as error, over.transaction() as session:
        session.execute(text("SELECT COUNT(*) FROM user"))
    return error.value


def test_a_node_that_is_not_ready_is_away_and_its_connections_are_left(node: Path, over: Database) -> None:
    before = connections(over)
    with outside_the_majority(node):
        error = refused(over)
    assert error_number(error) == 1047
    assert (is_outage(error), is_failure(error)) == (True, True)
    assert connections(over).isdisjoint(before)


def test_without_being_told_the_pool_keeps_connections_to_it(
    node: Path, over: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NOT_THE_WRITER", frozenset())
    before = connections(over)
    with outside_the_majority(node):
        refused(over)
    assert connections(over) & before


def test_a_conflict_at_commit_runs_the_whole_of_it_again(db: Database) -> None:
    """Galera certifies at commit: by then every statement of the transaction had its answer."""
    conflicts, runs = [pymysql.err.OperationalError(1213, "Deadlock found when trying to get lock")], []

    def refuse(_session: Session) -> None:
        if conflicts:
            raise OperationalError("COMMIT", {}, conflicts.pop())

    event.listen(db._sessions, "before_commit", refuse)
    try:
        db.retrying(lambda _: runs.append(1))
    finally:
        event.remove(db._sessions, "before_commit", refuse)
    assert len(runs) == 2


def said(number: int) -> DBAPIError:
    """As MariaDB says it, and its driver raises it."""
    packet = b"\xff" + number.to_bytes(2, "little") + b"#HY000words"
    with pytest.raises(pymysql.err.MySQLError) as original:
        pymysql.err.raise_mysql_exception(packet)
    error = DBAPIError.instance("COMMIT", {}, original.value, pymysql.err.MySQLError)
    assert isinstance(error, DBAPIError)
    return error


@pytest.mark.parametrize(
    ("number", "outage", "failure"),
    [
        (1047, True, True),  # not ready
        (2013, True, True),  # lost while it was asked, perhaps while it committed
        (2006, True, True),
        (1180, True, True),  # the commit failed below
        (1021, True, True),  # the disk is full
        (1114, True, True),  # so is a table's file, or a temporary table
        (1, True, True),  # a temporary file could not be made
        (3, True, True),  # or written, as of a sort
        (126, True, True),  # a temporary table's file is torn
        (1026, True, True),  # the binary log could not be written
        (1030, True, True),  # the engine, in the system's words: "Got error 28 … No space left on device"
        (1317, True, True),  # ended from outside, as Galera does for a change of the schema
        (1927, True, True),
        (1213, True, False),
        (1205, True, False),
        (CHECK_VIOLATED, False, False),  # would be given back to the queue for ever
        (1064, False, False),
    ],
)
def test_what_counts_as_away(number: int, outage: bool, failure: bool) -> None:
    error = said(number)
    assert (is_outage(error), is_failure(error)) == (outage, failure)


@pytest.mark.parametrize("number", [1, 3, 126, 1021, 1026, 1030, 1114])
def test_unlisted_a_full_disk_would_bury_every_claim(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AWAY", frozenset())
    assert not is_outage(said(number))


@pytest.fixture
def with_replica(node: Path, settings: Settings) -> Iterator[Database]:
    """The test's own server to write to, and the node to read from."""
    with connect(node) as making, making.cursor() as cursor:
        cursor.execute("CREATE TABLE mysql.alembic_version (version_num INT)")
    replica = f"mysql+pymysql://root@localhost/mysql?unix_socket={quote(str(node))}"
    made = Database(settings.database_url, replica, pool_size=2)
    yield made
    made.dispose()


def read_from(over: Database) -> str:
    """Whose answer it is, by its database's name."""
    with over.reading() as session:
        return str(session.scalar(text("SELECT DATABASE()")))


def test_reads_go_to_the_replica_and_to_the_primary_while_it_is_outside_the_majority(
    with_replica: Database, node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPLICA_AGAIN_S", 0.0)
    assert read_from(with_replica) == "mysql"
    with outside_the_majority(node):
        assert read_from(with_replica) != "mysql"
    assert read_from(with_replica) == "mysql"
    with with_replica.transaction() as session:
        assert session.scalar(text("SELECT DATABASE()")) != "mysql"


def test_a_read_from_the_replica_waits_for_what_was_committed_before(with_replica: Database) -> None:
    """As Galera promises for this setting: a node alone is never behind."""
    with with_replica.reading() as session:
        assert session.scalar(text("SELECT @@SESSION.wsrep_sync_wait")) == 1


class Knocking:
    """Connects as the pool does, and counts how often the replica, which is away, was tried. Each try waits for `heard`."""

    def __init__(self) -> None:
        self.tries = 0
        self.heard = Event()
        self.heard.set()

    def __call__(self, **named: Any) -> Link:
        if named.get("port") == AWAY:
            self.tries += 1
            self.heard.wait(timeout=10)
        return Link(**named)


@pytest.fixture
def knocking(monkeypatch: pytest.MonkeyPatch) -> Knocking:
    made = Knocking()
    monkeypatch.setattr(module, "Link", made)
    return made


@pytest.fixture
def alone(settings: Settings, knocking: Knocking) -> Iterator[Database]:
    """With a replica that is away."""
    made = Database(settings.database_url, f"mysql+pymysql://root@127.0.0.1:{AWAY}/mysql")
    yield made
    made.dispose()


def test_a_replica_that_is_away_is_not_asked_by_every_reader(
    alone: Database, knocking: Knocking, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [read_from(alone) for _ in range(3)] == [read_from(alone)] * 3
    assert knocking.tries == 1
    monkeypatch.setattr(module, "monotonic", lambda: 1e9)
    read_from(alone)
    assert knocking.tries == 2


def test_one_reader_asks_whether_the_replica_is_back(alone: Database, knocking: Knocking) -> None:
    """One that is frozen costs seconds: they are not everybody's."""
    knocking.heard.clear()
    first = [gevent.spawn(read_from, alone) for _ in range(3)]
    until(lambda: knocking.tries == 3, "three who do not know yet")
    knocking.heard.set()
    gevent.joinall(first, timeout=10, raise_error=True)
    knocking.heard.clear()
    alone._replica_not_before = monotonic()
    later = [gevent.spawn(read_from, alone) for _ in range(3)]
    gevent.wait(later, count=2, timeout=10)
    assert (knocking.tries, sum(not one.ready() for one in later)) == (4, 1)
    knocking.heard.set()
    gevent.joinall(later, timeout=10, raise_error=True)
