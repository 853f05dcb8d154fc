"""Status: where a claim stands, and never a guess. Ten thousand polls must cost Redis little and MariaDB nothing.

A terminal answer comes from Redis (written there only after the commit) or from MariaDB; else "pending" when Redis
knows the claim, or the spool or a mark does and MariaDB has not decided it; else None: nobody knows it. A Redis of an
older epoch, or of another run, may be behind what was told: it is as good as away. So is one that takes no writes, and
one that decisions reach late is not enough (`lag.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from time import monotonic

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.admission.claims import Action, Standing
from app.admission.epochs import EpochFollower, filling
from app.admission.fair.setting_aside import aside
from app.admission.lag import TELL_AFTER_S, Lag
from app.admission.marks import AT_ONCE, Marks, Place, places_of
from app.admission.models import ClaimRow
from app.admission.rows import decided_with_age, live_claims
from app.admission.spool import Spool
from app.admission.store import EpochError, SeatStore
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.clock import from_epoch_ms
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.db import Database
from app.extensions.redis import RedisError, patiently

# After an outage claims that MariaDB decided meanwhile are sent again, and Redis takes them for new ones until their effects
# have been repeated. It costs little: all who ask share one query at a time.
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
    """`standing` None: nobody knows the claim. `sure` False: somebody who might know could not be asked. `age_s`: how long ago
    MariaDB took down its last step. `current`: when Redis was asked, decisions did not reach it late. `early`: other workers
    may not know of it yet, so whoever waits for it is not told."""

    standing: Standing | None
    sure: bool
    age_s: float = inf
    current: bool = False
    early: bool = False


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
        self._lag = Lag(db, breakers)
        self._filled_epoch = -1
        self._epoch = 0  # that was asked under last
        self._lost_at = -CATCHES_UP_WITHIN_S  # when Redis could not be asked
        self._redis_desk: Coalescer[str, Answer] = Coalescer(self._from_redis, linger_s=0.001)
        self._db_desk: Coalescer[str, Answer] = Coalescer(
            self._from_db, in_flight=1, linger_s=0.005, check=partial(breakers.check, "database")
        )
        self._mark_desk: Coalescer[Place, frozenset[str]] = Coalescer(
            self._from_marks, in_flight=1, largest=AT_ONCE, linger_s=0.005
        )

    def ask(self, claim_id: str, wish: Wish | None = None) -> Answer:
        """Where the claim stands. Never raises for a server's sake: see Answer.sure."""
        answer = self._redis_desk.ask(claim_id)
        return answer if _enough(answer) else self._look_further(claim_id, wish, answer, self._stored([claim_id])[0])

    def ask_all(self, asked: Sequence[tuple[str, Wish | None]]) -> list[Answer]:
        """The same of several claims, which share their round trips."""
        answers = self._redis_desk.ask_together([claim_id for claim_id, _ in asked])
        first = [_answer(one) for one in answers]
        open_ones = [claim_id for (claim_id, _), answer in zip(asked, first, strict=True) if not _enough(answer)]
        stored = dict(zip(open_ones, self._stored(open_ones), strict=True))
        return [
            answer if _enough(answer) else self._look_further(claim_id, wish, answer, stored[claim_id])
            for (claim_id, wish), answer in zip(asked, first, strict=True)
        ]

    def asking(self) -> Callable[[], bool]:
        """Ask before Redis is asked, and what comes of it afterwards: whether what Redis said is current (see `enough`)."""
        epoch = self._epochs.current
        if epoch != self._epoch:
            if self._epoch:
                self.note_outage()
            self._epoch = epoch
        caught_up = monotonic() - self._lost_at >= CATCHES_UP_WITHIN_S
        current = caught_up and self._lag.none() and self._filled(epoch)
        return lambda: current and self._epochs.current == epoch

    def note_outage(self) -> None:
        """Redis could not be asked just now, or is another one than it was."""
        self._lost_at = monotonic()

    def _filled(self, epoch: int) -> bool:
        """Until a rebuild has done its last step, Redis takes a claim that has ended, and is sent again, for a new one."""
        if self._filled_epoch != epoch:
            try:
                if self._store.redis.exists(filling(epoch)):
                    return False
            except RedisError:
                return False
            self._filled_epoch = epoch
        return True

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
            return _later(answer, stored, stored.standing)
        if answer.standing is not None:
            return answer if stored.sure else Answer(None, sure=False)
        if stored.sure and wish is not None and self._in_progress(claim_id, wish):
            return Answer(_pending(claim_id, wish), sure=True)
        return Answer(None, sure=answer.sure and stored.sure and not self._spool.knows(claim_id))

    def _stored(self, claim_ids: Sequence[str]) -> list[Answer]:
        """What MariaDB says; not sure when somebody else is just trying whether it is back."""
        outcomes = self._db_desk.ask_together(claim_ids)
        return [Answer(None, sure=False) if isinstance(one, DependencyDownError) else _answer(one) for one in outcomes]

    def _in_progress(self, claim_id: str, wish: Wish) -> bool:
        """Only for a claim that MariaDB has not decided: a mark may outlive its claim."""
        if self._spool.knows(claim_id):
            return True
        marked = self._mark_desk.ask_together(places_of(wish.kind, wish.offering_id, wish.user_id))
        return any(not isinstance(ids, Exception) and claim_id in ids for ids in marked)

    def _from_redis(self, tickets: list[Ticket[str, Answer]]) -> None:
        ids = [ticket.item for ticket in tickets]
        known: Sequence[Standing | None] = [None] * len(ids)
        sure, current = True, self.asking()  # first: a look after the question says nothing about the answer
        try:
            with self._breakers.guard("redis"):
                known = patiently(lambda: self._epochs.fenced(lambda fence: self._store.standings(ids, fence=fence)))
                # While claims of before a rebuild are on their way, Redis does not know all that were accepted.
                sure = all(known) or not self._store.draining()
        except (RedisError, DependencyDownError, EpochError):
            sure = False
            self.note_outage()
        for ticket, standing in zip(tickets, known, strict=True):
            ticket.resolve(Answer(standing, sure, current=current()))

    def _from_db(self, tickets: list[Ticket[str, Answer]]) -> None:
        known: dict[str, tuple[Standing, float]] = {}
        sure = True
        try:
            with self._breakers.guard("database"), self._db.reading() as session:
                asked = [ticket.item for ticket in tickets]
                known = decided_with_age(session, asked)
                waiting = aside(session, [one for one in asked if one not in known])
                known |= {claim_id: (standing, inf) for claim_id, standing in waiting.items()}
                for claim_id, (standing, age) in known.items():
                    if standing.state == "waitlisted":
                        known[claim_id] = (_with_position(session, standing), age)
        except (SQLAlchemyError, DependencyDownError):
            sure = False
        for ticket in tickets:
            standing_or_none, age = known.get(ticket.item, (None, inf))
            ticket.resolve(Answer(standing_or_none, sure, age_s=age))

    def _from_marks(self, tickets: list[Ticket[Place, frozenset[str]]]) -> None:
        known = self._marks.claims_at({ticket.item for ticket in tickets})
        for ticket in tickets:
            ticket.resolve(known.get(ticket.item, frozenset()))


def _answer(outcome: Answer | Exception) -> Answer:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def enough(standing: Standing | None, *, current: bool) -> bool:
    """True when what Redis says of a claim may be told without asking anybody else: only what is final cannot be behind what
    others have told from MariaDB meanwhile, unless decisions reach Redis in time (`current`)."""
    if standing is None or _without_verdict(standing):
        return False
    return standing.final or current


def _enough(answer: Answer) -> bool:
    return enough(answer.standing, current=answer.current)


def _later(answer: Answer, stored: Answer, decided: Standing) -> Answer:
    """Of what Redis says and what MariaDB has decided, what may be told."""
    told = answer.standing
    if told is not None and told.version > decided.version:
        return answer
    if stored.age_s >= TELL_AFTER_S:
        return stored
    if told is None:  # it may hear of an older step yet: as another worker does, or by this very claim, sent again
        return replace(stored, early=True)
    return stored if _without_verdict(told) else answer


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
