"""Status: where a claim stands, and never a guess. Ten thousand polls must cost Redis little and MariaDB nothing.

A terminal answer comes from Redis (written there only after the commit) or from MariaDB; else "pending" when Redis,
the spool or a mark knows the claim; else None: nobody knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.models import ClaimRow
from app.admission.rows import decided
from app.admission.spool import Spool
from app.admission.store import EpochError, SeatStore
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.db import Database
from app.extensions.redis import RedisError


@dataclass(frozen=True, slots=True)
class Answer:
    """`standing` None: nobody knows the claim. `sure` False: somebody who might know could not be asked."""

    standing: Standing | None
    sure: bool


class StatusDesk:
    """Answers of one worker, coalesced: one Redis call for all who ask within a few milliseconds, one query for the rest."""

    def __init__(self, store: SeatStore, db: Database, spool: Spool, breakers: Breakers) -> None:
        self._store = store
        self._db = db
        self._spool = spool
        self._breakers = breakers
        self._redis_desk: Coalescer[str, Answer] = Coalescer(self._from_redis, linger_s=0.001)
        self._db_desk: Coalescer[str, Answer] = Coalescer(self._from_db, in_flight=1, linger_s=0.005)

    def ask(self, claim_id: str) -> Answer:
        """Where the claim stands. Never raises for a server's sake: see Answer.sure."""
        answer = self._redis_desk.ask(claim_id)
        if answer.standing is not None and not _without_verdict(answer.standing):
            return answer
        stored = self._db_desk.ask(claim_id)
        if answer.standing is not None:
            return stored if stored.standing is not None else answer
        if stored.standing is None and answer.sure and stored.sure and self._spool.knows(claim_id):
            return Answer(None, sure=False)
        return Answer(stored.standing, sure=answer.sure and stored.sure)

    def _from_redis(self, tickets: list[Ticket[str, Answer]]) -> None:
        known: Sequence[Standing | None] = [None] * len(tickets)
        sure = True
        try:
            with self._breakers.guard("redis"):
                known = self._store.standings([ticket.item for ticket in tickets])
        except (RedisError, DependencyDownError, EpochError):
            sure = False
        for ticket, standing in zip(tickets, known, strict=True):
            ticket.resolve(Answer(standing, sure))

    def _from_db(self, tickets: list[Ticket[str, Answer]]) -> None:
        known: dict[str, Standing] = {}
        sure = True
        try:
            with self._breakers.guard("database"), self._db.reading() as session:
                known = decided(session, [ticket.item for ticket in tickets])
                for claim_id, standing in known.items():
                    if standing.state == "waitlisted":
                        known[claim_id] = _with_position(session, standing)
        except (SQLAlchemyError, DependencyDownError):
            sure = False
        for ticket in tickets:
            ticket.resolve(Answer(known.get(ticket.item), sure))


def _without_verdict(standing: Standing) -> bool:
    """Recorded while Redis was being rebuilt: it may be decided already, and a terminal answer must not go back."""
    return standing.state == "pending" and standing.sequence == 0


def _with_position(session: Session, standing: Standing) -> Standing:
    ahead = select(func.count()).where(
        ClaimRow.kind == standing.kind,
        ClaimRow.offering_id == standing.offering_id,
        ClaimRow.pool == standing.pool,
        ClaimRow.state == "waitlisted",
        ClaimRow.admitted_at < select(ClaimRow.admitted_at).where(ClaimRow.id == standing.id).scalar_subquery(),
    )
    return replace(standing, position=int(session.scalar(ahead) or 0) + 1)
