"""The outbox: what a transaction must make happen elsewhere, stored with it and repeated until it has happened."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, Table, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.models import OutboxRow
from app.admission.store_wire import Resize
from app.extensions.clock import from_epoch_ms
from app.extensions.ids import Snowflakes
from app.extensions.records import record

logger = logging.getLogger(__name__)

OUTBOX: Table = OutboxRow.__table__  # type: ignore[assignment]


@record
class News:
    """What some people are to be told about an offering, and no step of a claim says; `code` as app.notices has it."""

    code: str
    kind: str
    offering_id: int
    people: Sequence[int]


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything one transaction changed: offerings to (re)describe, pool sizes, claims, and the persons (kind, user id)
    whose accounts are not what they were. Idempotent as a whole. `news` are for the notices alone."""

    claims: Sequence[Standing] = ()
    resizes: Sequence[Resize] = ()
    offerings: Sequence[tuple[str, int]] = field(default=())
    accounts: Sequence[tuple[str, int]] = field(default=())
    news: Sequence[News] = ()

    def to_bytes(self) -> bytes:
        return orjson.dumps(
            {
                "claims": self.claims,
                "resizes": self.resizes,
                "offerings": list(self.offerings),
                "accounts": list(self.accounts),
                "news": list(self.news),
            }
        )

    @classmethod
    def from_bytes(cls, payload: bytes) -> Effects:
        data = orjson.loads(payload)
        return cls(
            claims=[Standing(**one) for one in data["claims"]],
            resizes=[Resize(**one) for one in data["resizes"]],
            offerings=[(kind, offering_id) for kind, offering_id in data["offerings"]],
            # Rows of an older release have none of these.
            accounts=[(kind, user_id) for kind, user_id in data.get("accounts", ())],
            news=[News(**one) for one in data.get("news", ())],
        )


def append(session: Session, ids: Snowflakes, effects: Effects) -> int:
    """Store effects with the transaction that causes them; returns the row's id."""
    row_id = ids.next_id()
    session.execute(insert(OUTBOX), [{"id": row_id, "payload": effects.to_bytes()}])
    return row_id


def unfinished(session: Session, *, before_ms: int, limit: int = 200) -> list[tuple[int, Effects]]:
    """Rows nobody has finished and that are older than `before_ms`, oldest first; but those that cannot be read."""
    query = (
        select(OUTBOX.c.id, OUTBOX.c.payload)
        .where(OUTBOX.c.done_at.is_(None), OUTBOX.c.create_time < from_epoch_ms(before_ms))
        .order_by(OUTBOX.c.create_time)
        .limit(limit)
    )
    return _readable(session, query)


def since(session: Session, *, after_ms: int) -> list[tuple[int, Effects]]:
    """Every row written after `after_ms`, done or not, but those that cannot be read: what a Redis that came back stale may
    have forgotten."""
    query = (
        select(OUTBOX.c.id, OUTBOX.c.payload)
        .where(OUTBOX.c.create_time >= from_epoch_ms(after_ms))
        .order_by(OUTBOX.c.create_time)
    )
    return _readable(session, query)


def _readable(session: Session, query: Select[tuple[int, bytes]]) -> list[tuple[int, Effects]]:
    rows = ((row.id, read(row.id, row.payload)) for row in session.execute(query))
    return [(row_id, effects) for row_id, effects in rows if effects is not None]


def read(row_id: int, payload: bytes) -> Effects | None:
    """What a row says; None for one that is damaged, or of another release: no other row must wait for it. It stays as it is,
    so that it can be mended."""
    try:
        return Effects.from_bytes(payload)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        logger.error("outbox row %d cannot be read: %r", row_id, error)
        return None


def in_flight(session: Session) -> bool:
    """True while effects have not happened everywhere yet."""
    return session.scalar(select(OUTBOX.c.id).where(OUTBOX.c.done_at.is_(None)).limit(1)) is not None


# A row that has not happened for so long cannot be applied at all; everybody has been told by MariaDB since.
GIVEN_UP_S = 600.0


def late(session: Session, *, seconds: float) -> bool:
    """True while effects have not happened that were written longer ago than that, by MariaDB's clock."""
    query = select(OUTBOX.c.id).where(
        OUTBOX.c.done_at.is_(None), OUTBOX.c.create_time.between(_ago(GIVEN_UP_S), _ago(seconds))
    )
    return session.scalar(query.limit(1)) is not None


def _ago(seconds: float) -> Any:
    return func.timestampadd(text("MICROSECOND"), -int(seconds * 1e6), func.utc_timestamp(6))


def written(session: Session, *, after: datetime) -> int:
    """How many rows were written after a moment of MariaDB's clock, which dates them, done or not: the same number twice means
    that nothing came between."""
    query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.create_time >= after)
    return session.scalar(query) or 0


def finish(session: Session, row_ids: Sequence[int], now_ms: int) -> None:
    """Mark rows as applied. They stay for a while: see `since`."""
    if row_ids:
        session.execute(update(OUTBOX).where(OUTBOX.c.id.in_(row_ids)).values(done_at=from_epoch_ms(now_ms)))


def purge(session: Session, *, before_ms: int, limit: int = 5000) -> int:
    """Delete finished rows older than `before_ms`; returns how many."""
    statement = (
        delete(OUTBOX).where(OUTBOX.c.done_at.is_not(None), OUTBOX.c.create_time < from_epoch_ms(before_ms))
    ).with_dialect_options(mysql_limit=limit)
    return session.connection().execute(statement).rowcount
