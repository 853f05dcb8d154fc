"""An offering is called off: every live claim on it ends in one transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.admission.kinds import Kinds
from app.admission.ledger import Ledger, stepped
from app.admission.rows import live_of
from app.admission.settle import record

CHUNK = 1000


def revoke_all(
    session: Session, kinds: Kinds, kind: str, offering_id: int, *, reason: str, now_ms: int
) -> list[Standing]:
    """Cancel every claim that holds a seat or a place in the line, under the offering's locks; returns them.

    Those who wait come first: when Redis applies them in this order no freed seat meets a line that it would be
    withheld for. Claims still on their way are refused by the kind's rules when they settle. Raises GuardError.
    """
    ledger = Ledger(session, [(kind, offering_id)])
    live = sorted(live_of(session, kind, offering_id), key=lambda one: (one.hold == "seat", one.id))
    for at in range(0, len(live), CHUNK):
        # The ledger steps only from what it has read itself.
        ledger.read([_cancelling(standing) for standing in live[at : at + CHUNK]])
    for standing in live:
        ledger.put(stepped(standing, "cancelled", now_ms, reason))
    ledger.write()
    steps = ledger.steps()
    record(session, kinds, steps)
    return [step.after for step in steps]


def _cancelling(standing: Standing) -> Claim:
    return Claim(
        id=standing.id,
        kind=standing.kind,
        action="cancel",
        user_id=standing.user_id,
        offering_id=standing.offering_id,
        hold="none",
    )
