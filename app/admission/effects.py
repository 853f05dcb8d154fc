"""Effects: what is told to the world after a commit. Each is idempotent; the outbox repeats them until they happened."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import orjson
from sqlalchemy.exc import SQLAlchemyError

from app.admission.accounts import Accounts
from app.admission.claims import Standing
from app.admission.courier import Courier
from app.admission.edits import tell_edited
from app.admission.epochs import EpochFollower
from app.admission.loader import Loader
from app.admission.outbox import Effects
from app.admission.store import EpochError, SeatStore
from app.admission.store_wire import Resize
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.redis import RedisError

logger = logging.getLogger(__name__)

EVENTS = "sr:events"
CHUNK = 500


class Applier:
    """Applies outbox effects: Redis, events, and promotions that Redis asks for."""

    def __init__(
        self,
        *,
        store: SeatStore,
        epochs: EpochFollower,
        loader: Loader,
        accounts: Accounts,
        courier: Courier,
        breakers: Breakers,
    ) -> None:
        self._store = store
        self._epochs = epochs
        self._loader = loader
        self._accounts = accounts
        self._courier = courier
        self._breakers = breakers

    def apply(self, effects: Effects) -> bool:
        """True when all of it has happened; False when Redis cannot take it now (the relay will come again)."""
        try:
            with self._breakers.guard("redis"):
                for kind, offering_id in effects.offerings:
                    self._loader.describe(kind, offering_id)
                tell_edited(self._store.redis, effects.offerings)
                self._renew(effects.accounts)
                items: list[Standing | Resize] = [*effects.resizes, *effects.claims]
                for at in range(0, len(items), CHUNK):
                    self._take(items[at : at + CHUNK])
                self._announce(effects.claims)
        except (RedisError, DependencyDownError, EpochError, SQLAlchemyError) as error:
            logger.info("effects of %d claims wait for the relay: %r", len(effects.claims), error)
            return False
        return True

    def _renew(self, accounts: Sequence[tuple[str, int]]) -> None:
        for kind in {kind for kind, _ in accounts}:
            users = [user for one, user in accounts if one == kind]
            for at in range(0, len(users), CHUNK):
                self._accounts.hand_over(kind, users[at : at + CHUNK])

    def _take(self, items: Sequence[Standing | Resize]) -> None:
        applied = self._epochs.fenced(lambda fence: self._store.apply(items, fence=fence))
        if applied.deferred:
            for kind, offering_id in applied.deferred:
                self._loader.load(kind, offering_id)
            again = [one for one in items if (one.kind, one.offering_id) in applied.deferred]
            late = self._epochs.fenced(lambda fence: self._store.apply(again, fence=fence))
            applied.promotions.extend(late.promotions)
        # Unconfirmed promotions are pending claims like any other: the sweeper publishes them again.
        self._courier.publish(applied.promotions, unmarked=True)

    def _announce(self, claims: Sequence[Standing]) -> None:
        told = [standing for standing in claims if standing.user_id]
        if told:
            self._store.redis.publish(EVENTS, orjson.dumps(told))
