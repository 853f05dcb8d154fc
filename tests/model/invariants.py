"""What must hold: in every state, and in every state where the system has nothing left to do."""

from __future__ import annotations

from tests.model.settle import ViolationError
from tests.model.state import (
    ACCEPTED_BIT,
    ACTIVE,
    BOOK,
    CANCEL,
    CONFIRMED,
    DONE,
    LINE,
    OPEN,
    PENDING,
    REFUSED_BIT,
    SEAT,
    STATE_NAMES,
    WAITLISTED,
    Scenario,
    State,
    World,
)


def always(sc: Scenario, state: State) -> None:
    """Raise ViolationError if this state breaks a promise."""
    dec, taken, waiting, told = state[7], state[8], state[9], state[1]
    confirmed = sum(1 for d in dec if d and d[0] == CONFIRMED)
    if confirmed > sc.capacity or taken > sc.capacity:
        raise ViolationError(f"oversold: {confirmed} confirmed, {taken} taken of {sc.capacity}")
    if taken != confirmed or waiting != sum(1 for d in dec if d and d[0] == WAITLISTED) or waiting > sc.line:
        raise ViolationError(f"MariaDB's counters: taken {taken}, waiting {waiting}")
    users: set[int] = set()
    for claim, spec in enumerate(sc.claims):
        row, active = dec[claim], bool(dec[claim] and dec[claim][0] in ACTIVE)
        if active and spec.user in users:
            raise ViolationError(f"user {spec.user} has two active bookings")
        if active:
            users.add(spec.user)
        if row and active and told[claim][0] & REFUSED_BIT:
            raise ViolationError(f"claim {claim} was told a failure and is {STATE_NAMES[row[0]]}")
    redis = state[3]
    if redis[0] == OPEN:
        for claim, rec in enumerate(redis[3]):
            row = dec[claim]
            if rec and rec[1] > 0 and (row is None or row[1] < rec[1] or (row[1] == rec[1] and row[0] != rec[0])):
                raise ViolationError(f"Redis would tell {STATE_NAMES[rec[0]]} for claim {claim}, MariaDB holds {row}")


def quiescent(sc: Scenario, state: State) -> None:
    """Raise ViolationError if a healed system is not as it must be."""
    w = World(sc, state)
    if w.mode != OPEN:
        raise ViolationError("the gate never opens again")
    for claim, spec in enumerate(sc.specs):
        rec, row = w.recs[claim], w.dec[claim]
        if claim < len(sc.claims) and w.told[claim][0] & ACCEPTED_BIT and row is None:
            raise ViolationError(f"claim {claim} was answered 202 and is never decided")
        if rec and rec[0] == PENDING:
            raise ViolationError(f"claim {claim} stays pending in Redis")
        if spec.action == BOOK and row and row[0] in ACTIVE and (rec is None or rec[0] != row[0]):
            raise ViolationError(f"claim {claim} is {STATE_NAMES[row[0]]}, Redis holds {rec}")
        if spec.action == CANCEL and row and row[0] == DONE and (t := w.dec[spec.target]) and t[0] in ACTIVE:
            raise ViolationError(f"claim {spec.target} was cancelled by {claim} and is {STATE_NAMES[t[0]]}")
    _counters(sc, w)
    if w.marks or w.late:
        raise ViolationError("a mark is stuck")


def _counters(sc: Scenario, w: World) -> None:
    """Seats and places: Redis agrees with what its claims hold and with MariaDB, and no waiter is left behind."""
    holds = [rec[2] if rec else 0 for rec in w.recs]
    if w.seats + holds.count(SEAT) != sc.capacity or w.seats != sc.capacity - w.taken:
        raise ViolationError(
            f"Redis has {w.seats} seats left, {holds.count(SEAT)} held; MariaDB {w.taken} of {sc.capacity}"
        )
    if w.line + holds.count(LINE) != sc.line or w.line != sc.line - w.waiting:
        raise ViolationError(f"Redis has {w.line} places left in the line; MariaDB {w.waiting} of {sc.line}")
    if w.waiting and w.taken < sc.capacity:
        raise ViolationError("somebody waits while a seat is free")
