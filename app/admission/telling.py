"""Effects of a change that somebody made: stored with it, applied at once after the commit, repeated by the relay if that
fails."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.outbox import Effects, News, append, finish
from app.admission.store_wire import Resize
from app.extensions.ids import Snowflakes
from app.extensions.services import Services

logger = logging.getLogger(__name__)

# Claims per outbox row: a full house must not become one packet that MariaDB refuses.
ROW_CLAIMS = 2000

Told = list[tuple[int, Effects]]


def store_effects(
    session: Session,
    ids: Snowflakes,
    offerings: Sequence[tuple[str, int]] = (),
    *,
    resizes: Sequence[Resize] = (),
    claims: Sequence[Standing] = (),
    accounts: Sequence[tuple[str, int]] = (),
    news: Sequence[News] = (),
) -> Told:
    """Write what the transaction changed to the outbox: descriptions of (kind, id), sizes, claims, accounts of (kind,
    person), and what people are to be told beside."""
    first = Effects(offerings=offerings, resizes=resizes, claims=claims[:ROW_CLAIMS], accounts=accounts, news=news)
    effects = [first]
    effects += [Effects(claims=claims[at : at + ROW_CLAIMS]) for at in range(ROW_CLAIMS, len(claims), ROW_CLAIMS)]
    return [(append(session, ids, one), one) for one in effects]


def tell(services: Services, engine: Engine, told: Iterable[tuple[int, Effects]]) -> None:
    """Apply stored effects now, so that the change is seen at once. Never raises for a server's sake."""
    done = [row_id for row_id, effects in told if engine.applier.apply(effects)]
    if not done:
        return
    try:
        with services.db.transaction() as session:
            finish(session, done, services.clock.epoch_ms())
    except SQLAlchemyError:
        logger.info("outbox rows stay open, the relay repeats them", exc_info=True)
