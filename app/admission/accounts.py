"""Accounts of persons, handed to Redis: for rules over several offerings (functions/05_accounts.lua)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy.exc import SQLAlchemyError

from app.admission.claims import Claim
from app.admission.epochs import EpochFollower
from app.admission.kinds import Account, Kinds
from app.admission.store import SeatStore, Verdict
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.db import Database

# Accounts a call: some hundred bytes each, and Redis does nothing else meanwhile.
CHUNK = 500


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

    def introduce(
        self, claims: Sequence[Claim], verdicts: list[Verdict], ask: Callable[[Sequence[Claim]], list[Verdict]]
    ) -> list[Verdict]:
        """Hand over the accounts that Redis does not know and ask again for those claims alone.

        While MariaDB cannot be read their verdict stays "unknown_account": nothing was admitted.
        """
        strangers = [at for at, verdict in enumerate(verdicts) if verdict.name == "unknown_account"]
        if not strangers:
            return verdicts
        unknown = [claims[at] for at in strangers]
        try:
            for kind in {claim.kind for claim in unknown}:
                self.hand_over(kind, {claim.user_id for claim in unknown if claim.kind == kind})
        except (SQLAlchemyError, DependencyDownError):
            return verdicts
        told = list(verdicts)
        for at, verdict in zip(strangers, ask(unknown), strict=True):
            told[at] = verdict
        return told

    def hand_over_all(self) -> int:
        """Every account of the current scopes, so that the opening minute need not ask for them. Returns how many."""
        return sum(self.hand_over(name, None) for name in self._kinds)

    def hand_over(self, kind: str, users: Collection[int] | None) -> int:
        """The accounts of these persons (None: of everybody) as MariaDB has them now. Returns how many."""
        accounts = self._read(kind, users)
        for at in range(0, len(accounts), CHUNK):
            some = accounts[at : at + CHUNK]
            self._epochs.fenced(lambda fence, some=some: self._store.set_accounts(kind, some, fence=fence))  # type: ignore[misc]
        return len(accounts)

    def _read(self, kind: str, users: Collection[int] | None) -> Sequence[Account]:
        with self._breakers.guard("database"), self._db.transaction() as session:
            return self._kinds[kind].accounts(session, users)
