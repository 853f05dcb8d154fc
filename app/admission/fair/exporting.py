"""What everybody may check of a fair opening: its claims, their lots, and the order in which they were decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.fair.lots import ALGORITHM, lot
from app.admission.fair.setting_aside import FAIR
from app.admission.rows import CLAIM
from app.extensions.clock import to_epoch_ms


def exported(session: Session, kind: str, opening_id: int, until: int, seed: bytes) -> Mapping[str, Any]:
    """The document, once the seed may be shown. A claim's id says nothing of whose it is.

    `by_lot`: admitted before `until`, decided in the ascending order of `lot`; the others after them, as they came.
    """
    query = (
        select(FAIR.c.claim_id, FAIR.c.offering_id, FAIR.c.admitted_at, FAIR.c.position, CLAIM.c.state, CLAIM.c.reason)
        .outerjoin(CLAIM, CLAIM.c.id == FAIR.c.claim_id)
        .where(FAIR.c.kind == kind, FAIR.c.opening_id == opening_id, FAIR.c.position.is_not(None))
        .order_by(FAIR.c.position)
    )
    rows = session.execute(query).all()
    return {
        "algorithm": ALGORITHM,
        "seed": seed.hex(),
        "until": until,
        "claims": [
            {
                "position": row.position,
                "claim_id": row.claim_id,
                "offering_id": str(row.offering_id),
                "admitted_at": to_epoch_ms(row.admitted_at),
                "by_lot": to_epoch_ms(row.admitted_at) < until,
                "lot": lot(seed, row.claim_id),
                "state": row.state,
                "reason": row.reason,
            }
            for row in rows
        ],
    }
