"""One batch through one transaction: again on a deadlock, given back on an outage, bisected on any other error."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import gevent
import orjson
from prometheus_client import Counter as Metric
from prometheus_client import Histogram
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.admission.claims import Claim
from app.admission.engine import Engine
from app.admission.ledger import GuardError
from app.admission.outbox import finish
from app.admission.settle import Settled, settle
from app.admission.write_offs import NOT_SPOOLED, Spooled
from app.extensions.db import RETRYABLE, error_number, is_outage
from app.extensions.services import Services
from consumers.effects import EffectsDesk
from consumers.outages import OutageError

logger = logging.getLogger(__name__)

DECIDED = Metric("seatrush_claims_decided_total", "Claims decided by settle", ["state"])
BATCH = Histogram(
    "seatrush_settle_batch_claims", "Claims per settling transaction", buckets=(1, 5, 20, 50, 100, 200, 400)
)

ATTEMPTS = 8
# Whoever promotes does not wait for an account that another consumer has (it runs again instead): so there must be time
# for that consumer's transaction between the first attempt and the last.
PAUSE_S = 0.005


class SettleDesk:
    """`settle(claims)` returns what was decided and the claims no transaction would take, each with its error."""

    def __init__(self, services: Services, engine: Engine, effects: EffectsDesk) -> None:
        self._services = services
        self._engine = engine
        self._effects = effects

    def settle(
        self, claims: Sequence[Claim], spooled: Spooled = NOT_SPOOLED
    ) -> tuple[list[Settled], list[tuple[Claim, str]]]:
        """Decide all; `spooled` as settle.settle takes it. Raises OutageError when MariaDB is the trouble."""
        if not claims:
            return [], []
        BATCH.observe(len(claims))
        try:
            return [self._transaction(claims, spooled)], []
        except Exception as error:
            if isinstance(error, PoolTimeoutError) or is_outage(error):
                raise OutageError from error
            # Whatever else it is, a defect of ours included: if this process ended, the same message would come again, and end
            # it again, and no queue would move.
            return self._bisect(claims, spooled, error)

    def _bisect(
        self, claims: Sequence[Claim], spooled: Spooled, error: Exception
    ) -> tuple[list[Settled], list[tuple[Claim, str]]]:
        """One bad claim must not hold up the others."""
        if len(claims) == 1:
            logger.error("claim %s cannot be settled", claims[0].id, exc_info=error)
            return [], [(claims[0], repr(error))]
        half = len(claims) // 2
        first, second = self.settle(claims[:half], spooled), self.settle(claims[half:], spooled)
        return first[0] + second[0], first[1] + second[1]

    def _transaction(self, claims: Sequence[Claim], spooled: Spooled) -> Settled:
        """The settling transaction; a deadlock, a lock wait or a lost race runs the whole of it again."""
        for attempt in range(ATTEMPTS):
            done = self._effects.finished()
            try:
                with self._services.db.transaction() as session:
                    now = self._services.clock.epoch_ms()
                    settled = settle(session, self._engine.kinds, self._services.ids, claims, now, spooled=spooled)
                    finish(session, done, now)
            except Exception as error:
                self._effects.unfinished(done)
                if not _worth_another_go(error) or attempt == ATTEMPTS - 1:
                    raise
                gevent.sleep(PAUSE_S * 2**attempt)
                continue
            for state, number in Counter(standing.state for standing in settled.standings).items():
                DECIDED.labels(state).inc(number)
            self._services.pulse.count("decided", len(settled.standings))
            return settled
        raise AssertionError("unreachable")

    @staticmethod
    def wire(claim: Claim) -> bytes:
        """The claim as a message of its own, for the dead-letter queue."""
        return orjson.dumps([claim])


def _worth_another_go(error: Exception) -> bool:
    return isinstance(error, GuardError) or (isinstance(error, DBAPIError) and error_number(error) in RETRYABLE)
