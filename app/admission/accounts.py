"""Accounts of persons, handed to Redis: for rules over several offerings (functions/05_accounts.lua)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from gevent.lock import BoundedSemaphore
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.admission.account_store import ROSTERS
from app.admission.epochs import EpochFollower
from app.admission.kinds import Account, Kinds
from app.admission.store import SeatStore
from app.extensions.breakers import Breakers
from app.extensions.db import Database

# Accounts a call: some hundred bytes each, and Redis does nothing else meanwhile.
CHUNK = 500


_NOW_US = text("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)")


def version_now(session: Session) -> int:
    """The version of accounts that are about to be read: MariaDB's clock, in microseconds."""
    return session.scalar(_NOW_US) or 0


class Accounts:
    """Reads accounts from MariaDB and hands them over. Raises EpochError and RedisError."""

    def __init__(
        self, *, db: Database, store: SeatStore, kinds: Kinds, epochs: EpochFollower, breakers: Breakers
    ) -> None:
        self._db = db
        self._store = store
        self._kinds = kinds
        self._epochs = epochs
        self._breakers = breakers
        self._turn = BoundedSemaphore()

    def hand_over_due(self) -> int:
        """Everybody's account in the scopes that are about to be claimed in, so that the opening minute need not ask for
        them: after a rebuild, and whenever a kind's mark of a scope has changed. Returns how many.
        """
        epoch, _ = self._store.stored_fence()
        if not epoch:
            return 0
        with self._turn:  # a rebuild and the pass must not both do it
            return sum(self._hand_over_due(name, epoch) for name in self._kinds)

    def _hand_over_due(self, kind: str, epoch: int) -> int:
        # With the epoch: whoever began before a rebuild emptied Redis has not handed over all that counts.
        with self._db.transaction() as session:
            marks = {scope: f"{epoch}:{mark}" for scope, mark in self._kinds[kind].rosters(session).items()}
        known: Any = self._store.redis.hgetall(ROSTERS) if marks else {}
        due = {scope: mark for scope, mark in marks.items() if known.get(f"{kind}:{scope}".encode()) != mark.encode()}
        if not due:
            return 0
        with self._db.transaction() as session:
            people = self._kinds[kind].people(session)
        told = sum(self.hand_over(kind, people[at : at + CHUNK], sorted(due)) for at in range(0, len(people), CHUNK))
        self._store.redis.hset(ROSTERS, mapping={f"{kind}:{scope}": mark for scope, mark in due.items()})
        return told

    def hand_over(self, kind: str, users: Collection[int], scopes: Collection[int] | None = None) -> int:
        """The accounts of these persons in these scopes (None: the current ones) as MariaDB has them now. Returns how many."""
        accounts = self._read(kind, users, scopes)
        for at in range(0, len(accounts), CHUNK):
            some = accounts[at : at + CHUNK]
            self._epochs.fenced(lambda fence, some=some: self._store.set_accounts(kind, some, fence=fence))  # type: ignore[misc]
        return len(accounts)

    def _read(self, kind: str, users: Collection[int], scopes: Collection[int] | None) -> Sequence[Account]:
        with self._breakers.guard("database"), self._db.transaction() as session:
            return self._kinds[kind].accounts(session, users, scopes)
