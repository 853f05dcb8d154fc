"""Claims that are taken away: all on an offering that is called off, or all of one person who leaves; in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.admission.judging import Judges
from app.admission.kinds import Kinds, Step
from app.admission.ledger import GuardError, Ledger, PoolKey, stepped
from app.admission.models import ClaimRow, SeatPool
from app.admission.promoting import Promotions
from app.admission.rows import live_of, standing_of
from app.admission.settle import record
from app.extensions.clock import from_epoch_ms

CLAIM: Table = ClaimRow.__table__  # type: ignore[assignment]
POOL: Table = SeatPool.__table__  # type: ignore[assignment]


def revoke_all(
    session: Session, kinds: Kinds, kind: str, offering_id: int, *, reason: str, now_ms: int
) -> list[Standing]:
    """Cancel every claim that holds a seat or a place in the line, under the offering's locks; returns them.

    Locks as settle does: the accounts of those who hold something, then the offering's pools. Those who wait come first:
    when Redis applies them in this order no freed seat meets a line that it would be withheld for. Claims still on their
    way are refused by the kind's rules when they settle. Raises GuardError, DBAPIError.
    """
    live = _lock_live(session, kinds, kind, offering_id)
    if not live:
        return []
    _cancel_claims(session, live, reason, now_ms)
    for key, held in _held(live).items():
        _give_back(session, key, held)
    steps = [Step(one.state, stepped(one, "cancelled", now_ms, reason)) for one in live]
    record(session, kinds, steps)
    return [step.after for step in steps]


def _lock_live(session: Session, kinds: Kinds, kind: str, offering_id: int) -> list[Standing]:
    """What is live there, with its persons' accounts and then the pools locked: nobody else changes these claims now."""
    judges = Judges(session, kinds, [kind])
    before = _live_on(session, kind, offering_id)
    judges.lock([_end_of(one) for one in before])
    Ledger(session, [(kind, offering_id)])
    live = _live_on(session, kind, offering_id)
    known = {one.user_id for one in before}
    # Who came in between: their accounts may be somebody's who waits for these pools, so they are not waited for.
    judges.lock([_end_of(one) for one in live if one.user_id not in known], wait=False)
    return live


def _live_on(session: Session, kind: str, offering_id: int) -> list[Standing]:
    here = live_of(session, kind, [offering_id]).get(offering_id, ())
    return sorted(here, key=lambda one: (one.hold == "seat", one.id))


def _cancel_claims(session: Session, live: Sequence[Standing], reason: str, now_ms: int) -> None:
    """One statement for all: a full hall of thousands, one by one, would outlast the request."""
    same = (CLAIM.c.kind == live[0].kind, CLAIM.c.offering_id == live[0].offering_id, CLAIM.c.active == 1)
    values = {"state": "cancelled", "active": None, "reason": reason, "decided_at": from_epoch_ms(now_ms)}
    result = session.connection().execute(update(CLAIM).where(*same).values(version=CLAIM.c.version + 1, **values))
    if result.rowcount != len(live):
        raise GuardError(f"{result.rowcount} claims were cancelled, {len(live)} were read")


def _held(live: Sequence[Standing]) -> dict[PoolKey, Counter[str]]:
    """Pool → how many seats and places its claims hold."""
    found: dict[PoolKey, Counter[str]] = {}
    for one in live:
        found.setdefault((one.kind, one.offering_id, one.pool), Counter())[one.hold] += 1
    return found


def _give_back(session: Session, key: PoolKey, held: Counter[str]) -> None:
    result = session.connection().execute(
        update(POOL)
        .where(POOL.c.kind == key[0], POOL.c.offering_id == key[1], POOL.c.pool == key[2])
        .values(taken=POOL.c.taken - held["seat"], waiting=POOL.c.waiting - held["line"])
    )
    if result.rowcount != 1:
        raise GuardError(f"no pool {key}")


def revoke_of(session: Session, kinds: Kinds, user_id: int, *, reason: str, now_ms: int) -> list[Standing]:
    """Cancel every claim of one person that holds a seat or a place in a line, and hand freed seats to those who wait.

    Locks as settle does: the person's accounts, then the pools. Claims still on their way are the kinds' to refuse.
    Returns every claim that changed. Raises GuardError.
    """
    wanted = [_end_of(one) for one in _live_of_user(session, user_id)]
    if not wanted:
        return []
    judges = Judges(session, kinds, sorted({one.kind for one in wanted}))
    judges.lock(wanted)
    ledger = Ledger(session, {(one.kind, one.offering_id) for one in wanted}, judges.stepped)
    ledger.read(wanted)
    judges.read(wanted)
    promotions = Promotions(session, kinds, ledger, judges, now_ms)
    for one in wanted:
        held = ledger.holder(one)
        if held is not None:
            ledger.put(stepped(held, "cancelled", now_ms, reason))
            if held.hold == "seat":
                promotions.first((held.kind, held.offering_id, held.pool))
    ledger.write()
    steps = ledger.steps()
    record(session, kinds, steps)
    return [step.after for step in steps]


def live_by_kind(session: Session, user_id: int) -> dict[str, int]:
    """Kind → how many live claims the person has."""
    return dict(Counter(one.kind for one in _live_of_user(session, user_id)))


def _live_of_user(session: Session, user_id: int) -> list[Standing]:
    query = select(CLAIM).where(CLAIM.c.user_id == user_id, CLAIM.c.active == 1)
    return [standing_of(row) for row in session.execute(query.order_by(CLAIM.c.kind, CLAIM.c.offering_id))]


def _end_of(live: Standing) -> Claim:
    """As if its holder had asked for its end: what locks and reads are told of. It is never stored."""
    return Claim(
        id=live.id, kind=live.kind, action="cancel", user_id=live.user_id, offering_id=live.offering_id, hold="none"
    )
