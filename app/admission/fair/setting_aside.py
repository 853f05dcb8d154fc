"""Settle's side of a fair opening: a claim of its seconds is stored as it came, instead of being decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import orjson
from sqlalchemy import Table, select, text, update
from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.admission.fair.models import FairClaim
from app.admission.rows import CLAIM, naive_utc
from app.extensions import bulk
from app.extensions.ids import Snowflakes

FAIR: Table = FairClaim.__table__  # type: ignore[assignment]

_INSERT = bulk.insert_statement(
    "fair_claim",
    {
        "id": "BIGINT",
        "claim_id": "CHAR(36)",
        "kind": "VARCHAR(16)",
        "opening_id": "BIGINT",
        "offering_id": "BIGINT",
        "user_id": "BIGINT",
        "admitted_at": "DATETIME(6)",
        "payload": "VARCHAR(2000)",
        "live": "SMALLINT",
    },
)
_LIVE = text(
    "SELECT f.kind, f.offering_id, f.user_id, f.claim_id FROM "  # noqa: S608 - only constants
    + bulk.json_table({"kind": bulk.ASCII_16, "offering_id": "BIGINT", "user_id": "BIGINT"})
    + " AS k STRAIGHT_JOIN fair_claim AS f ON f.kind = k.kind AND f.offering_id = k.offering_id"
    " AND f.user_id = k.user_id AND f.live = 1"
)

Place = tuple[str, int, int]  # (kind, offering, person)


def set_aside(session: Session, ids: Snowflakes, claims: Sequence[tuple[int, Claim]]) -> list[Claim]:
    """Store claims, each with its opening, under the locks of their offerings. Doing it twice changes nothing.

    Returns those whose person has another lot there already: nobody has two.
    """
    known = _lots(session, {_place(claim) for _, claim in claims})
    fresh: list[tuple[int, Claim]] = []
    surplus: list[Claim] = []
    for opening, claim in sorted(claims, key=lambda one: (one[1].admitted_at, one[1].sequence, one[1].id)):
        other = known.setdefault(_place(claim), "")
        if not other:
            known[_place(claim)] = claim.id
            fresh.append((opening, claim))
        elif other != claim.id:
            surplus.append(claim)
    if fresh:
        bulk.run(session, _INSERT, [_row(ids, opening, claim) for opening, claim in fresh])
    return surplus


def _place(claim: Claim) -> Place:
    return (claim.kind, claim.offering_id, claim.user_id)


def _row(ids: Snowflakes, opening: int, claim: Claim) -> tuple[object, ...]:
    return (
        ids.next_id(), claim.id, claim.kind, opening, claim.offering_id, claim.user_id, naive_utc(claim.admitted_at),
        orjson.dumps(claim).decode(), 1,
    )  # fmt: skip


def _lots(session: Session, places: Collection[Place]) -> dict[Place, str]:
    """Whose lot waits where. One that was cancelled meanwhile is none any more."""
    found = bulk.run(session, _LIVE, sorted(places))
    rows: dict[Place, str] = {(row.kind, row.offering_id, row.user_id): row.claim_id for row in found}
    over = set(session.scalars(select(CLAIM.c.id).where(CLAIM.c.id.in_(rows.values())))) if rows else set()
    if over:
        session.connection().execute(update(FAIR).where(FAIR.c.claim_id.in_(over)).values(live=None))
    return {place: claim for place, claim in rows.items() if claim not in over}


def aside(session: Session, claim_ids: Collection[str]) -> dict[str, Standing]:
    """Claim id → pending standing, of those that wait for their lot."""
    query = select(FAIR.c.payload).where(FAIR.c.claim_id.in_(claim_ids), FAIR.c.live == 1)
    claims = [Claim.from_wire(orjson.loads(payload)) for payload in session.scalars(query)] if claim_ids else []
    return {one.id: _pending(one) for one in claims}


def _pending(claim: Claim) -> Standing:
    return Standing(
        claim.id, claim.kind, claim.offering_id, claim.user_id, claim.pool, claim.action, "pending", 0,
        admitted_at=claim.admitted_at, sequence=claim.sequence, target=claim.target,
    )  # fmt: skip
