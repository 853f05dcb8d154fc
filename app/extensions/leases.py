"""Leases: of several hosts exactly one does a pass, and one that has lost its lease can no longer write.

Who holds it is told by an ephemeral node, `/seatrush/leases/<name>`, which goes with its holder's session. Whoever gets it
raises the lease's token in MariaDB, and every transaction of a pass (of its own greenlet) looks, before it commits, whether the
token is still its own: under a shared lock, so that a successor's token waits for it. A session's end may be noticed late;
this can't be passed over.

Without ZooKeeper the holder goes on; if it is gone, too, another takes the lease when its row was not renewed for some time.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from time import monotonic

import gevent
from gevent.lock import RLock
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError
from kazoo.protocol.states import ZnodeStat
from sqlalchemy import BigInteger, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.extensions.db import FENCE, Base, Database, UtcDateTime
from app.extensions.processes import started
from app.extensions.zookeeper import ROOT

logger = logging.getLogger(__name__)

LEASES = f"{ROOT}/leases"
RENEW_EVERY_S = 3.0
ABANDONED_AFTER_S = 15
ASK_WITHIN_S = 2.0
# Of a lease that was stepped aside from: long enough for a third host to come before this one when the second does no better.
ASIDE_S = 8.0

_TAKE = "UPDATE lease SET token = token + 1, holder = :holder, renewed_at = NOW(6) WHERE name = :name"
_ABANDONED = f" AND (renewed_at < NOW(6) - INTERVAL {ABANDONED_AFTER_S} SECOND OR holder = :dead)"
_RENEW = text("UPDATE lease SET renewed_at = NOW(6) WHERE name = :name AND token = :token")
_GIVE_BACK = text("UPDATE lease SET renewed_at = '2000-01-01' WHERE name = :name AND token = :token")
_TOKEN = text("SELECT token FROM lease WHERE name = :name LOCK IN SHARE MODE")
_HOLDER = text("SELECT holder FROM lease WHERE name = :name")


class LeaseRow(Base):
    """Who held it last. `token` grows with every holder and is what counts."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40, collation="ascii_bin"), unique=True)
    token: Mapped[int] = mapped_column(BigInteger, server_default="0")
    holder: Mapped[str] = mapped_column(String(120, collation="ascii_bin"), server_default=text("''"))
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LeaseLostError(Exception):
    """Somebody else has the lease by now: nothing was written. `args[0]` names it."""


class Leases:
    """Those of one process. `holding(name)` around each pass."""

    def __init__(self, client: KazooClient, db: Database) -> None:
        self._client = client
        self._db = db
        self._leases: dict[str, Lease] = {}

    @contextmanager
    def holding(self, name: str) -> Iterator[bool]:
        """Whether this process has the lease, which it takes if it is free; its transactions in here are fenced by it.

        Raises LeaseLostError from a transaction, and what the servers raise.
        """
        lease = self._leases.get(name)
        if lease is None:
            lease = self._leases[name] = Lease(self._client, self._db, name)
        token = lease.take()
        if token is None:
            yield False
            return
        before = FENCE.set(lambda session: lease.check(session, token))
        try:
            yield True
        except LeaseLostError:
            lease.lose(token)
            raise
        finally:
            FENCE.reset(before)

    def step_aside(self, name: str) -> None:
        """Let another host have one that this host can do nothing with now, and do not ask for it for ASIDE_S. Raises
        SQLAlchemyError when MariaDB was not told: it is free all the same, but without ZooKeeper only after a while."""
        if (lease := self._leases.get(name)) is not None:
            lease.step_aside()

    def give_back(self) -> None:
        """Let others have them at once."""
        for lease in self._leases.values():
            lease.give_back()


