"""The consumer's transaction, atomic: a decision row, guarded counters, and the effects for the outbox."""

from __future__ import annotations

from tests.model.state import (
    ACTIVE,
    BOOK,
    CANCEL,
    CANCELLED,
    CONFIRMED,
    DONE,
    LINE,
    NONE,
    REJECTED,
    SEAT,
    WAITLISTED,
    Effect,
    World,
)


class ViolationError(Exception):
    """An invariant is broken; the message says which."""


def settle(w: World, claim: int, ask: int) -> list[Effect]:
    """Decide one message. Returns the effects (none when the claim was decided before)."""
    if w.dec[claim] is not None and w.sc.guards.dedupe:
        return []
    if ask == NONE:  # from a spool that was written off: decided, but never for a seat
        return [_decide(w, claim, REJECTED)]
    action = w.sc.specs[claim].action
    if action == BOOK:
        return [_book(w, claim, ask)]
    if action == CANCEL:
        return _cancel(w, claim)
    promoted = _promote_first(w)
    return [*promoted, _decide(w, claim, DONE if promoted else REJECTED)]


def _decide(w: World, claim: int, state: int) -> Effect:
    """Write or move a decision row; a final state never moves."""
    old = w.dec[claim]
    if old is not None:
        allowed = {WAITLISTED: (CONFIRMED, CANCELLED), CONFIRMED: (CANCELLED,)}.get(old[0], ())
        if state not in allowed:
            raise ViolationError(f"claim {claim} decided twice")
    version = old[1] + 1 if old else 1
    w.dec[claim] = (state, version)
    return (claim, state, version)


def _book(w: World, claim: int, ask: int) -> Effect:
    sc, spec = w.sc, w.sc.specs[claim]
    others = (c for c, s in enumerate(sc.specs) if c != claim and s.action == BOOK and s.user == spec.user)
    if sc.guards.unique and any((d := w.dec[c]) and d[0] in ACTIVE for c in others):
        return _decide(w, claim, REJECTED)
    if ask == SEAT and (w.taken < sc.capacity or not sc.guards.capacity_guard):
        w.taken += 1
        return _decide(w, claim, CONFIRMED)
    if (ask == LINE or spec.may_wait) and w.waiting < sc.line:
        w.waiting += 1
        return _decide(w, claim, WAITLISTED)
    return _decide(w, claim, REJECTED)


def _cancel(w: World, claim: int) -> list[Effect]:
    target = w.sc.specs[claim].target
    row = w.dec[target]
    if row is None:
        tombstone = _decide(w, target, CANCELLED) if w.sc.guards.tombstone else (target, CANCELLED, 1)
        return [tombstone, _decide(w, claim, DONE)]
    if row[0] == WAITLISTED:
        w.waiting -= 1
        return [_decide(w, target, CANCELLED), _decide(w, claim, DONE)]
    if row[0] == CONFIRMED:
        w.taken -= 1
        freed = _decide(w, target, CANCELLED)
        promoted = _promote_first(w) if w.sc.guards.hand_on else []
        return [freed, *promoted, _decide(w, claim, DONE)]
    return [_decide(w, claim, REJECTED)]


def _promote_first(w: World) -> list[Effect]:
    """Move the first waiter up if a seat is free."""
    if w.taken >= w.sc.capacity:
        return []
    for claim, row in enumerate(w.dec):
        if row and row[0] == WAITLISTED:
            w.waiting -= 1
            w.taken += 1
            return [_decide(w, claim, CONFIRMED)]
    return []
