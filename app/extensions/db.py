"""MariaDB: engines, sessions and the column conventions every table follows.

READ COMMITTED everywhere: under REPEATABLE READ a capacity check reads an old snapshot and oversells (PITFALLS).
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

import gevent
from pymysql.connections import Connection
from sqlalchemy import BigInteger, DateTime, Engine, MetaData, create_engine, event, text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from app.extensions.db_link import UNHURRIED, Link, Patience, SilentError

logger = logging.getLogger(__name__)

T = TypeVar("T")

_KEY = re.compile(r"for key '(?:\w+\.)?(\w+)'")

# What each transaction of this greenlet asks last, before it commits: see leases.py.
FENCE: ContextVar[Callable[[Session], None] | None] = ContextVar("FENCE", default=None)

# Of ours: a member outside its cluster's majority answers what asks for no table, and refuses this.
_ANY_TABLE = text("SELECT 1 FROM alembic_version LIMIT 1")
REPLICA_AGAIN_S = 5.0  # later one that did not answer is asked again
PAUSE_S = 0.008  # before the second try; doubled before each that follows
LOCK_WAIT_TIMEOUT = 1205
DEADLOCK = 1213
DUPLICATE_ENTRY = 1062
CHECK_VIOLATED = 4025
# Worth another go as a whole transaction: a deadlock (also Galera's certification conflict) and a lock wait.
RETRYABLE = frozenset({LOCK_WAIT_TIMEOUT, DEADLOCK})
# The server answers, but not as the one that takes writes: 1047 a Galera node outside its cluster's majority (or not yet in
# it), 1053 shutting down, 1290/1836 read-only. Whoever stays connected to it would hear that for ever.
NOT_THE_WRITER = frozenset({1047, 1053, 1290, 1836})
# Below 1000 it is not the statement but a file of the server's: on a full disk 3 of a sort, 126 of a temporary table, which
# its engine then finds broken. 1021/1114 no room in a table, 1026 nor in the binary log, 1030 what else an engine hears from
# the system (what is wrong with a statement's values has numbers of its own); 1020 record changed; 1040/1203 too many
# connections; 1180 the commit failed below; 1317/1927 the statement or the connection was ended from outside; 1158 to 1161
# the packets did not come through; 1184 while connecting.
_OF_THE_SYSTEM = range(1, 1000)
_AWAY = frozenset(
    {*_OF_THE_SYSTEM, 1020, 1021, 1026, 1030, 1040, 1114, 1158, 1159, 1160, 1161, 1180, 1184, 1203, 1317, 1927}
)


class UtcDateTime(TypeDecorator[datetime]):
    """DATETIME(6) holding UTC; aware on the Python side, so that naive times cannot slip in."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(mysql.DATETIME(fsp=6))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no meaning here")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# The character set is the database's own (utf8mb4, a collation that tells characters beyond the BMP apart): naming it
# here without a collation would fall back to one that does not.
TABLE_OPTIONS = {"mysql_engine": "InnoDB"}


class Base(DeclarativeBase):
    """Every table: `id`, `create_time`, `update_time`; no foreign keys (the source's rule, S2)."""

    metadata = MetaData(
        naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
    )
    __table_args__: Any = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    create_time: Mapped[datetime] = mapped_column(UtcDateTime, server_default=text("CURRENT_TIMESTAMP(6)"))
    update_time: Mapped[datetime] = mapped_column(
        UtcDateTime, server_default=text("CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)")
    )


def _engine(url: str, pool_size: int, patience: Patience, *, causal: bool = False) -> Engine:
    """`causal`: of another member of a Galera cluster: each read waits until that one has what was committed before."""
    settings = "time_zone='+00:00', innodb_lock_wait_timeout=5" + (", wsrep_sync_wait=1" if causal else "")
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=3,
        pool_recycle=1800,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 2,
            "read_timeout": patience.statement,
            "write_timeout": patience.statement,
            "answer_s": patience.at_once,
            "init_command": f"SET {settings}",
        },
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "handle_error", _leave_who_is_not_the_writer)
    return engine


