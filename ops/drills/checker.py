"""The checker: PITFALLS "Always", read from MariaDB, Redis, RabbitMQ, ZooKeeper and the spool, against what was told.

`violations` returns sentences; an empty list means that everything that was promised has been kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from kazoo.exceptions import NoNodeError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.courier import opened
from app.admission.deadletters import queue_depths
from app.admission.engine import Engine
from app.admission.marks import GIVES_UP, IN_PROGRESS
from app.admission.models import OutboxRow
from app.admission.promoting import heirs_of
from app.admission.rows import CLAIM
from app.catalogue.models import KIND as SECTION
from app.extensions.broker import DEAD, connect
from app.extensions.services import Services
from app.lectures.models import KIND
from ops.drills.account_rules import students_wrong, visitors_wrong
from ops.drills.ledgers import Books, books_wrong, by_offering, pool_wrong, read_books
from ops.drills.told import told_wrong
from ops.drills.wishes import Wish

STANDINGS_AT_ONCE = 1000
SOME = 5


class Checker:
    """Compares the books of some lectures (all when None) with the rest of the world and with what was told."""

    def __init__(self, services: Services, engine: Engine, kind: str = KIND) -> None:
        self._services = services
        self._engine = engine
        self._kind = kind

    def violations(self, wishes: Sequence[Wish], lectures: Collection[int] | None = None) -> list[str]:
        """Everything that is wrong now; while claims are on their way that itself is what is wrong, and some of it is enough:
        thousands of marks, each asked for, would keep busy what is asked to come to rest."""
        return list(islice(self.unrest(), SOME)) or list(self.wrong(wishes, lectures))

    def everything(self, wishes: Sequence[Wish], lectures: Collection[int] | None = None) -> list[str]:
        """The same of what did not come to rest in time, and what is wrong beside it."""
        return [*self.unrest(), *self.wrong(wishes, lectures)]

    # -- nothing may be left on its way -------------------------------------------------------------------------

    def unrest(self) -> Iterator[str]:
        """What is still on its way, and must not be for long."""
        pending: Any = self._services.redis.zrange("sr:pending", 0, 4)
        if pending:
            yield f"pending in Redis: {self._services.redis.zcard('sr:pending')} claims, as {pending}"
        if self._engine.store.unfinished():  # until then nobody compares accounts, nor mends a counter
            yield "a rebuild of Redis is not finished"
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
        yield from self._stuck_marks()

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

    def _stuck_marks(self) -> Iterator[str]:
        """Each with what tells whose fault it is: how old it is, and which of its claims are not decided."""
        for path in self._marks():
            try:
                content, stat = self._services.zookeeper.get(path)
            except NoNodeError:
                continue
            ids = content.decode().replace(GIVES_UP.decode(), "").split()
            with self._services.db.transaction() as session:
                known = set(session.scalars(select(CLAIM.c.id).where(CLAIM.c.id.in_(ids))))
            age_s = (self._services.clock.epoch_ms() - stat.ctime) / 1000
            open_ones = [one for one in ids if one not in known]
            yield f"stuck mark {path} of {len(ids)} claims, {age_s:.0f} s old, not decided: {open_ones}"

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
            books = read_books(session, self._kind, lectures)
            heirs = list(self._heirs_wait(session, books))
        yield from (*books_wrong(books), *heirs)
        yield from self._redis_wrong(books)
        yield from (f"{one}" for one in self._engine.account_check.differences(self._kind))
        with self._services.db.transaction() as session:
            yield from students_wrong(session) if self._kind == SECTION else visitors_wrong(session)
        yield from told_wrong(wishes, books)

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
        for lecture_id, pools in by_offering(books.pools).items():
            fields: Any = redis.hgetall(f"sr:o:{self._kind}:{lecture_id}")
            if not fields:
                continue
            for pool in pools:
                yield from pool_wrong(lecture_id, pool, fields)
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
