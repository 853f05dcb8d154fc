"""Status: where a claim stands, and never a guess. Ten thousand polls must cost Redis little and MariaDB nothing.

A terminal answer comes from Redis (written there only after the commit) or from MariaDB; else "pending" when Redis
knows the claim, or the spool or a mark does and MariaDB has not decided it; else None: nobody knows it. A Redis of an
older epoch, or of another run, may be behind what was told: it is as good as away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.admission.claims import Action, Standing
from app.admission.epochs import EpochFollower
from app.admission.fair.setting_aside import aside
from app.admission.marks import AT_ONCE, Marks, Place, places_of
from app.admission.models import ClaimRow
from app.admission.rows import decided, live_claims
from app.admission.spool import Spool
from app.admission.store import EpochError, SeatStore
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.clock import from_epoch_ms
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.db import Database
from app.extensions.redis import RedisError, patiently

# The relay repeats effects that nobody has finished within 4 s; on a machine that is busy it comes late itself (8 s were seen
# not to be enough). It costs little: all who ask share one query at a time.
CATCHES_UP_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a claim id was derived from, which proves whose it is; only then do spool and marks know what to look for."""

    kind: str
    action: Action
    offering_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`standing` None: nobody knows the claim. `sure` False: somebody who might know could not be asked."""

    standing: Standing | None
    sure: bool


class StatusDesk:
    """Answers of one worker, coalesced: one Redis call for all who ask within a few milliseconds, one query for the rest."""

    def __init__(
        self, *, store: SeatStore, epochs: EpochFollower, db: Database, spool: Spool, marks: Marks, breakers: Breakers
    ) -> None:
        self._store = store
        self._epochs = epochs
        self._db = db
        self._spool = spool
        self._marks = marks
        self._breakers = breakers
        self._lost_at = -CATCHES_UP_WITHIN_S  # when Redis could not be asked
        self._redis_desk: Coalescer[str, Answer] = Coalescer(self._from_redis, linger_s=0.001)
        self._db_desk: Coalescer[str, Answer] = Coalescer(self._from_db, in_flight=1, linger_s=0.005)
        self._mark_desk: Coalescer[Place, frozenset[str]] = Coalescer(
            self._from_marks, in_flight=1, largest=AT_ONCE, linger_s=0.005
        )

    def ask(self, claim_id: str, wish: Wish | None = None) -> Answer:
        """Where the claim stands. Never raises for a server's sake: see Answer.sure."""
        answer = self._redis_desk.ask(claim_id)
        return (
            answer
            if self.enough(answer.standing)
            else self._look_further(claim_id, wish, answer, self._db_desk.ask(claim_id))
        )

    def ask_all(self, asked: Sequence[tuple[str, Wish | None]]) -> list[Answer]:
        """The same of several claims, which share their round trips."""
        answers = self._redis_desk.ask_together([claim_id for claim_id, _ in asked])
        first = [_answer(one) for one in answers]
        open_ones = [
            claim_id for (claim_id, _), answer in zip(asked, first, strict=True) if not self.enough(answer.standing)
        ]
        stored = dict(zip(open_ones, map(_answer, self._db_desk.ask_together(open_ones)), strict=True))
        return [
            answer if self.enough(answer.standing) else self._look_further(claim_id, wish, answer, stored[claim_id])
            for (claim_id, wish), answer in zip(asked, first, strict=True)
        ]

    def enough(self, standing: Standing | None) -> bool:
        """True when what Redis says of a claim may be told without asking anybody else. After an outage of Redis its
        standings may be behind what MariaDB has told meanwhile, until their effects are repeated; only what is final
        cannot be."""
        if standing is None or _without_verdict(standing):
            return False
        return standing.final or monotonic() - self._lost_at >= CATCHES_UP_WITHIN_S

    def note_outage(self) -> None:
        """Redis could not be asked just now."""
        self._lost_at = monotonic()

    def holds(self, kind: str, offering_id: int, user_id: int) -> bool:
        """True when MariaDB has a live claim of this user there, or cannot be asked."""
        try:
            with self._breakers.guard("database"), self._db.transaction() as session:
                return bool(live_claims(session, [(kind, offering_id, user_id)]))
        except (SQLAlchemyError, DependencyDownError):
            return True

    def _look_further(self, claim_id: str, wish: Wish | None, answer: Answer, stored: Answer) -> Answer:
        """What Redis's answer alone does not settle."""
        if stored.standing is not None:
            redis_is_ahead = answer.standing is not None and answer.standing.version > stored.standing.version
            return answer if redis_is_ahead else stored
        if answer.standing is not None:
            return answer if stored.sure else Answer(None, sure=False)
        if stored.sure and wish is not None and self._in_progress(claim_id, wish):
            return Answer(_pending(claim_id, wish), sure=True)
        return Answer(None, sure=answer.sure and stored.sure and not self._spool.knows(claim_id))

    def _in_progress(self, claim_id: str, wish: Wish) -> bool:
        """Only for a claim that MariaDB has not decided: a mark may outlive its claim."""
        if self._spool.knows(claim_id):
            return True
        marked = self._mark_desk.ask_together(places_of(wish.kind, wish.offering_id, wish.user_id))
        return any(not isinstance(ids, Exception) and claim_id in ids for ids in marked)

    def _from_redis(self, tickets: list[Ticket[str, Answer]]) -> None:
        ids = [ticket.item for ticket in tickets]
        known: Sequence[Standing | None] = [None] * len(ids)
        sure = True
        try:
            with self._breakers.guard("redis"):
                known = patiently(lambda: self._epochs.fenced(lambda fence: self._store.standings(ids, fence=fence)))
                # While claims of before a rebuild are on their way, Redis does not know all that were accepted.
                sure = all(known) or not self._store.draining()
        except (RedisError, DependencyDownError, EpochError):
            sure = False
            self.note_outage()
        for ticket, standing in zip(tickets, known, strict=True):
            ticket.resolve(Answer(standing, sure))

    def _from_db(self, tickets: list[Ticket[str, Answer]]) -> None:
        known: dict[str, Standing] = {}
        sure = True
        try:
            with self._breakers.guard("database"), self._db.reading() as session:
                asked = [ticket.item for ticket in tickets]
                known = decided(session, asked)
                known |= aside(session, [one for one in asked if one not in known])
                for claim_id, standing in known.items():
                    if standing.state == "waitlisted":
                        known[claim_id] = _with_position(session, standing)
        except (SQLAlchemyError, DependencyDownError):
            sure = False
        for ticket in tickets:
            ticket.resolve(Answer(known.get(ticket.item), sure))

    def _from_marks(self, tickets: list[Ticket[Place, frozenset[str]]]) -> None:
        known = self._marks.claims_at({ticket.item for ticket in tickets})
        for ticket in tickets:
            ticket.resolve(known.get(ticket.item, frozenset()))


def _answer(outcome: Answer | Exception) -> Answer:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _without_verdict(standing: Standing) -> bool:
    """Recorded while Redis was being rebuilt: it may be decided already, and a terminal answer must not go back."""
    return standing.state == "pending" and standing.sequence == 0


def _pending(claim_id: str, wish: Wish) -> Standing:
    return Standing(claim_id, wish.kind, wish.offering_id, wish.user_id, "", wish.action, "pending", 0)


def _with_position(session: Session, standing: Standing) -> Standing:
    """The place in the line, in the order in which settle promotes (`Ledger.waiters`)."""
    admitted_at = from_epoch_ms(standing.admitted_at)
    ahead = select(func.count()).where(
        ClaimRow.kind == standing.kind,
        ClaimRow.offering_id == standing.offering_id,
        ClaimRow.state == "waitlisted",
        ClaimRow.pool == standing.pool,
        ClaimRow.admitted_at <= admitted_at,
        tuple_(ClaimRow.admitted_at, ClaimRow.sequence, ClaimRow.id) < (admitted_at, standing.sequence, standing.id),
    )
    return replace(standing, position=int(session.scalar(ahead) or 0) + 1)
