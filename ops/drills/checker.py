"""The checker: PITFALLS "Always", read from MariaDB, Redis, RabbitMQ, ZooKeeper and the spool, against what was told.

`violations` returns sentences; an empty list means that everything that was promised has been kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kazoo.exceptions import NoNodeError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.courier import opened
from app.admission.deadletters import queue_depths
from app.admission.engine import Engine
from app.admission.marks import IN_PROGRESS
from app.admission.models import ClaimRow, OutboxRow, SeatPool
from app.admission.outbox import Effects
from app.admission.promoting import heirs_of
from app.admission.rows import CLAIM, standing_of
from app.catalogue.models import KIND as SECTION
from app.enrolment.models import Enrolment
from app.extensions.broker import DEAD, connect
from app.extensions.services import Services
from app.lectures.models import KIND, LectureBooking
from ops.drills.account_rules import students_wrong
from ops.drills.crowd import SETTLED, Told, Wish

# version n of a claim may be followed by version n + 1 in one of these states
STEPS = {
    "confirmed": {"cancelled"},
    "waitlisted": {"confirmed", "cancelled", "expired"},
    "rejected": set(),
    "cancelled": set(),
    "expired": set(),
}
LIVE = ("confirmed", "waitlisted")
STANDINGS_AT_ONCE = 1000
# kind → its own rows, and the column that says of which offering they are
BOOKINGS: dict[str, tuple[Any, Any]] = {
    KIND: (LectureBooking, LectureBooking.lecture_id),
    SECTION: (Enrolment, Enrolment.section_id),
}


@dataclass(slots=True)
class Books:
    """What MariaDB holds of some lectures."""

    claims: dict[str, Standing]
    pools: list[SeatPool]
    bookings: dict[str, Any]
    history: dict[tuple[str, int], set[str]]  # (claim, version) → states that transactions gave it


class Checker:
    """Compares the books of some lectures (all when None) with the rest of the world and with what was told."""

    def __init__(self, services: Services, engine: Engine, kind: str = KIND) -> None:
        self._services = services
        self._engine = engine
        self._kind = kind

    def violations(self, wishes: Sequence[Wish], lectures: Collection[int] | None = None) -> list[str]:
        """Everything that is wrong now; while claims are on their way that itself is what is wrong."""
        return list(self.unrest()) or list(self.wrong(wishes, lectures))

    def everything(self, wishes: Sequence[Wish], lectures: Collection[int] | None = None) -> list[str]:
        """The same of what did not come to rest in time, and what is wrong beside it."""
        return [*self.unrest(), *self.wrong(wishes, lectures)]

    # -- nothing may be left on its way -------------------------------------------------------------------------

    def unrest(self) -> Iterator[str]:
        """What is still on its way, and must not be for long."""
        pending: Any = self._services.redis.zrange("sr:pending", 0, 4)
        if pending:
            yield f"pending in Redis: {self._services.redis.zcard('sr:pending')} claims, as {pending}"
        if not self._engine.spool.empty():
            yield "the spool is not empty"
        with self._services.db.transaction() as session:
            unfinished = session.scalar(select(func.count()).where(OutboxRow.done_at.is_(None)))
        if unfinished:
            yield f"{unfinished} outbox rows are not finished"
        depths = queue_depths(self._services.settings.amqp_url, self._services.settings.claim_queues)
        yield from (f"{count} messages in {name}" for name, count in depths.items() if count and name != DEAD)
        if depths[DEAD]:
            yield from self._dead_letters()
        yield from (f"stuck mark {path}" for path in self._marks())

    def _dead_letters(self) -> Iterator[str]:
        bodies = []
        with connect(self._services.settings.amqp_url) as connection:
            channel = connection.channel()
            while (body := channel.basic_get(DEAD)[2]) is not None:  # unacknowledged: they stay where they are
                bodies.append(body)
        buried = []
        for body in bodies:
            try:
                buried += [claim.id for claim in opened(body)]
            except ValueError:
                yield f"a dead letter that is no claim: {body[:40]!r}"
        with self._services.db.transaction() as session:
            known = set(session.scalars(select(CLAIM.c.id).where(CLAIM.c.id.in_(buried))))
        yield from (f"undecided claim {one} in the dead-letter queue" for one in buried if one not in known)

    def _marks(self) -> Iterator[str]:
        client = self._services.zookeeper
        for kind in self._children(IN_PROGRESS):
            for offering in self._children(f"{IN_PROGRESS}/{kind}"):
                path = f"{IN_PROGRESS}/{kind}/{offering}"
                stat = client.exists(path)
                if stat is not None and stat.numChildren:
                    yield from (f"{path}/{user}" for user in self._children(path))

    def _children(self, path: str) -> list[str]:
        try:
            return list(self._services.zookeeper.get_children(path))
        except NoNodeError:
            return []

    # -- the books, the counters and the answers agree ------------------------------------------------------------

    def wrong(self, wishes: Sequence[Wish], lectures: Collection[int] | None) -> Iterator[str]:
        """What contradicts what, at rest."""
        with self._services.db.transaction() as session:
            books = _read(session, self._kind, lectures)
            heirs = list(self._heirs_wait(session, books))
        yield from (*_books_wrong(books), *heirs)
        yield from self._redis_wrong(books)
        yield from (f"{one}" for one in self._engine.account_check.differences(self._kind))
        with self._services.db.transaction() as session:
            yield from students_wrong(session) if self._kind == SECTION else ()
        yield from _told_wrong(wishes, books)

    def _heirs_wait(self, session: Session, books: Books) -> Iterator[str]:
        """Nobody waits in the general line for whom a free seat is reserved."""
        for pool in books.pools:
            key = (self._kind, pool.offering_id, pool.pool)
            waiting = any(other.waiting for other in books.pools if other.offering_id == pool.offering_id)
            if waiting and pool.capacity > pool.taken and heirs_of(session, self._engine.kinds[self._kind], key, 1):
                yield f"heirs of {key[0]} {key[1]} pool {key[2]} wait while {pool.capacity - pool.taken} seats are free"

    def _redis_wrong(self, books: Books) -> Iterator[str]:
        """Seats left + live claims = capacity, pool by pool; the same people hold the same things."""
        redis = self._services.redis
        live: dict[int, list[Standing]] = defaultdict(list)
        for standing in books.claims.values():
            if standing.hold != "none":
                live[standing.offering_id].append(standing)
        for lecture_id, pools in _by_lecture(books.pools).items():
            fields: Any = redis.hgetall(f"sr:o:{self._kind}:{lecture_id}")
            if not fields:
                continue
            for pool in pools:
                yield from _pool_wrong(lecture_id, pool, fields)
            holders: Any = redis.hgetall(f"sr:u:{self._kind}:{lecture_id}")
            seen = {(int(user), claim.decode()) for user, claim in holders.items()}
            stored = {(one.user_id, one.id) for one in live[lecture_id]}
            yield from (f"lecture {lecture_id}: only Redis knows holder {one}" for one in sorted(seen - stored))
            yield from (f"lecture {lecture_id}: Redis misses holder {one}" for one in sorted(stored - seen))
            for at in range(0, len(live[lecture_id]), STANDINGS_AT_ONCE):
                yield from self._standings_wrong(live[lecture_id][at : at + STANDINGS_AT_ONCE])

    def _standings_wrong(self, live: Sequence[Standing]) -> Iterator[str]:
        ids = [standing.id for standing in live]
        epochs, store = self._engine.epochs, self._engine.store
        found = epochs.fenced(lambda fence: store.standings(ids, fence=fence))
        for standing, seen in zip(live, found, strict=True):
            if seen is None or (seen.state, seen.version) != (standing.state, standing.version):
                yield f"claim {standing.id} is {standing.state} v{standing.version} in MariaDB, {seen} in Redis"


def _read(session: Session, kind: str, lectures: Collection[int] | None) -> Books:
    def those(column: Any) -> Any:
        return column.in_(lectures) if lectures is not None else column.is_not(None)

    rows = session.execute(select(CLAIM).where(ClaimRow.kind == kind, those(ClaimRow.offering_id)))
    claims = {row.id: standing_of(row) for row in rows}
    pools = list(session.scalars(select(SeatPool).where(SeatPool.kind == kind, those(SeatPool.offering_id))))
    table, place = BOOKINGS[kind]
    bookings = session.scalars(select(table).where(those(place)))
    history: dict[tuple[str, int], set[str]] = defaultdict(set)
    for payload in session.scalars(select(OutboxRow.payload)):
        for standing in Effects.from_bytes(payload).claims:
            history[(standing.id, standing.version)].add(standing.state)
    return Books(claims, pools, {one.claim_id: one for one in bookings}, history)


def _by_lecture(pools: Iterable[SeatPool]) -> dict[int, list[SeatPool]]:
    found: dict[int, list[SeatPool]] = defaultdict(list)
    for pool in pools:
        found[pool.offering_id].append(pool)
    return found


def _books_wrong(books: Books) -> Iterator[str]:
    held = Counter((one.offering_id, one.pool, one.state) for one in books.claims.values() if one.hold != "none")
    for pool in books.pools:
        name = f"lecture {pool.offering_id} pool {pool.pool}"
        confirmed, waiting = (held[(pool.offering_id, pool.pool, state)] for state in LIVE)
        if confirmed > pool.capacity:
            yield f"oversold: {name} has {confirmed} confirmed for {pool.capacity} seats"
        if (pool.taken, pool.waiting) != (confirmed, waiting):
            yield f"{name} counts {pool.taken} taken, {pool.waiting} waiting; its claims are {confirmed} and {waiting}"
        if waiting and confirmed < pool.capacity:
            yield f"{waiting} wait for {name} while {pool.capacity - confirmed} seats are free"
    owners = Counter((one.offering_id, one.user_id) for one in books.claims.values() if one.hold != "none")
    yield from (
        f"{count} live bookings of student {who[1]} in lecture {who[0]}" for who, count in owners.items() if count > 1
    )
    for (claim, version), states in books.history.items():
        if len(states) > 1 and claim in books.claims:
            yield f"claim {claim} was decided twice: version {version} is {sorted(states)}"
    yield from _bookings_wrong(books)


def _bookings_wrong(books: Books) -> Iterator[str]:
    """The domain's rows say what the engine's say."""
    for standing in books.claims.values():
        booking = books.bookings.get(standing.id)
        if standing.hold != "none" and (booking is None or booking.state != standing.state or booking.active != 1):
            yield f"claim {standing.id} is {standing.state}, its booking is {booking and booking.state}"
    for booking in books.bookings.values():
        stored = books.claims.get(booking.claim_id)
        if booking.active == 1 and (stored is None or stored.hold == "none"):
            yield f"booking {booking.id} is live, its claim {booking.claim_id} is {stored and stored.state}"


def _pool_wrong(lecture_id: int, pool: SeatPool, fields: dict[bytes, bytes]) -> Iterator[str]:
    letters = {
        "s": "seats left",
        "w": "waiting",
        "l": "places left",
        "c": "capacity",
        "n": "line capacity",
        "m": "promotions",
    }
    wanted = {
        "s": pool.capacity - pool.taken,
        "w": pool.waiting,
        "l": pool.line_capacity - pool.waiting,
        "c": pool.capacity,
        "n": pool.line_capacity,
        "m": 0,
    }
    for letter, number in wanted.items():
        seen = int(fields.get(f"{letter}:{pool.pool}".encode(), b"0"))
        if seen != number:
            yield f"lecture {lecture_id} pool {pool.pool}: {letters[letter]} is {seen} in Redis, {number} by MariaDB"


def _told_wrong(wishes: Iterable[Wish], books: Books) -> Iterator[str]:
    for wish in wishes:
        stored = books.claims.get(wish.claim_id)
        name = f"{wish.action} {wish.claim_id}"
        if wish.promised and stored is None:
            yield f"{name} was answered 202 and is not decided"
        if stored is not None and stored.state != "rejected":
            for answer in wish.refusals:
                yield f"{name} was refused ({answer.refused}) and is {stored.state}"
        if {answer.body.get("claim_id") for answer in wish.answers if answer.status == 202} - {wish.claim_id}:
            yield f"{name} was answered with another claim's id"
        yield from _states_wrong(name, wish, stored, books)
        yield from _order_wrong(name, wish.told)


def _states_wrong(name: str, wish: Wish, stored: Standing | None, books: Books) -> Iterator[str]:
    """Each settled state that was told was stored, at that version."""
    for told in wish.told:
        if told.state not in SETTLED:
            continue
        if stored is None:
            yield f"{name} was told {told.state} and is not decided"
        elif told.version > stored.version:
            yield f"{name} was told version {told.version}, stored is {stored.version}"
        elif told.version == stored.version and told.state != stored.state:
            yield f"{name} was told {told.state}, stored is {stored.state}"
        elif told.version < stored.version and not _was(wish.claim_id, told, stored, books):
            yield f"{name} was told {told.state} v{told.version}, which it never was ({stored.state} v{stored.version})"


def _was(claim: str, told: Told, stored: Standing, books: Books) -> bool:
    known = books.history.get((claim, told.version))
    legal = told.version + 1 < stored.version or stored.state in STEPS[told.state]
    return legal and (known is None or known == {told.state})


def _order_wrong(name: str, told: Sequence[Told]) -> Iterator[str]:
    """What was told later is never less: of two questions, the second asked after the first was answered."""
    top: Told | None = None
    for one in sorted(told, key=lambda each: each.told_at):
        less = top is not None and top.state in SETTLED and (one.state not in SETTLED or one.version < top.version)
        if top is not None and less and one.asked_at > top.told_at and one.state != "unknown":
            yield f"{name} was told {top.state} v{top.version}, later {one.state} v{one.version}"
        if top is None or one.version > top.version or (one.state in SETTLED and top.state not in SETTLED):
            top = one