class Lease:
    """One lease as one process sees it."""

    def __init__(self, client: KazooClient, db: Database, name: str) -> None:
        self._client = client
        self._db = db
        self._name = name
        self._path = f"{LEASES}/{name}"
        self._holder = _this_process()
        self._taking = RLock()
        self._token: int | None = None
        self._session: object = None  # of the node that says so; None: taken without ZooKeeper
        self._renewed_at = 0.0
        self._not_before = 0.0

    def take(self) -> int | None:
        """The token if this process has the lease, or could take it now."""
        with self._taking:
            if self._token is not None and self._kept():
                return self._token
            self._token = None
            if monotonic() < self._not_before:
                return None
            if not self._client.connected:
                self._raise_token(abandoned=True)
            elif self._node_is_ours():
                self._raise_token(abandoned=False)
            return self._token

    def check(self, session: Session, token: int) -> None:
        """Before a commit. Raises LeaseLostError."""
        if session.scalar(_TOKEN, {"name": self._name}) != token:
            raise LeaseLostError(self._name)

    def lose(self, token: int) -> None:
        """Somebody has a higher token."""
        if self._token == token:
            logger.warning("the lease %s is lost", self._name)
            self._token = None

    def step_aside(self) -> None:
        """Give it back, and do not ask for it for ASIDE_S."""
        with self._taking:
            self._not_before = monotonic() + ASIDE_S
            self.give_back()

    def give_back(self) -> None:
        """The node and the row are free; the node first, as MariaDB may be what this host cannot reach."""
        with self._taking:
            token, self._token = self._token, None
            with suppress(KazooException, gevent.Timeout):
                self._leave_node()
            if token is not None:
                with self._db.transaction() as session:
                    session.execute(_GIVE_BACK, {"name": self._name, "token": token})

    def _leave_node(self) -> None:
        """Also one that was got when no token could be had."""
        if self._client.connected:
            _, stat = self._client.get_async(self._path).get(timeout=ASK_WITHIN_S)
            if self._owns(stat):
                self._client.delete_async(self._path, version=stat.version).get(timeout=ASK_WITHIN_S)

    def _owns(self, stat: ZnodeStat) -> bool:
        return bool(stat.ephemeralOwner == (self._client.client_id or (None,))[0])  # None: disconnected since

    def _kept(self) -> bool:
        """A session that has ended took the node along; one that is only suspended did not, and the fence holds anyway."""
        if self._client.connected and self._session != self._client.client_id:
            return False
        if monotonic() - self._renewed_at > RENEW_EVERY_S:
            with self._db.transaction() as session:
                if session.connection().execute(_RENEW, {"name": self._name, "token": self._token}).rowcount == 0:
                    return False
            self._renewed_at = monotonic()
        return True

    def _node_is_ours(self) -> bool:
        try:
            self._client.create_async(self._path, self._holder.encode(), ephemeral=True, makepath=True).get(
                timeout=ASK_WITHIN_S
            )
        except NodeExistsError:
            with suppress(NoNodeError):
                holder, stat = self._client.get_async(self._path).get(timeout=ASK_WITHIN_S)
                if self._owns(stat):
                    return True
                if _has_died(holder.decode()):  # here: its session need not be waited for
                    self._client.delete_async(self._path, version=stat.version).get(timeout=ASK_WITHIN_S)
            return False
        return True

    def _raise_token(self, *, abandoned: bool) -> None:
        with self._db.transaction() as session:
            values = {"name": self._name, "holder": self._holder}
            if abandoned:
                holder = session.scalar(_HOLDER, {"name": self._name}) or ""
                values["dead"] = holder if _has_died(holder) else "-"
            statement = text(_TAKE + (_ABANDONED if abandoned else ""))
            if session.connection().execute(statement, values).rowcount == 0:
                return
            token = session.scalar(_TOKEN, {"name": self._name})
        self._token, self._renewed_at = token, monotonic()
        self._session = self._client.client_id if not abandoned else None
        logger.info("the lease %s is ours, token %s", self._name, token)


def _this_process() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{started(os.getpid())}"


def _has_died(holder: str) -> bool:
    """True of a process of this host that is no more; of others nobody here knows."""
    host, _, rest = holder.partition("/")
    pid, _, since = rest.partition("/")
    return host == socket.gethostname() and pid.isdigit() and started(int(pid)) != since
