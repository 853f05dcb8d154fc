"""Claim rows to standings and back, and the reads that everything else shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.models import ClaimRow
from app.extensions.clock import from_epoch_ms, to_epoch_ms

CLAIM = ClaimRow.__table__


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


def values_of(standing: Standing) -> dict[str, Any]:
    """Column values of `claim` for a standing."""
    return {
        "id": standing.id,
        "kind": standing.kind,
        "action": standing.action,
        "user_id": standing.user_id,
        "offering_id": standing.offering_id,
        "pool": standing.pool,
        "state": standing.state,
        "active": 1 if standing.hold != "none" else None,
        "version": standing.version,
        "reason": standing.reason,
        "target": standing.target,
        "sequence": standing.sequence,
        "admitted_at": from_epoch_ms(standing.admitted_at),
        "decided_at": from_epoch_ms(standing.decided_at),
    }


def decided(session: Session, claim_ids: Sequence[str]) -> dict[str, Standing]:
    """Claim id → standing, for those that MariaDB has decided."""
    if not claim_ids:
        return {}
    rows = session.execute(select(CLAIM).where(CLAIM.c.id.in_(claim_ids)))
    return {row.id: standing_of(row) for row in rows}


def live_of(session: Session, kind: str, offering_id: int) -> list[Standing]:
    """Every claim of an offering that holds a seat or a place in the line."""
    query = select(CLAIM).where(CLAIM.c.kind == kind, CLAIM.c.offering_id == offering_id, CLAIM.c.active == 1)
    return [standing_of(row) for row in session.execute(query)]
