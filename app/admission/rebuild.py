"""The watch over Redis, and the rebuild when its data cannot be trusted (DESIGN §3, step 8).

Lost (no epoch), old (an older epoch) and stale (the server was started again, or another one took over, so its last
writes may be missing) are one case: the model search shows that a stale Redis healed by replaying effects alone can
tell "sold out" to somebody who is confirmed (docs/model.md, flaw 2). A MariaDB lock keeps two watchers apart.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence

import orjson
from redis.exceptions import ResponseError
from sqlalchemy.exc import SQLAlchemyError

from app.admission.accounts import Accounts
from app.admission.claims import Claim
from app.admission.epochs import WORKERS_SWITCH_WITHIN_S, EpochFollower, advance, filling
from app.admission.fair.reminding import remind
from app.admission.flushing import Flushes
from app.admission.loader import Loader
from app.admission.maintenance import Keeper
from app.admission.rows import decided
from app.admission.spool import Spool
from app.admission.store import EpochError, SeatStore
from app.extensions.broker import Message, claim_queue
from app.extensions.clock import Clock
from app.extensions.db import Database
from app.extensions.named_lock import named_lock
from app.extensions.publisher import Publisher
from app.extensions.registry import host_name

logger = logging.getLogger(__name__)

# Redis' word for a primary that has fewer replicas than it must have to be written to.
NO_REPLICAS = "NOREPLICAS"
REPLICAS_WITHIN_S = 5.0
DRAIN_WITHIN_S = 120.0
TELL_EVERY_S = 5.0


class Watch:
    """`tick()` looks at Redis and puts right what it finds. Errors of the servers pass through to the caller."""

    def __init__(
        self,
        *,
        db: Database,
        store: SeatStore,
        loader: Loader,
        accounts: Accounts,
        epochs: EpochFollower,
        keeper: Keeper,
        publisher: Publisher,
        spool: Spool,
        flushes: Flushes,
        clock: Clock,
        queues: int,
    ) -> None:
        self._db = db
        self._store = store
        self._loader = loader
        self._accounts = accounts
        self._epochs = epochs
        self._keeper = keeper
        self._publisher = publisher
        self._spool = spool
        self._flushes = flushes
        self._clock = clock
        self._queues = queues
        self._installed = False

    def tick(self) -> str:
        """Returns what was found, or done: "fine", "rebuilt", or "filled" when a rebuild had failed over its last steps."""
        if not self._installed:
            self._store.install()  # a server that outlived a deployment still has the functions of before
            self._installed = True
        epoch, run = self._store.stored_fence()
        trusted = epoch and epoch >= self._epochs.learn() and run == self._store.run_id()
        if not trusted or not self._store.of_this_format() or self._store.draining():
            self.rebuild()  # draining: somebody rebuilds now, or died of it
            return "rebuilt"
        if self._store.redis.exists(filling(epoch)):
            self._fill_again(epoch)
            return "filled"
        if self._store.unfinished():
            self.rebuild()
            return "rebuilt"
        return "fine"

    def rebuild(self) -> None:
        """Build Redis anew from MariaDB under a new epoch. Raises EpochError when another one has begun meanwhile (this one's
        lock went with its connection): that one's gate is not this one's to open.

        From `begin` on, claims are recorded in Redis without a verdict; only when every claim that is not recorded
        there has been decided may an offering be loaded and Redis refuse again (docs/model.md, flaw 3).
        """
        with named_lock(self._db, "seatrush.rebuild") as mine:
            if not mine:
                return
            epoch, rate, burst = advance(self._db)
            logger.warning("rebuilding Redis under epoch %d", epoch)
            begun = time.monotonic()
            run = self._emptied(epoch)
            self._store.install()
            self._store.redis.set(filling(epoch), 1)  # before anybody can know of the epoch
            self._store.begin(epoch, run, rate=rate, burst=burst, draining=True)
            self._epochs.current = epoch
            switched = time.monotonic() + WORKERS_SWITCH_WITHIN_S
            busy = self._busiest()  # read while the workers switch
            time.sleep(max(0.0, switched - time.monotonic()))
            self._flushes.ask(epoch)
            self._drain(epoch)
            self._store.open(fence=str(epoch))
            logger.warning("everything of before epoch %d is decided: %.1f s", epoch, time.monotonic() - begun)
            self._fill(epoch, busy)

    def _emptied(self, epoch: int) -> str:
        """Empty Redis; returns its run id. A primary that was started again takes no writes until a replica is back at it,
        within a second as a rule: to come again with the next tick would cost 0.5 s more. Raises EpochError when another
        rebuild has begun meanwhile: what it has loaded must stay."""
        deadline = time.monotonic() + REPLICAS_WITHIN_S
        while True:
            run = self._store.run_id()  # first: whoever takes over from here on has not been emptied, and must not pass
            if (newest := self._epochs.learn()) > epoch:
                raise EpochError("behind", newest)
            try:
                self._store.redis.flushdb()
            except ResponseError as error:
                if not str(error).startswith(NO_REPLICAS) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return run

    def _busiest(self) -> list[tuple[str, int]]:
        """What shall be loaded before the rest. Only an order: nothing depends on it."""
        try:
            return self._loader.current_of(self._keeper.busiest())
        except SQLAlchemyError as error:
            logger.warning("nobody says what is asked for most: %r", error)
            return []

    def _fill(self, epoch: int, busy: Sequence[tuple[str, int]]) -> None:
        """What an open Redis still lacks. It refuses nobody for want of it, but fair openings and late effects wait for it:
        `sr:filling:<epoch>` stays until all of it is done, whatever fails meanwhile.
        """
        begun = time.monotonic()
        hot = self._loader.load_first(busy)  # what everybody asks for has verdicts again at once
        first = time.monotonic()
        people = self._accounts.hand_over_due()
        handed = time.monotonic()
        offerings = self._loader.load_all()
        self._store.complete(fence=str(epoch))
        loaded = time.monotonic()
        remind(self._db, self._store, self._epochs)
        claims = self._keeper.replay_recent()
        self._store.redis.delete(filling(epoch))
        logger.warning(
            "rebuilt Redis under epoch %d: %d busy offerings in %.1f s, %d accounts in %.1f s, %d more offerings in %.1f s, "
            "%d recent claims in %.1f s",
            epoch,
            hot,
            first - begun,
            people,
            handed - first,
            offerings,
            loaded - handed,
            claims,
            time.monotonic() - loaded,
        )

    def _fill_again(self, epoch: int) -> None:
        with named_lock(self._db, "seatrush.rebuild") as mine:
            if mine and self._store.redis.exists(filling(epoch)):  # else it is being done, or was
                logger.warning("the rebuild under epoch %d failed when Redis was open already: once more", epoch)
                self._fill(epoch, self._busiest())

    def _drain(self, epoch: int) -> None:
        """Wait until everything accepted before now is settled: the spools of all hosts (but those that an operator wrote
        off), then a barrier per queue.

        Nobody is refused meanwhile, MariaDB decides. Gives each of the two up after DRAIN_WITHIN_S, so that a lost spool or a
        dead consumer does not keep Redis away for ever, nor a lost spool the barriers from being waited for: the seats of
        claims that settle later are adopted, but whoever repeats such a claim may have been told "sold out" before it was
        confirmed.
        """
        self._await_spools(epoch)
        deadline = time.monotonic() + DRAIN_WITHIN_S
        barriers = dict(self._barrier(number) for number in range(self._queues))
        unsent, waiting = list(barriers.values()), set(barriers)
        while waiting and time.monotonic() < deadline:
            if unsent:
                unknown = self._publisher.publish(unsent, timeout=2.0)
                unsent = [message for message in unsent if message.message_id in unknown]
            with self._db.transaction() as session:
                waiting -= set(decided(session, list(waiting)))
            if waiting:
                time.sleep(0.1)
        if waiting:
            logger.error("claims of before the rebuild were not decided within %d s", DRAIN_WITHIN_S)

    def _await_spools(self, epoch: int) -> None:
        """Until all have been sent on, or written off: whom it waits for is said in between."""
        told_at = time.monotonic()
        deadline = told_at + DRAIN_WITHIN_S
        while time.monotonic() < deadline and (missing := self._unsent(epoch)):
            if time.monotonic() - told_at > TELL_EVERY_S:
                told_at = time.monotonic()
                logger.warning("the rebuild waits for the spools of: %s", ", ".join(sorted(missing)))
            time.sleep(0.1)

    def _unsent(self, epoch: int) -> set[str]:
        own = set() if self._spool.empty() else {host_name()}
        return own | self._flushes.missing(epoch)

    def _barrier(self, queue: int) -> tuple[str, Message]:
        """A claim on nothing, sent straight to one queue; settle rejects it, which is the sign that it got there."""
        barrier = Claim(
            id=str(uuid.uuid4()),
            kind="barrier",
            action="promote",
            user_id=0,
            offering_id=queue,
            hold="none",
            admitted_at=self._clock.epoch_ms(),
        )
        body = orjson.dumps([barrier])
        return barrier.id, Message("", claim_queue(queue), barrier.id, body)
