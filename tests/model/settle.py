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
    SWAP,
    TAKING,
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
    if action == SWAP:
        return _swap(w, claim)
    if action == CANCEL:
        return _cancel(w, claim)
    promoted = _promote_first(w, w.sc.specs[claim].offering)
    anybody = any(state == CONFIRMED for _, state, _ in promoted)
    return [*promoted, _decide(w, claim, DONE if anybody else REJECTED)]


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
    at = spec.offering
    if _has_another(w, claim) or (sc.guards.account and _clash(w, claim)):
        return _decide(w, claim, REJECTED)
    if ask == SEAT and (w.taken[at] < sc.sizes[at][0] or not sc.guards.capacity_guard):
        w.taken[at] += 1
        return _decide(w, claim, CONFIRMED)
    if (ask == LINE or spec.may_wait) and w.waiting[at] < sc.sizes[at][1]:
        w.waiting[at] += 1
        return _decide(w, claim, WAITLISTED)
    return _decide(w, claim, REJECTED)


def _has_another(w: World, claim: int) -> bool:
    """Whether the user holds a seat or a place in this offering by another claim."""
    spec = w.sc.specs[claim]
    others = (
        c for c, s in enumerate(w.sc.specs)
        if c != claim and s.action in TAKING and s.user == spec.user and s.offering == spec.offering
    )  # fmt: skip
    return w.sc.guards.unique and any((d := w.dec[c]) and d[0] in ACTIVE for c in others)


def _clash(w: World, claim: int) -> bool:
    """Whether the user's account, which is locked, has a seat elsewhere, other than the one that a swap gives up."""
    if not w.sc.exclusive:
        return False
    spec = w.sc.specs[claim]
    gone = spec.target if spec.action == SWAP else -1
    return any(
        row and row[0] == CONFIRMED and one.action in TAKING and one.user == spec.user
        and one.offering != spec.offering and c != gone
        for c, (row, one) in enumerate(zip(w.dec, w.sc.specs, strict=True))
    )  # fmt: skip


def _swap(w: World, claim: int) -> list[Effect]:
    """Both or neither: a seat here for the claim that is given up there."""
    sc, spec = w.sc, w.sc.specs[claim]
    at, row = spec.offering, w.dec[spec.target]
    mine = row is None or row[0] in ACTIVE
    full = w.taken[at] >= sc.sizes[at][0] and sc.guards.capacity_guard
    refused = not mine or full or _has_another(w, claim) or (sc.guards.account and _clash(w, claim))
    if refused and (sc.guards.swap_or_neither or not mine):
        return [_decide(w, claim, REJECTED)]
    ended, promoted = _end(w, spec.target) if sc.guards.swap_both else ([], [])
    if refused:
        return [*ended, *promoted, _decide(w, claim, REJECTED)]
    w.taken[at] += 1
    return [*ended, *promoted, _decide(w, claim, CONFIRMED)]


def _cancel(w: World, claim: int) -> list[Effect]:
    target = w.sc.specs[claim].target
    row = w.dec[target]
    if row is None and w.sc.specs[target].action == SWAP and w.sc.guards.swap_undecided:
        return [_decide(w, claim, REJECTED)]  # of the direct path, which finds nothing there yet
    if row is not None and row[0] not in ACTIVE:
        return [_decide(w, claim, REJECTED)]
    ended, promoted = _end(w, target)
    return [*ended, *promoted, _decide(w, claim, DONE)]


def _end(w: World, target: int) -> tuple[list[Effect], list[Effect]]:
    """End a live claim, or one that is not decided yet; its seat goes to the first waiter."""
    row, at = w.dec[target], w.sc.specs[target].offering
    if row is None:
        return [_decide(w, target, CANCELLED) if w.sc.guards.tombstone else (target, CANCELLED, 1)], []
    if row[0] == WAITLISTED:
        w.waiting[at] -= 1
        return [_decide(w, target, CANCELLED)], []
    w.taken[at] -= 1
    freed = _decide(w, target, CANCELLED)
    return [freed], _promote_first(w, at) if w.sc.guards.hand_on else []


def _promote_first(w: World, at: int) -> list[Effect]:
    """Move the first waiter up if a seat is free; whose account does not allow it any more is passed over and expires."""
    effects: list[Effect] = []
    if w.taken[at] >= w.sc.sizes[at][0]:
        return effects
    for claim, row in enumerate(w.dec):
        if not row or row[0] != WAITLISTED or w.sc.specs[claim].offering != at:
            continue
        w.waiting[at] -= 1
        if not w.sc.guards.account_promotion or not _clash(w, claim):
            w.taken[at] += 1
            return [*effects, _decide(w, claim, CONFIRMED)]
        effects.append(_decide(w, claim, CANCELLED))
    return effects
