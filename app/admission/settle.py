"""Settle: decide a batch of claims in one transaction. MariaDB is the truth; whatever came before is an estimate.

A claim that is decided already is skipped, so redelivery, duplicates and a lost commit reply are harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.admission import write_offs
from app.admission.claims import TAKING, Claim, Standing
from app.admission.deciding import Bench
from app.admission.fair.setting_aside import aside, set_aside
from app.admission.judging import Judges
from app.admission.kinds import Kinds, Step
from app.admission.ledger import Ledger
from app.admission.outbox import Effects, append
from app.admission.promoting import Promotions
from app.extensions.ids import Snowflakes


@dataclass(frozen=True, slots=True)
class Settled:
    """What a transaction decided: the outbox row that carries the effects (None when nothing was new).

    `decided` are the claims of the batch that are decided now, also those that were before: whoever published them late
    may have marked them again.
    """

    outbox_id: int | None
    standings: list[Standing]
    decided: list[Claim]


def settle(
    session: Session,
    kinds: Kinds,
    ids: Snowflakes,
    claims: Sequence[Claim],
    now_ms: int,
    *,
    drawn: bool = False,
    spooled: write_offs.Spooled = write_offs.NOT_SPOOLED,
) -> Settled:
    """Decide every claim of the batch that is not decided yet, and write effects for the outbox.

    Claims of a fair opening are set aside until they are `drawn`: then they come in the order in which they are decided.
    `spooled`: those that came out of spools only.

    Raises ledger.GuardError and DBAPIError; the caller runs the whole transaction again or bisects.
    """
    unique = _each_once(claims)
    judges = Judges(session, kinds, sorted({claim.kind for claim in unique.values()}))
    judges.lock(list(unique.values()))
    ledger = Ledger(session, _offerings(unique.values()), judges.stepped)
    ledger.read(list(unique.values()))
    fresh = [claim for claim in unique.values() if ledger.get(claim.id) is None]
    if not fresh:
        return Settled(None, [], list(unique.values()))
    judges.read(fresh)
    bench = Bench(ledger, judges, Promotions(session, kinds, ledger, judges, now_ms), now_ms)
    fresh = bench.without_void(fresh, _void(session, spooled))
    if drawn:
        bench.decide_in_order(fresh)
    else:
        bench.decide_all(_without_fair(session, ids, ledger, judges, bench, fresh))
    settled = [claim for claim in unique.values() if ledger.get(claim.id) is not None]
    if not ledger.changed:
        return Settled(None, [], settled)
    ledger.write()
    steps = ledger.steps()
    record(session, kinds, steps)
    standings = [step.after for step in steps if step.after.kind in kinds]  # a barrier has no effects
    return Settled(append(session, ids, Effects(claims=standings)), standings, settled)


def _void(session: Session, spooled: write_offs.Spooled) -> set[str]:
    """Out of spools that were written off; not what waits for its lot since before: that is a promise of its own."""
    found = write_offs.void(session, spooled)
    return found - aside(session, found).keys() if found else found


def _each_once(claims: Sequence[Claim]) -> dict[str, Claim]:
    """By id. Of a claim that comes twice, what Redis admitted counts before what went past it, and the earlier before the
    later: a repeat must not cost anybody the place that the first try has."""
    unique: dict[str, Claim] = {}
    for claim in claims:
        known = unique.setdefault(claim.id, claim)
        if (claim.sequence == 0, claim.admitted_at) < (known.sequence == 0, known.admitted_at):
            unique[claim.id] = claim
    return unique


def _without_fair(
    session: Session, ids: Snowflakes, ledger: Ledger, judges: Judges, bench: Bench, claims: Sequence[Claim]
) -> list[Claim]:
    """Set aside what a fair opening decides by lot, one lot per person and offering; returns the other claims."""
    openings = {one.id: judges.fair_opening(one) for one in claims if one.hold == "any" and one.action in TAKING}
    lots = [(openings[one.id], one) for one in claims if openings.get(one.id) and ledger.holder(one) is None]
    if not lots:
        return list(claims)
    for claim in set_aside(session, ids, lots):
        bench.reject(claim, "already_claimed")
    gone = {claim.id for _, claim in lots}
    return [one for one in claims if one.id not in gone]


def _offerings(claims: Collection[Claim]) -> set[tuple[str, int]]:
    """Whose pools must be locked: a swap moves those of two."""
    taken = {(claim.kind, claim.offering_id) for claim in claims}
    return taken | {(claim.kind, claim.drops) for claim in claims if claim.drops}


def record(session: Session, kinds: Kinds, steps: Sequence[Step]) -> None:
    """Let each kind write its own rows for the steps of claims that take something."""
    for name, kind in kinds.items():
        own = [step for step in steps if step.after.kind == name and step.after.action in TAKING]
        if own:
            kind.record(session, own)
