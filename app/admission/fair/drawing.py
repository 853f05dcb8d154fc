"""A pass of the watch: when the seconds of a fair opening are over, its claims are decided, by lot."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.admission.claims import Claim
from app.admission.effects import Applier
from app.admission.fair.lots import by_lot
from app.admission.fair.setting_aside import FAIR
from app.admission.kinds import FairOpening, Kind, Kinds
from app.admission.outbox import Effects, finish
from app.admission.rows import CLAIM
from app.admission.settle import Settled, settle
from app.extensions import bulk
from app.extensions.clock import Clock, to_epoch_ms
from app.extensions.db import Database
from app.extensions.ids import Snowflakes
from app.extensions.named_lock import named_lock
from app.extensions.redis import RedisClient

logger = logging.getLogger(__name__)

AT_ONCE = 200
# How long the draw waits for claims that were answered in time and are still on their way.
PATIENCE_MS = 120_000
LOOK_AT = 1000

_DECIDED = text(
    "UPDATE fair_claim AS f JOIN "  # noqa: S608 - only constants
    + bulk.json_table({"claim_id": "CHAR(36) CHARACTER SET ascii COLLATE ascii_bin", "position": "INT"})
    + " AS d ON f.claim_id = d.claim_id SET f.live = NULL, f.position = d.position"
)


class Draws:
    """`make()` draws every opening that is due. One process at a time; a half-finished draw goes on where it stopped."""

    def __init__(
        self, *, db: Database, redis: RedisClient, kinds: Kinds, ids: Snowflakes, applier: Applier, clock: Clock
    ) -> None:
        self._db = db
        self._redis = redis
        self._kinds = kinds
        self._ids = ids
        self._applier = applier
        self._clock = clock

    def make(self) -> int:
        """Returns how many claims were decided."""
        due = self._due()
        if not due:
            return 0
        with named_lock(self._db, "seatrush.draw") as mine:
            return sum(self._draw(kind, one) for kind, one in due if mine and self._ready(one))

    def _due(self) -> list[tuple[Kind, FairOpening]]:
        """Whose seconds are over; one that was drawn comes again when claims of it have been late."""
        now = self._clock.epoch_ms()
        with self._db.transaction() as session:
            late = session.execute(select(FAIR.c.kind, FAIR.c.opening_id).where(FAIR.c.live == 1).distinct()).all()
            found = [
                (kind, one)
                for name, kind in self._kinds.items()
                for one in kind.fair_openings(session, [row[1] for row in late if row[0] == name])
            ]
        return [(kind, one) for kind, one in found if one.until <= now and not one.paused]

    def _ready(self, opening: FairOpening) -> bool:
        return opening.until + PATIENCE_MS < self._clock.epoch_ms() or self._all_stored()

    def _all_stored(self) -> bool:
        """Every claim that Redis has set aside is in MariaDB too, so that the lots are complete."""
        some: list[str] = []
        for member in self._redis.sscan_iter("sr:aside", count=LOOK_AT):
            some.append(member.decode())
            if len(some) >= LOOK_AT and not self._stored(some):
                return False
            some = some if len(some) < LOOK_AT else []
        return not some or self._stored(some)

    def _stored(self, claim_ids: Sequence[str]) -> bool:
        with self._db.transaction() as session:
            known = set(session.scalars(select(FAIR.c.claim_id).where(FAIR.c.claim_id.in_(claim_ids))))
            known |= set(session.scalars(select(CLAIM.c.id).where(CLAIM.c.id.in_(claim_ids))))
        if known:
            self._redis.srem("sr:aside", *known)
        return len(known) == len(set(claim_ids))

    def _draw(self, kind: Kind, opening: FairOpening) -> int:
        """Those of the first seconds by lot, then whoever came before the draw was over, as they came."""
        drawn = 0
        while True:
            with self._db.transaction() as session:
                order, begin = _order(session, kind.name, opening)
                if not order:
                    kind.drawn(session, opening.id, self._clock.epoch_ms())
                    return drawn
            logger.warning("drawing %d claims of opening %d", len(order), opening.id)
            for at in range(0, len(order), AT_ONCE):
                self._decide(order[at : at + AT_ONCE], begin + at)
            drawn += len(order)

    def _decide(self, claim_ids: Sequence[str], first: int) -> None:
        settled = self._db.retrying(lambda session: self._settle(session, claim_ids, first))
        if self._applier.apply(Effects(claims=settled.standings)) and settled.outbox_id is not None:
            with self._db.transaction() as session:
                finish(session, [settled.outbox_id], self._clock.epoch_ms())

    def _settle(self, session: Session, claim_ids: Sequence[str], first: int) -> Settled:
        rows = session.execute(select(FAIR.c.claim_id, FAIR.c.payload).where(FAIR.c.claim_id.in_(claim_ids)))
        found = {row[0]: Claim.from_wire(orjson.loads(row[1])) for row in rows}
        claims = [found[one] for one in claim_ids]
        settled = settle(session, self._kinds, self._ids, claims, self._clock.epoch_ms(), drawn=True)
        bulk.run(session, _DECIDED, [(one, first + at) for at, one in enumerate(claim_ids)])
        return settled


def _order(session: Session, kind: str, opening: FairOpening) -> tuple[list[str], int]:
    """The claims that wait, in the order of decision, and the position of the first."""
    of_opening = (FAIR.c.kind == kind, FAIR.c.opening_id == opening.id)
    query = select(FAIR.c.claim_id, FAIR.c.admitted_at).where(*of_opening, FAIR.c.live == 1)
    waiting = session.execute(query.order_by(FAIR.c.admitted_at, FAIR.c.id)).all()
    fair = [row[0] for row in waiting if to_epoch_ms(row[1]) < opening.until]
    late = [row[0] for row in waiting if to_epoch_ms(row[1]) >= opening.until]
    last = session.scalar(select(func.max(FAIR.c.position)).where(*of_opening))
    return [*by_lot(opening.seed, fair), *late], 0 if last is None else last + 1
