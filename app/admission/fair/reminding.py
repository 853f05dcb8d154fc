"""After a rebuild Redis is told of the claims that wait for their lots, so that it knows whose place is taken."""

from __future__ import annotations

from dataclasses import replace

import orjson
from sqlalchemy import select

from app.admission.claims import Claim
from app.admission.epochs import EpochFollower
from app.admission.fair.setting_aside import FAIR
from app.admission.store import SeatStore
from app.extensions.db import Database

AT_ONCE = 500


def remind(db: Database, store: SeatStore, epochs: EpochFollower) -> int:
    """Set them aside again, under their own ids and without limits; what counts stands in MariaDB. Returns how many."""
    with db.transaction() as session:
        payloads = session.scalars(select(FAIR.c.payload).where(FAIR.c.live == 1).order_by(FAIR.c.id)).all()
    claims = [_alike(Claim.from_wire(orjson.loads(one))) for one in payloads]
    for at in range(0, len(claims), AT_ONCE):
        some = claims[at : at + AT_ONCE]
        epochs.fenced(
            lambda fence, some=some: store.admit(some, fence=fence, interval_ms=0, emission_ms=0, burst=0)  # type: ignore[misc]
        )
    return len(claims)


def _alike(claim: Claim) -> Claim:
    """All as of one cart, which costs one token a call."""
    return replace(claim, cart="rebuild")
