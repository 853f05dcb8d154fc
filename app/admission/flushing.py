"""Before a rebuild lets Redis refuse again, the spools of all hosts must have been sent on (docs/model.md, flaw 3).

The rebuild asks, each host answers when its spool is empty, and the drain waits for every host that is there.
"""

from __future__ import annotations

from typing import Any

from app.admission.spool import Spool
from app.admission.store import DRAINING
from app.admission.write_offs import WITHIN_MS, written_off
from app.extensions.db import Database
from app.extensions.redis import Redis
from app.extensions.registry import Roster, host_name

ASKED = "sr:flush"  # the epoch that asks
KEEP_S = 3600


class Flushes:
    """One host's part, and the rebuild's. Raises RedisError."""

    def __init__(self, redis: Redis, db: Database, spool: Spool, roster: Roster, host: str | None = None) -> None:
        self._redis = redis
        self._db = db
        self._spool = spool
        self._roster = roster
        self._host = host or host_name()

    def ask(self, epoch: int) -> None:
        """Once every worker has switched to the epoch: what is spooled from then on belongs to it."""
        self._redis.set(ASKED, epoch)

    def answer(self) -> bool:
        """Say that this host's spool is empty, if somebody asks. The question is read first. True while a rebuild
        drains: it will ask, or waits for answers."""
        epoch: Any
        epoch, awaited = self._redis.mget(ASKED, DRAINING)
        if epoch and self._spool.empty():
            key = _answers(int(epoch))
            self._redis.sadd(key, self._host)
            self._redis.expire(key, KEEP_S)
        return awaited is not None

    def look(self) -> None:
        """See who is there, while ZooKeeper says it: a rebuild may have to do without."""
        self._roster.hosts()

    def others(self) -> bool:
        """Whether other hosts are there, or were when ZooKeeper was last asked."""
        return bool(self._roster.hosts() - {self._host})

    def missing(self, epoch: int) -> set[str]:
        """Other hosts that are there (or were, when ZooKeeper was last asked), have not answered, and were not written off
        since. Raises DBAPIError."""
        answered: Any = self._redis.smembers(_answers(epoch))
        left = self._roster.hosts() - {one.decode() for one in answered} - {self._host}
        return left - self._lost() if left else left

    def _lost(self) -> set[str]:
        """One that was seen after it was written off is back, and has promises to keep."""
        with self._db.transaction() as session:
            return {host for host, at in written_off(session).items() if at + WITHIN_MS > self._roster.seen_at}


def _answers(epoch: int) -> str:
    return f"sr:flushed:{epoch}"
