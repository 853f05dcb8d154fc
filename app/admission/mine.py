"""A user's own claims: MariaDB's, newest first, with what Redis knows to be still pending in front."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.rows import CLAIM, standing_of
from app.admission.store import EpochError
from app.extensions.breakers import DependencyDownError
from app.extensions.clock import from_epoch_ms
from app.extensions.redis import RedisError
from app.extensions.services import Services

Cursor = tuple[int, str]  # admitted_at in ms, claim id


def claims_of(
    services: Services, engine: Engine, user_id: int, *, limit: int, before: Cursor | None, kind: str | None = None
) -> list[Standing]:
    """Up to `limit` claims (of one kind) older than `before`; pending ones only on the first page."""
    stored = _stored(services, user_id, limit=limit, before=before, kind=kind)
    pending = pending_of(engine, user_id) if before is None else []
    pending = [one for one in pending if kind in {None, one.kind}]
    known = {standing.id for standing in stored}
    found = [standing for standing in pending if standing.id not in known] + _with_positions(engine, stored)
    return sorted(found, key=lambda one: (one.admitted_at, one.id), reverse=True)[:limit]


def _stored(services: Services, user_id: int, *, limit: int, before: Cursor | None, kind: str | None) -> list[Standing]:
    query = select(CLAIM).where(CLAIM.c.user_id == user_id)
    if kind is not None:
        query = query.where(CLAIM.c.kind == kind)
    if before is not None:
        moment = from_epoch_ms(before[0])
        query = query.where(
            or_(CLAIM.c.admitted_at < moment, and_(CLAIM.c.admitted_at == moment, CLAIM.c.id < before[1]))
        )
    query = query.order_by(CLAIM.c.admitted_at.desc(), CLAIM.c.id.desc()).limit(limit)
    with services.breakers.guard("database"), services.db.reading() as session:
        return [standing_of(row) for row in session.execute(query)]


def pending_of(engine: Engine, user_id: int) -> list[Standing]:
    """The user's claims that were undecided a moment ago, as far as Redis can say."""
    try:
        return engine.epochs.fenced(lambda fence: engine.store.pending_of(user_id, fence=fence))
    except (RedisError, EpochError):
        return []


def _with_positions(engine: Engine, standings: Sequence[Standing]) -> list[Standing]:
    """Places in the line change without the row changing: ask for them."""
    found = []
    for standing in standings:
        if standing.state == "waitlisted":
            try:
                answer = engine.status.ask(standing.id).standing
            except (SQLAlchemyError, DependencyDownError):
                answer = None
            found.append(answer if answer and answer.version >= standing.version else standing)
        else:
            found.append(standing)
    return found
