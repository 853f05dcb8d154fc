"""The Redis functions of the model: `admit` and `apply`, each one atomic step.

One record per claim (state, version, what it holds); the counters change only by the difference of what a claim holds
before and after, so that CONFIRM, RELEASE, FREE, ADOPT and TRANSFER are one operation.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.model.state import (
    ACTIVE,
    BOOK,
    CONFIRMED,
    LINE,
    LIVE,
    NONE,
    OPEN,
    PENDING,
    PROMOTE,
    REFUSED,
    SEAT,
    SWAP,
    TAKING,
    WAITLISTED,
    Effect,
    Record,
    World,
)

ACCEPTED, REFUSED_ANSWER, REPLAY, REPLAY_PENDING = "accepted", "refused", "replay", "replay pending"


def held(state: int) -> int:
    """What a settled state holds; a pending claim holds what it was admitted with."""
    return {CONFIRMED: SEAT, WAITLISTED: LINE}.get(state, NONE)


def _set(w: World, claim: int, record: Record) -> None:
    """Write a record, the counters following from what the claim held and holds."""
    old = w.recs[claim]
    before, after, at = old[2] if old else NONE, record[2] if record else NONE, w.sc.specs[claim].offering
    w.seats[at] += (before == SEAT) - (after == SEAT)
    w.line[at] += (before == LINE) - (after == LINE)
    w.recs[claim] = record


def asks_for(record: Record) -> int:
    """What a message made from this record asks for."""
    return LINE if record and record[2] == LINE else SEAT


def admit(w: World, claim: int) -> tuple[str, int]:
    """Decide at the gate. Returns (answer, what the message asks for). The gate is open."""
    spec, guards = w.sc.specs[claim], w.sc.guards
    rec = w.recs[claim]
    if rec and guards.replay_recognition and (guards.idempotent_admit or rec[0] != PENDING):
        return {REFUSED: REFUSED_ANSWER, PENDING: REPLAY_PENDING}.get(rec[0], REPLAY), asks_for(rec)
    if spec.action not in TAKING:
        if _undecided_swap(w, spec.target):
            return _refuse(w, claim)
        w.recs[claim] = (PENDING, 0, NONE)
        return ACCEPTED, SEAT
    if any(_other_live(w, claim, c) for c in range(len(w.recs))) or (guards.account_gate and _clash(w, claim)):
        return _refuse(w, claim)
    if spec.action == SWAP and not _may_give_up(w, claim):
        return _refuse(w, claim)
    return _take(w, claim)


def _take(w: World, claim: int) -> tuple[str, int]:
    """A seat where nobody waits, else a place in the line, which is nothing for a swap."""
    spec = w.sc.specs[claim]
    at = spec.offering
    waiting = any(r and r[2] == LINE and w.sc.specs[c].offering == at for c, r in enumerate(w.recs))
    if w.seats[at] > 0 and not waiting:
        w.seats[at] -= 1
        w.recs[claim] = (PENDING, 0, SEAT)
        return ACCEPTED, SEAT
    if w.line[at] > 0 and spec.may_wait and spec.action == BOOK:
        w.line[at] -= 1
        w.recs[claim] = (PENDING, 0, LINE)
        return ACCEPTED, LINE
    return _refuse(w, claim)


def _undecided_swap(w: World, target: int) -> bool:
    """What a swap takes cannot be given up before it is known whether it was taken."""
    rec = w.recs[target]
    return w.sc.guards.swap_undecided and w.sc.specs[target].action == SWAP and bool(rec and rec[0] == PENDING)


def _may_give_up(w: World, claim: int) -> bool:
    """Whether the swap's target lives, and no other claim of its user is about to end it."""
    specs, rec = w.sc.specs, w.recs[target := w.sc.specs[claim].target]
    if not rec or rec[0] not in LIVE or _undecided_swap(w, target):
        return False
    ending = (c for c, spec in enumerate(specs) if spec.target == target and c != claim)
    return not any((r := w.recs[c]) and r[0] == PENDING for c in ending)


def _clash(w: World, claim: int) -> bool:
    """Whether the user's account has a seat elsewhere, other than the one that a swap gives up."""
    if not w.sc.exclusive:
        return False
    spec = w.sc.specs[claim]
    gone = spec.target if spec.action == SWAP else -1
    return any(
        rec and rec[2] == SEAT and one.user == spec.user and one.offering != spec.offering and c != gone
        for c, (rec, one) in enumerate(zip(w.recs, w.sc.specs, strict=True))
    )


def _other_live(w: World, claim: int, other: int) -> bool:
    """Whether `other` is a live booking of the claim's user by another id."""
    specs, rec = w.sc.specs, w.recs[other]
    if other == claim and w.sc.guards.replay_recognition:
        return False
    one, mine = specs[other], specs[claim]
    return bool(
        rec and rec[0] in LIVE and one.action in TAKING and one.user == mine.user and one.offering == mine.offering
    )


def _refuse(w: World, claim: int) -> tuple[str, int]:
    if w.sc.guards.remember_refusal and w.recs[claim] is None:
        w.recs[claim] = (REFUSED, 0, NONE)
    return REFUSED_ANSWER, NONE


def apply(w: World, effects: Iterable[Effect]) -> None:
    """Bring claims to the states MariaDB gave them, then withhold what came free for whoever waits."""
    guards = w.sc.guards
    for claim, state, version in effects:
        rec = w.recs[claim]
        if rec is not None and guards.version_check and rec[1] >= version:
            continue
        if not guards.adopt and (rec is None or rec == (PENDING, 0, NONE)):
            w.recs[claim] = (state, version, NONE)
            continue
        if not guards.compare_hold and held(state) == NONE and not (rec and rec[2] == SEAT):
            w.seats[w.sc.specs[claim].offering] += 1  # the naive INCR on any failure
        _set(w, claim, (state, version, held(state)))
    if w.mode == OPEN:
        withhold(w)


def withhold(w: World) -> None:
    """While a seat is free and somebody waits: admit a promote claim that holds the seat until it is settled."""
    if not w.sc.guards.withhold:
        return
    promotes = range(len(w.sc.claims), len(w.recs))
    counted = LIVE if w.sc.withhold_for_pending else ACTIVE
    waiters = sum(1 for r in w.recs if r and r[2] == LINE and r[0] in counted)
    under_way = sum(1 for c in promotes if (r := w.recs[c]) and r[0] == PENDING)
    at = w.sc.specs[-1].offering  # the one that has a line
    while w.seats[at] > 0 and waiters > under_way:
        slot = next((c for c in promotes if w.recs[c] is None and w.dec[c] is None), None)
        if slot is None:
            raise TooSmallError(f"{w.sc.name}: more promote claims alive than slots")
        assert w.sc.specs[slot].action == PROMOTE
        w.seats[at] -= 1
        w.recs[slot] = (PENDING, 0, SEAT)
        under_way += 1


class TooSmallError(Exception):
    """The scenario needs more promote slots than it has: the search would not be exhaustive."""
