"""Effects right after the commit, beside the next settle. What does not work here is left to the outbox relay."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from gevent.queue import Empty, Queue
from sqlalchemy.exc import SQLAlchemyError

from app.admission.engine import Engine
from app.admission.marks import place_of
from app.admission.outbox import Effects, finish
from app.admission.settle import Settled
from app.extensions.services import Services

logger = logging.getLogger(__name__)

FLUSH_AFTER_S = 0.5


class EffectsDesk:
    """A greenlet applies; finished outbox rows are marked by the next settling transaction, or when it is quiet."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._queue: Queue[tuple[Settled, Collection[str]]] = Queue()
        self._finished: list[int] = []

    def take(self, settled: Iterable[Settled], unmarked: Collection[str] = ()) -> None:
        """Queue what was decided. `unmarked`: the ids of claims that have no mark."""
        for one in settled:
            if one.decided:
                self._queue.put((one, unmarked))

    def finished(self) -> list[int]:
        """Take the ids of outbox rows whose effects have happened; give them back with `unfinished` on a rollback."""
        done, self._finished = self._finished, []
        return done

    def unfinished(self, row_ids: list[int]) -> None:
        """The transaction that would have marked these was rolled back."""
        self._finished += row_ids

    def run(self) -> None:
        """Apply for ever, several queued results in one step."""
        while True:
            try:
                first = self._queue.get(timeout=FLUSH_AFTER_S)
            except Empty:
                self.flush()
                continue
            batch = [first]
            while not self._queue.empty() and len(batch) < 8:
                batch.append(self._queue.get())
            try:
                self._apply(batch)
            except Exception:
                # Whatever it was, the outbox has it and the relay comes again; this greenlet must live.
                logger.exception("effects of %d transactions are left to the relay", len(batch))

    def _apply(self, batch: list[tuple[Settled, Collection[str]]]) -> None:
        self._engine.faults.hit("before_effects")
        claims = [standing for settled, _ in batch for standing in settled.standings]
        if self._engine.applier.apply(Effects(claims=claims)):
            self._finished += [settled.outbox_id for settled, _ in batch if settled.outbox_id is not None]
        # Only here: a mark is a hint, and one that stays is cleared later. If the relay took marks away too, most would
        # be gone already, and it would do the most when ZooKeeper can bear it least. Nor is one looked for that was not made
        # in time: a single one that is missing fails the multi, and each by itself was a third of what settle spent in a rush.
        marked = (one for settled, unmarked in batch for one in settled.decided if one.id not in unmarked)
        self._engine.marks.delete(sorted({place_of(claim) for claim in marked}))

    def flush(self) -> None:
        """Mark finished rows when no settling transaction came along to do it."""
        done = self.finished()
        if not done:
            return
        try:
            with self._services.db.transaction() as session:
                finish(session, done, self._services.clock.epoch_ms())
        except SQLAlchemyError:
            logger.info("outbox rows stay open, the relay repeats them", exc_info=True)