def _connect(_dialect: Any, _record: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Connection[Any]:
    return Link(*args, **named)


def _leave_who_is_not_the_writer(context: ExceptionContext) -> None:
    """Connect anew, all of the pool: the proxy in between knows who the writer is. (A ping, which the pool sends before it
    hands a connection out, such a server answers.)"""
    number = context.original_exception.args[0] if context.original_exception.args else None
    if number in NOT_THE_WRITER:
        context.is_disconnect = True


class Database:
    """The primary, and for reads another member of its cluster, when one is named. Connections are made on first use."""

    def __init__(
        self, url: str, replica_url: str | None = None, *, pool_size: int = 8, patience: Patience = UNHURRIED
    ) -> None:
        self.engine = _engine(url, pool_size, patience)
        self._replica = _engine(replica_url, pool_size, patience, causal=True) if replica_url else None
        self._replica_not_before = 0.0
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction on the primary: commits at the end, rolls back on an error."""
        with self._sessions.begin() as session:
            yield session
            if (fence := FENCE.get()) is not None:
                fence(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads: at the replica when there is one that answers."""
        with self._at_the_replica() or self._sessions() as session:
            try:
                yield session
            except DBAPIError as error:
                if session.bind is self._replica and is_outage(error):
                    self._leave_the_replica(error)
                raise

    def _at_the_replica(self) -> Session | None:
        if self._replica is None or monotonic() < self._replica_not_before:
            return None
        if self._replica_not_before:  # it was away: one asks whether it is back, others do not wait for the same
            self._replica_not_before = monotonic() + REPLICA_AGAIN_S
        session = Session(self._replica, expire_on_commit=False)
        try:
            session.execute(_ANY_TABLE)
        except (DBAPIError, PoolTimeoutError) as error:
            session.close()
            self._leave_the_replica(error)
            return None
        except BaseException:
            session.close()
            raise
        self._replica_not_before = 0.0
        return session

    def _leave_the_replica(self, error: Exception) -> None:
        self._replica_not_before = monotonic() + REPLICA_AGAIN_S
        logger.warning("the replica does not answer, reads go to the primary: %r", error)

    def retrying(self, work: Callable[[Session], T], attempts: int = 8) -> T:
        """Run `work` in a transaction, the whole of it again on a deadlock or lock wait; raises the last error.

        With a pause that grows, up to about a second in all: whoever has the locks must have time to let go of them.
        """
        for attempt in range(attempts):
            try:
                with self.transaction() as session:
                    return work(session)
            except DBAPIError as error:
                if error_number(error) not in RETRYABLE or attempt == attempts - 1:
                    raise
            gevent.sleep(random.uniform(0.5, 1.0) * PAUSE_S * 2**attempt)
        raise AssertionError("unreachable")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        if self._replica is not None:
            self._replica.dispose()


def error_number(error: DBAPIError) -> int | None:
    """MariaDB's error number, None when the driver gave none."""
    args = getattr(error.orig, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


def duplicate_key(error: DBAPIError) -> str | None:
    """The name of the unique key that objected; None when it was none. (Nothing else in MariaDB's words is stable.)"""
    if error_number(error) != DUPLICATE_ENTRY:
        return None
    found = _KEY.search(str(error.orig))
    return found[1] if found else ""


def is_outage(error: BaseException) -> bool:
    """True when the server, not the statement, is the trouble: try the same thing again later."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    number = error_number(error)
    if number in NOT_THE_WRITER or number in _AWAY:
        return True
    # 0 and 2000 to 2999 are the client's own words (2013: the connection was lost); some of MariaDB's are 4000 and more.
    return isinstance(error, (OperationalError, InterfaceError)) and (
        number is None or number == 0 or number in RETRYABLE or 2000 <= number < 3000
    )


def is_silence(error: BaseException) -> bool:
    """True when the server lets itself be connected to and says nothing: whoever comes next would wait as long."""
    return isinstance(error, DBAPIError) and isinstance(error.orig, SilentError)


def is_failure(error: BaseException) -> bool:
    """True when the error says that MariaDB cannot be worked with now: what a circuit breaker counts.

    Whatever it answers is none: a unique key that objects, a wrong statement, a row that somebody else holds. Nor is
    what the caller's own code does wrong between two statements.
    """
    if isinstance(error, DBAPIError):
        return is_outage(error) and error_number(error) not in RETRYABLE
    return isinstance(error, (PoolTimeoutError, OSError, gevent.Timeout))
