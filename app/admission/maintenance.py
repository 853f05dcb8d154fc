"""What keeps the promise without anybody watching: relay, sweep, stale marks, purge. Each is one bounded pass."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from app.admission.claims import Standing
from app.admission.courier import Courier
from app.admission.effects import Applier
from app.admission.epochs import EpochFollower
from app.admission.fair.setting_aside import aside
from app.admission.marks import Marks
from app.admission.outbox import Effects, finish, purge, since, unfinished
from app.admission.rows import decided
from app.admission.store import SeatStore
from app.extensions.clock import Clock
from app.extensions.db import Database

logger = logging.getLogger(__name__)

# Effects that are late under load are not lost: doing them twice then would make the load worse.
RELAY_AGE_MS = 4_000
SWEEP_AGE_MS = 3_000
MARK_AGE_MS = 15_000
KEEP_OUTBOX_MS = 15 * 60_000
BUSY_MS = 60_000
SWEEP_BATCH = 500
SWEEP_PAGES = 20


class Keeper:
    """The passes. Safe to run in several processes: everything they do is idempotent."""

    def __init__(
        self,
        *,
        db: Database,
        store: SeatStore,
        epochs: EpochFollower,
        applier: Applier,
        courier: Courier,
        marks: Marks,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._epochs = epochs
        self._applier = applier
        self._courier = courier
        self._marks = marks
        self._clock = clock
        self._rounds = _Rounds(store)

    def relay(self) -> int:
        """Apply outbox rows that nobody has finished. Returns how many were finished."""
        now = self._clock.epoch_ms()
        with self._db.transaction() as session:
            rows = unfinished(session, before_ms=now - RELAY_AGE_MS)
        done: list[int] = []
        for row_id, effects in rows:
            try:
                if not self._applier.apply(effects):
                    break
            except Exception:
                logger.exception("outbox row %d cannot be applied; the others must not wait for it", row_id)
                continue
            done.append(row_id)
        if done:
            with self._db.transaction() as session:
                finish(session, done, now)
        return len(done)

    def busiest(self) -> list[tuple[str, int]]:
        """(kind, id) of the offerings whose claims were decided in the last minute, those with the most of them first."""
        with self._db.transaction() as session:
            rows = since(session, after_ms=self._clock.epoch_ms() - BUSY_MS)
        found = Counter((one.kind, one.offering_id) for _, effects in rows for one in effects.claims)
        return [offering for offering, _ in found.most_common()]

    def replay_recent(self) -> int:
        """After a loss of Redis: tell it where every claim of the last minutes stands now. Returns how many.

        Only the newest step of each: an older one would bring a booking back to life that has ended since, and its end
        would take the student's next booking with it.
        """
        with self._db.transaction() as session:
            rows = since(session, after_ms=self._clock.epoch_ms() - KEEP_OUTBOX_MS)
        newest: dict[str, Standing] = {}
        for standing in (standing for _, effects in rows for standing in effects.claims):
            known = newest.get(standing.id)
            if known is None or known.version < standing.version:
                newest[standing.id] = standing
        standings = list(newest.values())
        for at in range(0, len(standings), SWEEP_BATCH):
            self._applier.apply(Effects(claims=standings[at : at + SWEEP_BATCH]))
        return len(standings)

    def sweep(self) -> int:
        """Look after pending claims past their age: decided → effect again, undecided → publish again.

        One pass looks after some hundred claims and goes on where the last one stopped: claims that cannot progress
        (they back off) never keep the others waiting. Returns how many were looked after.
        """
        now, done = self._clock.epoch_ms(), 0
        for _ in range(SWEEP_PAGES):
            ids, last = self._rounds.page(now - SWEEP_AGE_MS)
            due = [claim_id for claim_id in ids if self._rounds.due(claim_id, now)]
            self._look_after(due)
            done += len(due)
            if last or done >= SWEEP_BATCH:
                break
        return done

    def _look_after(self, due: list[str]) -> None:
        if not due:
            return
        with self._db.transaction() as session:
            known = decided(session, due)
            waiting = aside(session, due)
        if known:
            self._applier.apply(Effects(claims=list(known.values())))
        pending = self._epochs.fenced(lambda fence: self._store.pending_claims(due, fence=fence))
        self._courier.publish([claim for claim in pending if claim.id not in known and claim.id not in waiting])

    def clear_marks(self) -> int:
        """Delete marks whose claims are decided. Returns how many."""
        old = self._marks.older_than(MARK_AGE_MS, self._clock.epoch_ms())
        with self._db.transaction() as session:
            asked = sorted({claim_id for _, ids in old for claim_id in ids})
            chunks = [asked[at : at + SWEEP_BATCH] for at in range(0, len(asked), SWEEP_BATCH)]
            known = {claim_id for chunk in chunks for claim_id in decided(session, chunk)}
        stale = [place for place, ids in old if ids <= known]
        self._marks.delete(stale)
        return len(stale)

    def purge(self) -> int:
        """Forget finished outbox rows nobody can need any more."""
        with self._db.transaction() as session:
            return purge(session, before_ms=self._clock.epoch_ms() - KEEP_OUTBOX_MS)


class _Rounds:
    """Round after round over the pending claims, oldest first, a page at a time; remembers how often each was due."""

    def __init__(self, store: SeatStore) -> None:
        self._store = store
        self._rank = 0
        self._tries: dict[str, tuple[int, int]] = {}  # claim → (how often, not before)
        self._met: set[str] = set()

    def page(self, before_ms: int) -> tuple[list[str], bool]:
        """The next claims that were admitted before then, and whether they end the round.

        By rank: claims that are decided meanwhile move the others down, so that a round may miss some; the next
        one begins with the oldest again.
        """
        found: Any = self._store.redis.zrange(
            "sr:pending", self._rank, self._rank + SWEEP_BATCH - 1, withscores=True, score_cast_func=float
        )
        ids = [claim_id.decode() for claim_id, admitted_at in found if admitted_at <= before_ms]
        self._met.update(ids)
        last = len(ids) < SWEEP_BATCH
        self._rank = 0 if last else self._rank + SWEEP_BATCH
        if last:
            self._tries = {claim_id: known for claim_id, known in self._tries.items() if claim_id in self._met}
            self._met = set()
        return ids, last

    def due(self, claim_id: str, now: int) -> bool:
        """Back off per claim, 3 s doubling to 2 min: a queue that is merely long must not be fed twice a second."""
        tries, next_at = self._tries.get(claim_id, (0, 0))
        if now < next_at:
            return False
        self._tries[claim_id] = (tries + 1, now + min(120_000, SWEEP_AGE_MS * 2**tries))
        return True
