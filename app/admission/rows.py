"""Claim rows to standings and back, and the reads that everything else shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, func, select, text, update
from sqlalchemy.orm import Session

from app.admission.claims import HOLDS, Standing
from app.admission.models import ClaimRow
from app.extensions import bulk
from app.extensions.clock import from_epoch_ms, to_epoch_ms
from app.extensions.db import UtcDateTime

CLAIM: Table = ClaimRow.__table__  # type: ignore[assignment]


def standing_of(row: Row[Any]) -> Standing:
    """A Standing from a row of `claim`."""
    return Standing(
        id=row.id,
        kind=row.kind,
        offering_id=row.offering_id,
        user_id=row.user_id,
        pool=row.pool,
        action=row.action,
        state=row.state,
        version=row.version,
        reason=row.reason,
        admitted_at=to_epoch_ms(row.admitted_at),
        decided_at=to_epoch_ms(row.decided_at),
        sequence=row.sequence,
        target=row.target,
    )


_COLUMNS = {
    "id": "CHAR(36)",
    "kind": "VARCHAR(16)",
    "action": "VARCHAR(8)",
    "user_id": "BIGINT",
    "offering_id": "BIGINT",
    "pool": "VARCHAR(24)",
    "state": "VARCHAR(12)",
    "active": "SMALLINT",
    "version": "INT",
    "reason": "VARCHAR(40)",
    "target": "VARCHAR(36)",
    "sequence": "BIGINT",
    "admitted_at": "DATETIME(6)",
    "decided_at": "DATETIME(6)",
}
_INSERT = bulk.insert_statement("claim", _COLUMNS)
_LIVE = text(
    f"SELECT {bulk.all_columns(CLAIM, 'c')} FROM "  # noqa: S608 - only constants
    + bulk.json_table({"kind": bulk.ASCII_16, "offering_id": "BIGINT", "user_id": "BIGINT"})
    + " AS k STRAIGHT_JOIN claim AS c ON c.kind = k.kind AND c.offering_id = k.offering_id AND c.user_id = k.user_id"
    " AND c.active = 1"
).columns(*CLAIM.c)


def insert_claims(session: Session, standings: Sequence[Standing]) -> None:
    """Insert decision rows. Raises IntegrityError when one is decided already or its user holds another."""
    bulk.run(session, _INSERT, [_values(standing) for standing in standings])


def _values(standing: Standing) -> tuple[Any, ...]:
    return (
        standing.id, standing.kind, standing.action, standing.user_id, standing.offering_id, standing.pool,
        standing.state, active_of(standing), standing.version, standing.reason, standing.target, standing.sequence,
        naive_utc(standing.admitted_at), naive_utc(standing.decided_at),
    )  # fmt: skip


def active_of(standing: Standing) -> int | None:
    """The value of the `active` column."""
    return 1 if standing.hold != "none" else None


def naive_utc(epoch_ms: int) -> datetime:
    """A DATETIME(6) value for statements that bypass the column types."""
    return from_epoch_ms(epoch_ms).replace(tzinfo=None)


def live_claims(session: Session, places: Sequence[tuple[str, int, int]]) -> list[Standing]:
    """The live claims at these (kind, offering, user), through the unique key."""
    return [standing_of(row) for row in bulk.run(session, _LIVE, places)]


def decided(session: Session, claim_ids: Sequence[str]) -> dict[str, Standing]:
    """Claim id → standing, for those that MariaDB has decided."""
    if not claim_ids:
        return {}
    rows = session.execute(select(CLAIM).where(CLAIM.c.id.in_(claim_ids)))
    return {row.id: standing_of(row) for row in rows}


def decided_with_age(session: Session, claim_ids: Sequence[str]) -> dict[str, tuple[Standing, float]]:
    """The same, and how many seconds ago each took its last step, by MariaDB's clock."""
    if not claim_ids:
        return {}
    now = func.utc_timestamp(6, type_=UtcDateTime).label("now")
    rows = session.execute(select(CLAIM, now).where(CLAIM.c.id.in_(claim_ids)))
    return {row.id: (standing_of(row), (row.now - row.update_time).total_seconds()) for row in rows}


def live_of(session: Session, kind: str, offering_ids: Collection[int]) -> dict[int, list[Standing]]:
    """Offering → every claim that holds a seat or a place in the line there."""
    found: dict[int, list[Standing]] = {}
    query = select(CLAIM).where(CLAIM.c.kind == kind, CLAIM.c.offering_id.in_(offering_ids), CLAIM.c.active == 1)
    for row in session.execute(query) if offering_ids else ():
        found.setdefault(row.offering_id, []).append(standing_of(row))
    return found


def restate(session: Session, table: Table, state: str, claim_ids: Sequence[str]) -> None:
    """Bring a kind's own rows of these claims to one state, some hundreds a statement."""
    active = 1 if HOLDS.get(state) else None
    for at in range(0, len(claim_ids), 500):
        mine = table.c.claim_id.in_(claim_ids[at : at + 500])
        session.connection().execute(update(table).where(mine).values(state=state, active=active))
